#pragma once

#include "io/log.hpp"
#include "mcp/message.hpp"
#include "util/background_program.hpp"
#include "util/clock.hpp"
#include "util/interrupt.hpp"
#include "util/result.hpp"

#include <chrono>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace jit::mcp {

/// Who says yes before access is started or extended.
enum class Confirm {
    askpass, ///< the person, by the program in JIT_ASKPASS or SSH_ASKPASS
    elicit,  ///< the person, by the client
    none,
};

struct Options {
    std::vector<std::string>
        allowed; ///< entitlements that may be activated, extended and ended; none: read only
    std::int64_t max_minutes = 30; ///< of each entitlement in this session, extends included
    Confirm confirm = Confirm::askpass;
    std::chrono::seconds end_timeout{30}; ///< how long to try to end access
};

/// A server of the Model Context Protocol on standard input and output. Each call of a tool runs this program
/// again, as a command of its own (`jit activate …`), so that all of its promises hold for a tool as well.
/// One call runs at a time; the others wait for their turn.
class Session {
public:
    /// `program`: this program and the options that every command gets. All arguments outlive the object.
    Session(const Options& options, std::vector<std::string> program, io::Log& log, Interrupt& interrupt,
            Clock& clock)
        : options_(options), program_(std::move(program)), log_(log), interrupt_(interrupt), clock_(clock) {}

    /// Serves until the input ends, the client is gone, or a signal comes. Then ends the access that this
    /// session started. An error if some of it may still be active.
    [[nodiscard]] Result<void> run();

private:
    /// What a call does at the moment.
    enum class Step {
        resolve_allowed, ///< which connections --allow names
        resolve,         ///< which connection the call names
        elicit,          ///< the client asks its user
        work,            ///< the command itself
        end_cancelled,   ///< the access that a cancelled call may have started is ended
    };

    struct Call {
        Message message;
        Step step = Step::work;
        std::string connection = {}; ///< its ID, once resolved
        std::string name = {};       ///< of the entitlement
        std::int64_t reserved = 0;   ///< minutes that it takes of the limit
        bool was_started = false;    ///< access to it was started by this session before
        bool cancelled = false;
        std::string elicitation = {}; ///< ID of the question, as JSON
        BootTime began = {};
        std::chrono::seconds reported{0}; ///< time of the last progress notification
    };

    void wait();
    void read_input();
    void write_output();
    void send(const std::string& text);
    void handle(std::string_view line);
    void handle_request(Message message);
    void handle_notification(const Message& message);
    void handle_response(const Message& message);
    void add_call(Message message);
    void begin_next();
    void start_program(std::vector<std::string> words);
    void program_ended();
    void take_allowed();
    void take_connection();
    void check_and_ask();
    void work();
    void finish_work();
    void report_progress();
    void give_up_question();
    void fail(ErrorKind kind, const std::string& message, const std::string& hint = "");
    void finish(const std::string& headline, const std::string& object, bool is_error);
    void cancel(Call& call);
    [[nodiscard]] std::string error_object() const;
    [[nodiscard]] Result<void> end_access();

    const Options& options_;
    std::vector<std::string> program_;
    io::Log& log_;
    Interrupt& interrupt_;
    Clock& clock_;
    std::string input_;     ///< of a line that has not ended
    bool skipping_ = false; ///< the line is too long, and its rest is not read
    std::string output_;    ///< to be written
    bool input_ended_ = false;
    bool client_gone_ = false;
    bool initialized_ = false;
    bool can_elicit_ = false;
    int questions_ = 0; ///< elicitations that were sent
    std::deque<Call> waiting_;
    std::optional<Call> call_; ///< the one that runs
    std::unique_ptr<BackgroundProgram> running_;
    std::map<std::string, std::string> allowed_;  ///< connection IDs and names, once resolved
    std::map<std::string, std::int64_t> minutes_; ///< that were requested, by connection ID
    std::map<std::string, std::string> started_;  ///< access to end: connection IDs and names
};

} // namespace jit::mcp
