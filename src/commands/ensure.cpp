#include "commands/ensure.hpp"

#include "app/access.hpp"
#include "app/known_access.hpp"
#include "base/duration.hpp"
#include "base/text.hpp"
#include "commands/arguments.hpp"
#include "commands/operation.hpp"

#include <array>
#include <limits>
#include <memory>

namespace jit::commands {
namespace {

using sailpoint::Operation;
using sailpoint::Phase;

/// How the access of one target stands, as the list of connections shows it; `again`: now, not when it was
/// looked up.
Result<app::Access> look(app::Context& context, app::Target& target, bool again) {
    if (again) {
        std::string entitlement_id = target.entry ? target.entry->entitlement_id : "";
        JIT_TRY(target.entry, app::read_entry(context, target.connection, entitlement_id));
    }
    std::vector<app::Target> one{target};
    if (auto settled = app::settle(context, one); !settled) {
        return std::move(settled).error();
    }
    target.entry = std::move(one.front().entry);
    if (!target.entry) {
        return Error{
            ExitCode::refused,
            cat({"none of your JIT connections has the ID ", target.connection.str(), "; nothing was sent"}),
            "jit list shows what there is"};
    }
    return app::access_of(*target.entry, context.service_now());
}

/// Looks again, three times within seconds, since the list may lag. True once it shows access that is on or
/// under way, or, for `running` false, one that is not.
Result<bool> turns_out(app::Context& context, app::Target& target, bool running) {
    constexpr std::array<std::chrono::milliseconds, 3> k_pauses = {
        {std::chrono::milliseconds(1000), std::chrono::milliseconds(2000), std::chrono::milliseconds(3000)}};
    std::string entitlement_id = target.entry->entitlement_id;
    for (const std::chrono::milliseconds pause : k_pauses) {
        if (!context.clock().sleep(pause)) {
            return Error{ExitCode::interrupted,
                         "interrupted while looking at the state; nothing was changed"};
        }
        JIT_TRY(auto entry, app::read_entry(context, target.connection, entitlement_id));
        if (entry) {
            const Phase phase = sailpoint::phase_of(*entry, context.service_now());
            target.entry = *std::move(entry);
            if (sailpoint::is_running(phase) == running) {
                return true;
            }
        }
    }
    return false;
}

/// What has to be done for a target, if anything: the operation and its minutes.
struct Plan {
    std::optional<Operation> operation = {};
    std::int32_t minutes = 0;
};

/// `enough` is the end from which on nothing has to be done, `wanted` the one to have otherwise.
Plan plan_for(const app::Access& access, std::int32_t minutes, TimePoint enough, TimePoint wanted) {
    if (access.phase != Phase::active) {
        return {Operation::activate, minutes};
    }
    if (!access.expires || *access.expires >= enough) {
        return {};
    }
    const auto missing = whole_minutes(wanted - *access.expires).count();
    return missing <= 0 ? Plan{} : Plan{Operation::extend, static_cast<std::int32_t>(missing)};
}

class Ensurer {
public:
    Ensurer(app::Context& context, const EnsureOptions& options) : context_(context), options_(options) {
        patience_.timeout = options.operation.waiting.timeout;
        patience_.first = app::AccessReader::Source::connections; // the list that the next look will be at
    }

    /// Brings one target to where it is to be; with a dry run, only plans.
    void ensure(Outcome& outcome) {
        // Once more where the state changed between the look and the request: it ended, it was started
        // elsewhere.
        for (int round = 0; round < k_rounds; ++round) {
            outcome.error.reset();
            outcome.request.reset();
            outcome.answer.reset();
            if (!once(outcome, round)) {
                return;
            }
        }
    }

private:
    static constexpr int k_rounds = 3;

    /// True where it has to be tried again.
    bool once(Outcome& outcome, int round) {
        const bool may_repeat = round + 1 < k_rounds;
        app::Target& target = outcome.target;
        auto access = look(context_, target, round > 0);
        if (!access) {
            outcome.error = std::move(access).error();
            return false;
        }
        outcome.seen = *access;
        const bool dry = options_.operation.dry_run;
        const bool on_its_way = access->phase == Phase::pending || access->phase == Phase::waiting;
        if (on_its_way) {
            return !dry && wait_for({Operation::activate, {}, access->activated, {}, false}, outcome) &&
                   may_repeat;
        }
        if (!dry && access->phase == Phase::ending) {
            // The service takes no new activation before the old one is gone.
            if (!wait_for({Operation::deactivate, {}, access->activated, {}, false}, outcome)) {
                return false;
            }
            if (!may_repeat) {
                outcome.error = Error{ExitCode::not_provisioned,
                                      cat({target.title(), " has ended meanwhile"}), "run it again"};
            }
            return may_repeat;
        }
        auto minutes = minutes_for(context_, options_.operation.length, target);
        if (!minutes) {
            outcome.error = std::move(minutes).error();
            return false;
        }
        const TimePoint now = context_.service_now();
        TimePoint wanted = now + std::chrono::minutes(*minutes);
        TimePoint enough = now + std::chrono::minutes(options_.min_remaining);
        if (auto until = read_until(options_.operation.length, context_.now()); until && *until) {
            wanted = **until + (now - context_.now());
            // Whoever names the end wants to have it, unless told what else is enough.
            enough = options_.min_remaining == 0 ? wanted : enough;
        }
        const Plan plan = plan_for(*access, *minutes, enough, wanted);
        if (!plan.operation) {
            return false;
        }
        outcome.request = request_for(options_.operation, target, *plan.operation, plan.minutes);
        if (dry) {
            return false;
        }
        start(context_, outcome);
        if (!outcome.error) {
            await(context_, patience_, outcome);
            return false;
        }
        const bool refused = outcome.error->code == ExitCode::refused && outcome.error->http_status;
        if (!refused || !may_repeat) {
            return false;
        }
        // Refused perhaps because it ended, or is under way already, and the list did not show it.
        const bool extending = *plan.operation == Operation::extend;
        if (extending && outcome.error->http_status != 404) { // for its length, most likely
            const auto later = look(context_, target, true);
            return later && !sailpoint::is_running(later->phase);
        }
        auto changed = turns_out(context_, target, !extending);
        if (!changed) {
            outcome.error = std::move(changed).error();
            return false;
        }
        return *changed;
    }

