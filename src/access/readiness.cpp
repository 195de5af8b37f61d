#include "access/readiness.hpp"

#include "access/progress.hpp"
#include "access/variables.hpp"
#include "util/child.hpp"
#include "util/duration.hpp"
#include "util/text.hpp"

#include <algorithm>
#include <list>
#include <utility>

namespace jit::access {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

// Growing, since each try may be a failed sign-in that counts towards a lock of the account.
constexpr milliseconds k_first_pause{2000};
constexpr milliseconds k_longest_pause{30000};

const std::vector<std::string>& command_of(const ReadinessOptions& options, const Target& target) {
    return options.command.empty() ? target.ready : options.command;
}

/// The last line that is not blank.
std::string last_line(std::string_view output) {
    const std::string_view text = trim(output);
    const std::size_t newline = text.rfind('\n');
    return std::string(trim(newline == std::string_view::npos ? text : text.substr(newline + 1)));
}

/// Tries the command of one target.
class Probe {
public:
    Probe(Context& context, const ReadinessOptions& options, TargetResult& result, MonotonicTime began)
        : context_(context), options_(options), result_(result), command_(command_of(options, result.target)),
          began_(began), next_(began) {}

    [[nodiscard]] bool is_over() const { return result_.ready.has_value(); }
    [[nodiscard]] MonotonicTime next() const { return next_; }
    [[nodiscard]] std::string progress() const {
        return concat({result_.target.title(), ": active, waiting until it works"});
    }

    /// Runs the command once, for at most `left`.
    void try_once(milliseconds left) {
        constexpr std::size_t k_kept_output = 4096;
        ++tries_;
        const milliseconds limit = std::min<milliseconds>(left, options_.try_timeout);
        const auto end = run_program({command_,
                                      {limit, k_kept_output},
                                      Terminal::taken,
                                      Captured::last,
                                      config::credential_variables(),
                                      variables_of(context_.console(), {result_})},
                                     context_.interrupt());
        if (!end) {
            last_ = end.error().message;
        } else {
            take(*end, limit);
        }
        pause_ = tries_ == 1 ? k_first_pause : std::min(pause_ * 2, k_longest_pause);
        next_ = context_.clock().monotonic_time() + pause_;
    }

    [[nodiscard]] bool has_expired() const {
        const auto expires = end_of(result_);
        return expires && *expires <= context_.service_now();
    }

    /// Access does not work in time.
    void give_up() {
        const auto expires = end_of(result_);
        const TimePoint now = context_.service_now();
        const bool ended = expires && *expires <= now;
        const bool goes_on = !ended && !(options_.ends_access && result_.request);
        std::string rest;
        if (ended) {
            rest = "; its access has ended meanwhile";
        } else if (goes_on && expires) {
            rest = concat({"; its access goes on for ", duration_words(*expires - now)});
        }
        fail(ErrorKind::wait_timeout, concat({" is active, but does not work after ",
                                              duration_words(context_.clock().monotonic_time() - began_),
                                              ": \"", command_.front(), "\" ", last_, rest}));
        constexpr std::string_view k_longer = "to try longer: --ready-timeout";
        result_.error->hint =
            goes_on
                ? concat({"to end it: jit deactivate -e ", result_.target.connection.str(), "; ", k_longer})
                : std::string(k_longer);
    }

    void interrupted() {
        fail(ErrorKind::interrupted, " is active, and jit was interrupted before the access worked");
    }

private:
    void take(const ChildEnd& end, milliseconds limit) {
        const std::string_view output = end.output.reveal();
        context_.log().info(concat({"\"", command_.front(), "\", try ", std::to_string(tries_), ": ",
                                    output.empty() ? "no output" : trim(output)}));
        switch (end.kind) {
        case ChildEnd::Kind::exited:
            if (end.number == 0) {
                result_.ready = true;
                result_.ready_after = std::chrono::floor<seconds>(context_.clock().monotonic_time() - began_);
                return;
            }
            last_ = concat({"ended with code ", std::to_string(end.number)});
            break;
        case ChildEnd::Kind::killed:
            last_ = concat({"was ended by signal ", std::to_string(end.number)});
            break;
        default:
            last_ = concat({"had not ended after ", duration_words(limit)});
        }
        constexpr int k_longest = 200;
        if (const std::string line = last_line(output); !line.empty()) {
            last_ += concat({" (", shorten(context_.console().safe(line), k_longest), ")"});
        }
    }

    void fail(ErrorKind kind, std::string_view what) {
        result_.ready = false;
        result_.error = Error{kind, concat({result_.target.title(), what})};
    }

    Context& context_;
    const ReadinessOptions& options_;
    TargetResult& result_;
    const std::vector<std::string>& command_;
    MonotonicTime began_;
    MonotonicTime next_; ///< when to try again
    milliseconds pause_ = k_first_pause;
    int tries_ = 0;
    std::string last_ = "was not run"; ///< what became of the last try
};

} // namespace

void wait_until_ready(Context& context, const ReadinessOptions& options, std::vector<TargetResult>& results) {
    const MonotonicTime began = context.clock().monotonic_time();
    const Deadline deadline(context.clock(), options.timeout);
    std::list<Probe> open;
    for (TargetResult& result : results) {
        if (!result.error && !command_of(options, result.target).empty()) {
            open.emplace_back(context, options, result, began);
        }
    }
    while (!open.empty()) {
        const auto first = std::min_element(
            open.begin(), open.end(), [](const Probe& a, const Probe& b) { return a.next() < b.next(); });
        const milliseconds pause =
            std::min(first->next() - context.clock().monotonic_time(), deadline.left());
        if (pause.count() > 0) {
            (void)sleep_visibly(context, pause, first->progress(), began);
        }
        if (context.interrupted() || deadline.is_over()) {
            for (Probe& probe : open) {
                context.interrupted() ? probe.interrupted() : probe.give_up();
            }
            return;
        }
        if (first->has_expired()) {
            first->give_up();
        } else {
            context.console().progress(first->progress(), first->progress());
            first->try_once(deadline.left());
        }
        if (first->is_over()) {
            open.erase(first);
        }
    }
    context.console().end_progress();
}

} // namespace jit::access
