#include "access/release.hpp"

#include "access/batch.hpp"
#include "util/duration.hpp"
#include "util/text.hpp"

#include <algorithm>

namespace jit::access {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

class Releaser {
public:
    Releaser(Context& context, const RequestOptions& options, std::vector<Grant>& all, milliseconds patience)
        : context_(context), options_(options), all_(all), end_(context.clock(), patience) {}

    Result<void> release() {
        constexpr milliseconds k_longest = seconds(4);
        for (milliseconds pause(500);; pause = std::min(k_longest, pause * 2)) {
            for (Grant& held : all_) {
                if (!held.ended && !given_up_) {
                    held.ended = try_once(held);
                }
            }
            if (left() == 0) {
                return {};
            }
            const milliseconds time = end_.left();
            if (given_up_ || hopeless() || time.count() == 0) {
                return what_is_left();
            }
            if (!warned_) {
                warned_ = true;
                context_.log().warn(
                    concat({"access has not ended yet: ", problem_.message, "; trying on for ",
                            duration_words(time), ", Ctrl-C twice gives up"}));
            }
            (void)context_.clock().sleep(std::min(pause, time));
            take_note();
        }
    }

private:
    [[nodiscard]] std::int64_t left() const {
        return std::count_if(all_.begin(), all_.end(), [](const Grant& held) { return !held.ended; });
    }

    /// Whether another try would fail for the same reason.
    [[nodiscard]] bool hopeless() const {
        return problem_.kind == ErrorKind::forbidden || problem_.kind == ErrorKind::unauthenticated ||
               problem_.kind == ErrorKind::usage || problem_.kind == ErrorKind::not_provisioned;
    }

    /// Whether the wait that has ended was ended by somebody who gives up.
    void take_note() {
        given_up_ = context_.interrupt().given_up();
        context_.interrupt().clear();
    }

    /// True once it has ended.
    bool try_once(Grant& held) {
        TargetResult result{held.target};
        result.request = request_for(options_, held.target, sailpoint::Operation::deactivate, 0);
        result.started = held.started;
        // Time for a second try, and for the others.
        const milliseconds share = end_.left() / (2 * left());
        context_.interrupt().set_deadline(std::max<milliseconds>(share, seconds(1)));
        run_batch(context_, result);
        context_.interrupt().set_deadline(milliseconds(0));
        take_note();
        if (!result.error) {
            if (held.usable && !held.lost && !result.was_active) {
                context_.log().warn(
                    concat({"access to ", held.target.title(),
                            " had ended before: its time was over, or somebody has ended it"}));
            }
            return true;
        }
        problem_ = *std::move(result.error);
        held.lost = held.lost || problem_.uncertain;
        if (problem_.kind == ErrorKind::interrupted && !given_up_) {
            problem_.message = concat(
                {"deactivate of ", held.target.title(),
                 problem_.uncertain ? " was sent, but not answered in time" : " could not be sent in time"});
            problem_.kind = problem_.uncertain ? ErrorKind::unknown_outcome : ErrorKind::unreachable;
        }
        return false;
    }

    Error what_is_left() {
        std::vector<std::string> titles;
        std::string command = "end it yourself: jit deactivate";
        std::optional<TimePoint> expires;
        bool known = true;
        for (const Grant& held : all_) {
            if (!held.ended) {
                titles.push_back(held.target.title());
                command += concat({" -e ", held.target.connection.str()});
                known = known && held.expires;
                expires = std::max(expires, held.expires);
            }
        }
        Error error = problem_;
        error.message =
            concat({"ACCESS TO ", join(titles), " WAS NOT ENDED: ",
                    given_up_ ? concat({"given up", problem_.message.empty() ? "" : ": ", problem_.message})
                              : problem_.message});
        error.hint = known && expires
                         ? concat({command, "\nit ends by itself at ", context_.time_words(*expires)})
                         : command;
        if (given_up_) {
            error.kind = ErrorKind::interrupted;
        }
        return error;
    }

    Context& context_;
    const RequestOptions& options_;
    std::vector<Grant>& all_;
    Deadline end_;
    Error problem_{ErrorKind::internal, ""};
    bool given_up_ = false;
    bool warned_ = false;
};

} // namespace

Result<void> release(Context& context, const RequestOptions& options, std::vector<Grant>& all,
                     seconds patience) {
    context.interrupt().ignore_first();
    return Releaser(context, options, all, patience).release();
}

} // namespace jit::access
