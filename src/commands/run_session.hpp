#pragma once

#include "access/context.hpp"
#include "access/lease.hpp"
#include "access/release.hpp"
#include "commands/ensure.hpp"
#include "commands/expiry_warner.hpp"
#include "io/title.hpp"
#include "util/clock.hpp"
#include "util/foreground.hpp"
#include "util/result.hpp"

#include <chrono>
#include <list>
#include <optional>
#include <string>
#include <vector>

namespace jit::commands {

struct RunOptions {
    EnsureOptions access;
    bool keep_alive = false;
    std::optional<std::chrono::seconds> max_total = {};
    bool terminate = false; ///< the program when access expires
    bool leave = false;
    bool keep_credentials = false;
    std::chrono::seconds end_timeout{30};
    WarnOptions warn;

    /// How long access may last in all; empty: as long as its minutes do.
    [[nodiscard]] std::optional<std::chrono::seconds> total() const;
};

/// What this run started, or may have: what it found active belongs to somebody else.
[[nodiscard]] std::vector<access::Grant> started_here(const std::vector<access::TargetResult>& results);

/// Access while a program runs: follows it, extends it, warns before its end, and ends what was started here.
class RunSession {
public:
    /// `results` and `options` outlive the session.
    RunSession(access::Context& context, const RunOptions& options,
               const std::vector<access::TargetResult>& results);

    /// Runs the program to its end, and looks after the access meanwhile. Its exit code.
    [[nodiscard]] Result<int> run_program(const std::string& file, const std::vector<std::string>& words,
                                          const std::vector<std::string>& environment);

    /// Ends what was started, unless it is over.
    [[nodiscard]] Result<void> end();

    [[nodiscard]] bool has_started() const { return !started_.empty(); }

    /// Says on a terminal until when access is usable.
    void tell_beginning();
    /// Says on a terminal what is left on, and why.
    void tell_left_on();

private:
    struct Followed {
        access::Lease lease;
        const access::TargetResult* result;
    };

    // These do what is due. How long there is nothing to do.
    std::chrono::milliseconds follow(Foreground& program);
    std::chrono::milliseconds warn_of_end(const Followed& followed);
    void end_late(const std::string& why);
    /// Ends what was started once --max-total is over.
    void end_at_total(Foreground& program);
    void access_is_over(Foreground& program);
    [[nodiscard]] bool is_started(const access::Lease& lease) const;
    void tell_over(const access::Lease& lease);
    void tell(const std::string& text);

    access::Context& context_;
    const RunOptions& options_;
    std::list<Followed> followed_;
    std::vector<access::Grant> started_;
    ExpiryWarner warner_;
    std::optional<io::TerminalTitle> title_;
    std::string program_;                ///< what it is called
    std::optional<TimePoint> total_end_; ///< of --max-total, by the service's clock
    std::optional<Deadline> kill_at_;    ///< of the program that --on-expiry ends
    bool terminated_ = false;
};

} // namespace jit::commands
