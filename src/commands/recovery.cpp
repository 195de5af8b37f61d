#include "commands/recovery.hpp"

#include "app/access.hpp"
#include "app/known_access.hpp"
#include "base/text.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

namespace jit::commands {
namespace {

using sailpoint::Operation;
using std::chrono::milliseconds;

app::Expected expected_of(app::Context& context, const Lost& lost) {
    app::Expected expected{lost.outcome->request->operation};
    expected.since = context.service_now() - (context.clock().boot_time() - lost.asked);
    if (expected.operation == Operation::extend) {
        expected.expires = lost.outcome->ends;
    }
    return expected;
}

bool shows_that_it_was_done(const app::Access& access, const app::Expected& expected) {
    switch (expected.operation) {
    case Operation::activate:
        return app::shows(access, expected);
    case Operation::extend:
        return expected.expires && access.expires && app::shows(access, expected);
    case Operation::deactivate:
        return !sailpoint::is_running(access.phase) && app::shows(access, expected);
    }
    return false;
}

/// The answer that would have come, as far as the state tells it.
sailpoint::Acceptance acceptance_of(const Outcome& outcome) {
    const app::Access& seen = *outcome.seen;
    sailpoint::Acceptance answer{"{}"};
    answer.activation_id = seen.activation_id;
    answer.connection_id = outcome.target.connection.str();
    answer.status = seen.status;
    answer.by_state = true;
    if (outcome.request->operation == Operation::activate) {
        answer.minutes = std::to_string(outcome.request->minutes);
        answer.start_time = seen.activated ? format_rfc3339(*seen.activated) : "";
    }
    return answer;
}

/// Takes a look. True where nothing is left to look for.
bool take(app::Context& context, Lost& lost, Result<std::optional<app::Access>> access) {
    Outcome& outcome = *lost.outcome;
    if (!access) {
        const Error& error = access.error();
        constexpr std::string_view k_begin = "its state cannot be read: ";
        constexpr std::string_view k_end = "; nothing was changed"; // by the look, not by what was lost
        std::string_view why = error.message;
        why.remove_suffix(why.ends_with(k_end) ? k_end.size() : 0);
        lost.unreadable = cat({why.starts_with(k_begin) ? "" : k_begin, why});
        lost.fate = Lost::Fate::unknown;
        return error.code != ExitCode::server && error.code != ExitCode::unreachable &&
               error.code != ExitCode::rate_limited;
    }
    lost.unreadable.clear();
    lost.fate = Lost::Fate::not_carried_out;
    const app::Expected expected = expected_of(context, lost);
    if (*access && expected.operation == Operation::extend) {
        outcome.seen = **access;
    }
    if (!*access || !shows_that_it_was_done(**access, expected)) {
        // Without the end before it, no look at an extend tells more than the first.
        return expected.operation == Operation::extend && !expected.expires;
    }
    lost.fate = Lost::Fate::carried_out;
    outcome.seen = **access;
    if (expected.operation != Operation::extend) {
        outcome.answer = acceptance_of(outcome);
        outcome.error.reset();
        context.log().warn(
            cat({"the answer to ", sailpoint::operation_name(expected.operation), " of ",
                 outcome.target.title(), " was lost; its state shows that it was carried out"}));
    }
    return true;
}

} // namespace

void find_out(app::Context& context, std::vector<Lost>& lost) {
    std::vector<app::AccessReader> readers;
    readers.reserve(lost.size());
    for (const Lost& one : lost) {
        // Only the connections tell when access ends.
        readers.emplace_back(context, one.outcome->target,
                             one.outcome->request->operation == Operation::extend
                                 ? app::AccessReader::Source::connections
                                 : app::AccessReader::Source::history,
                             true);
    }
    std::vector<std::size_t> open(lost.size());
    for (std::size_t i = 0; i < open.size(); ++i) {
        open[i] = i;
    }
    app::AccessLooker looker(context);
    // Only a look that begins when the lists can lag no more tells that something was not carried out.
    const BootTime end = context.clock().boot_time() + app::k_lag;
    for (milliseconds pause(500); !open.empty() && !context.interrupted(); pause *= 2) {
        const BootTime began = context.clock().boot_time();
        context.log().info(
            cat({"looking at the state of ", std::to_string(open.size()),
                 open.size() == 1 ? " target" : " targets", ", to find out whether it was carried out"}));
        if (context.shows_progress()) {
            constexpr std::string_view k_doing = "the answer was lost; looking at the state";
            context.console().progress(k_doing, k_doing);
        }
        std::vector<app::AccessReader*> asked;
        asked.reserve(open.size());
        for (const std::size_t i : open) {
            asked.push_back(&readers[i]);
        }
        auto looks = looker.read(asked);
        std::vector<std::size_t> left;
        for (std::size_t i = 0; i < open.size(); ++i) {
            if (!take(context, lost[open[i]], std::move(looks[i]))) {
                left.push_back(open[i]);
            }
        }
        open = std::move(left);
        if (open.empty() || began >= end ||
            !context.clock().sleep(
                std::clamp<milliseconds>(end - context.clock().boot_time(), milliseconds(0), pause))) {
            break;
        }
    }
    context.console().end_progress();
    if (context.interrupted()) {
        for (const std::size_t i : open) {
            lost[i].fate = Lost::Fate::unknown; // it was not looked at for long enough
        }
    }
}

} // namespace jit::commands