    /// Waits for work that was not started here. True once it is done.
    bool wait_for(const app::Expected& expected, Outcome& outcome) {
        context_.log().info(cat({outcome.target.title(), ": ", outcome.seen->status, ", waiting for it"}));
        auto done = app::wait_until_done(context_, outcome.target, expected, patience_, outcome.seen);
        if (!done) {
            outcome.error = std::move(done).error();
            return false;
        }
        return true;
    }

    app::Context& context_;
    const EnsureOptions& options_;
    app::Patience patience_;
};

} // namespace

Result<std::vector<Outcome>> find_ensured(app::Context& context, const EnsureOptions& options,
                                          const std::vector<std::string>& named) {
    if (auto good = check_texts(options.operation); !good) {
        return std::move(good).error();
    }
    if (auto until = read_until(options.operation.length, context.now()); !until) {
        return std::move(until).error();
    }
    JIT_TRY(const config::Settings* const settings, context.settings());
    (void)settings;
    if (named.empty() && !has_length(context, options.operation.length)) {
        return no_length(); // before anybody is asked anything
    }
    JIT_TRY(auto targets, app::resolve_targets(context, named, {true, "have"}));
    std::vector<Outcome> outcomes;
    for (app::Target& target : targets) {
        JIT_TRY(const std::int32_t minutes, minutes_for(context, options.operation.length, target));
        if (options.min_remaining > minutes) {
            return usage_error(
                cat({"--min-remaining ", std::to_string(options.min_remaining), " is more than the ",
                     std::to_string(minutes), " minutes that are asked for; nothing was sent"}));
        }
        outcomes.push_back({std::move(target)});
    }
    return outcomes;
}

void ensure_access(app::Context& context, const EnsureOptions& options, std::vector<Outcome>& outcomes) {
    Ensurer ensurer(context, options);
    for (Outcome& outcome : outcomes) {
        if (context.interrupted() && &outcome != &outcomes.front()) {
            outcome.error = Error{ExitCode::interrupted,
                                  cat({outcome.target.title(), ": interrupted; nothing was sent"})};
        } else {
            ensurer.ensure(outcome);
        }
    }
}

namespace {

Result<void> run(app::Context& context, const EnsureOptions& options, const std::vector<std::string>& words) {
    JIT_TRY(auto outcomes, find_ensured(context, options, all_words(options.operation.entitlements, words)));
    ensure_access(context, options, outcomes);
    if (options.operation.dry_run) {
        for (const Outcome& outcome : outcomes) {
            if (outcome.error) {
                return *outcome.error;
            }
        }
        return print_dry_run(context, outcomes);
    }
    return print_outcomes(context, std::nullopt, outcomes);
}

} // namespace

void declare_ensure(CLI::App& tree, EnsureOptions& options) {
    declare_length(tree, options.operation.length,
                   "how long, in minutes, from now (default: the alias's, or defaults.minutes)");
    add_whole_number(tree, "--min-remaining", options.min_remaining, 0,
                     std::numeric_limits<std::int32_t>::max(),
                     "minutes that must be left for nothing to be done (default: 0, any; with --until, that "
                     "time)")
        ->type_name("MINUTES")
        ->group(k_request_group);
    declare_request(tree, options.operation);
    declare_timeout(tree, options.operation.waiting.timeout);
}

Command ensure() {
    return {
        "ensure",
        "Have access, whatever its state: activate, extend or do nothing",
        "Active with enough time left: nothing is sent. Active with less: extended up to the minutes. Not "
        "active: "
        "activated. Returns when the access is usable. Run twice, the second run sends nothing.",
        k_words,
        k_words_help,
        {{"jit ensure \"Prod DB Admin\" -m 60 --min-remaining 30",
          "at least half an hour, an hour if it must be asked for"},
         {"jit ensure -e \"Prod DB Admin\" -m 60 && ./deploy.sh", "in a script"}},
        [](CLI::App& tree) -> Run {
            auto options = std::make_shared<EnsureOptions>();
            declare_entitlements(tree, options->operation.entitlements);
            declare_ensure(tree, *options);
            return [options](app::Context& context, const std::vector<std::string>& words) {
                return run(context, *options, words);
            };
        },
    };
}

} // namespace jit::commands
