#pragma once

#include "http/transport.hpp"
#include "support/fakes.hpp"
#include "util/interrupt.hpp"

#include <array>
#include <csignal>
#include <cstdint>
#include <limits>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace jit::test {

/// The same draws for the same seed, on every machine.
class Draws {
public:
    explicit Draws(std::uint64_t seed) : engine_(seed) {}

    /// From 0 to `count - 1`.
    [[nodiscard]] std::size_t below(std::size_t count) { return engine_() % count; }
    [[nodiscard]] bool chance(double probability) { return unit() < probability; }
    [[nodiscard]] double unit() { return static_cast<double>(engine_() >> 11U) * 0x1p-53; }
    [[nodiscard]] std::chrono::milliseconds up_to(int milliseconds) {
        return std::chrono::milliseconds(1 + below(static_cast<std::size_t>(milliseconds)));
    }

private:
    std::mt19937_64 engine_;
};

/// A clock that passes when somebody sleeps by it, and raises an interrupt at each of some times.
class ModelClock final : public Clock {
public:
    explicit ModelClock(Interrupt& interrupt) : interrupt_(interrupt) {}

    [[nodiscard]] TimePoint now() const override { return now_; }
    [[nodiscard]] BootTime boot_time() const override { return BootTime(now_.time_since_epoch()); }
    [[nodiscard]] MonotonicTime monotonic_time() const override {
        return MonotonicTime(now_.time_since_epoch());
    }
    [[nodiscard]] bool sleep(std::chrono::milliseconds duration) override {
        return interrupt_.signal() == 0 && advance(now_ + duration);
    }

    /// Lets the time pass up to then. False where an interrupt came first.
    bool advance(TimePoint to);

    std::deque<TimePoint> interrupts; ///< to come, in order

    /// Whether one has come.
    [[nodiscard]] bool was_interrupted() const { return interrupted_; }

private:
    Interrupt& interrupt_;
    bool interrupted_ = false;
    TimePoint now_ = *parse_rfc3339("2026-11-24T12:00:00Z");
};

/// How a model service behaves.
struct Temper {
    double faults = 0;                ///< how many requests come to grief, of 1
    std::chrono::milliseconds lag{0}; ///< how far the lists are behind, at most
    bool frozen = false; ///< the lists never learn of anything from now on: they lag without bound
    std::chrono::milliseconds skew{0}; ///< how far its clock is ahead
    bool guarded =
        true;          ///< refuses to activate what is active, as the API does; else it is active twice then
    bool late = false; ///< may carry out an activate long after its answer was lost
};

/// A tenant that has as many connections as are asked for, and of which requests and answers get lost.
class ModelService final : public http::Transport {
public:
    enum class Act { activate, extend, deactivate };

    /// What became of a connection.
    struct Access {
        struct Event {
            TimePoint at;
            Act act;
        };
        std::vector<Event> events = {};
        std::array<int, 3> applied = {}; ///< since `forget`
        std::array<int, 3> lost = {};    ///< requests that nobody can know the fate of, by their answer
        bool cut_off = false;            ///< an activate was given up by the client while it was under way
    };

    ModelService(ModelClock& clock, Interrupt& interrupt, Draws& draws)
        : clock_(clock), interrupt_(interrupt), draws_(draws) {}

    static std::string id_of(std::size_t connection);
    [[nodiscard]] Access& access(std::size_t connection);
    [[nodiscard]] bool is_running(std::size_t connection) {
        return is_running(access(connection), TimePoint::max());
    }

    void behave(Temper temper) {
        temper_ = temper;
        known_ = clock_.now();
    }

    /// Whether it was carried out again sooner than `gap` after the time before.
    [[nodiscard]] bool was_repeated_within(std::size_t connection, Act act, std::chrono::seconds gap);

    /// It is active from now on, by nobody's request.
    void activate(std::size_t connection) {
        access(connection).events.push_back({clock_.now(), Act::activate});
    }

    /// Counts begin anew.
    void forget();

    /// Lets all that is under way come to its end.
    void finish() { carry_out_until(TimePoint::max()); }

    bool only_ends_after_interrupt = false; ///< what may be sent then; else nothing
    std::vector<std::string> violations;    ///< what no client may do, and was done
    std::string trace;

private:
    enum class Resolution {
        good,
        not_sent,
        lost_before, ///< before it was carried out
        lost_after,
        lost_late, ///< carried out long afterwards
        fault_before,
        fault_after,
        limited,
        limited_for, ///< with a Retry-After
        unauthorized,
        forbidden,
        bad_request,
        alien_before, ///< an answer that is not the API's
        alien_after,
    };

    struct Job {
        Ticket ticket;
        http::Request request;
        Resolution fate;
        TimePoint sent;
        TimePoint carried_out;
        TimePoint answered;
        bool done = false; ///< was carried out
        http::Outcome result = http::Failure{};
        std::optional<TimePoint> quiet_until = {};
    };

    void do_begin(Ticket ticket, http::Request request) override;
    std::optional<Answer> do_wait(std::optional<std::chrono::milliseconds> at_most) override;
    http::Outcome do_abandon(Ticket ticket) override;

    [[nodiscard]] Resolution draw_fate(const http::Request& request);
    void judge_moment(const http::Request& request);
    void carry_out_until(TimePoint time);
    void run_batch(Job& job);
    [[nodiscard]] http::Response respond(const Job& job);
    [[nodiscard]] http::Response operate(const Job& job, Act act);
    [[nodiscard]] http::Response list(const std::string& url, TimePoint at);
    [[nodiscard]] http::Response with_date(http::Response response, TimePoint at) const;
    [[nodiscard]] static bool is_running(const Access& access, TimePoint at);
    [[nodiscard]] std::string history_entry(std::size_t connection, TimePoint at);
    [[nodiscard]] std::string connection_entry(std::size_t connection, TimePoint at);
    [[nodiscard]] TimePoint known_at(TimePoint time);
    [[nodiscard]] std::string time_text(TimePoint time) const { return format_rfc3339(time + temper_.skew); }
    void note(const std::string& line);

    ModelClock& clock_;
    Interrupt& interrupt_;
    Draws& draws_;
    Temper temper_;
    std::vector<Access> accesses_;
    std::vector<Job> jobs_; ///< that the client waits for
    std::vector<Job> cast_; ///< that it does not wait for any more, and are still under way
    TimePoint quiet_until_ = TimePoint::min(); ///< when the client was told that it may send again
    TimePoint known_ = TimePoint::min();       ///< what the lists know of; never less than once before
    std::size_t tokens_ = 0;
};

} // namespace jit::test
