#include "commands/ensure.hpp"

#include "access/access_cache.hpp"
#include "access/rollback.hpp"
#include "access/state_reader.hpp"
#include "access/wait.hpp"
#include "commands/confirm.hpp"
#include "commands/operation.hpp"
#include "util/duration.hpp"
#include "util/text.hpp"

#include <algorithm>
#include <array>
#include <iterator>
#include <limits>
#include <memory>

namespace jit::commands {
namespace {

using sailpoint::Operation;
using sailpoint::Phase;

/// The longest that must be left where --min-remaining does not say.
constexpr std::int32_t k_enough_minutes = 15;

/// A target on its way to where it is to be.
struct Goal {
    access::TargetResult& result;
    bool open = true;       ///< something may be left to do
    bool confirmed = false; ///< a person was asked, and said yes
};

/// Ends the way of a target, with an error.
void fail(Goal& goal, Error error) {
    goal.result.error = std::move(error);
    goal.open = false;
}

/// Looks once more at the connections of the list, as they are now.
void look_again(access::Context& context, std::vector<Goal*>& goals) {
    for (Goal* const goal : goals) {
        access::Target& target = goal->result.target;
        std::string entitlement_id = target.entry ? target.entry->entitlement_id : "";
        auto entry = access::read_entry(context, target.connection, entitlement_id);
        if (entry) {
            target.entry = *std::move(entry);
        } else {
            fail(*goal, access::needs_list(std::move(entry).error()));
        }
    }
}

/// How the access of each stands, as the list of connections shows it once it can know what was done from
/// here.
void read_states(access::Context& context, std::vector<Goal*>& goals) {
    std::vector<access::Target> targets;
    targets.reserve(goals.size());
    for (const Goal* const goal : goals) {
        targets.push_back(goal->result.target);
    }
    const auto settled = access::wait_for_consistency(context, targets);
    for (std::size_t i = 0; i < goals.size(); ++i) {
        Goal& goal = *goals[i];
        if (!goal.open) {
            continue;
        }
        access::Target& target = goal.result.target;
        target.entry = std::move(targets[i].entry);
        if (!settled) {
            fail(goal, access::needs_list(settled.error()));
        } else if (!target.entry) {
            fail(goal, Error{ErrorKind::refused,
                             concat({"none of your JIT connections has the ID ", target.connection.str(),
                                     "; nothing was sent"}),
                             "jit list shows what there is"});
        } else {
            goal.result.seen = access::access_of(*target.entry, context.service_now());
        }
    }
}

/// What has to be done for a target, if anything: the operation and its minutes.
struct Plan {
    std::optional<Operation> operation = {};
    std::int32_t minutes = 0;
};

/// `enough` is the end from which on nothing has to be done, `wanted` the one to have otherwise.
Plan plan_for(const access::Access& access, std::int32_t minutes, TimePoint enough, TimePoint wanted) {
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
    Ensurer(access::Context& context, const EnsureOptions& options) : context_(context), options_(options) {
        patience_.timeout = options.operation.waiting.timeout;
        patience_.first = access::StateReader::Source::connections; // the list that the next poll will be at
    }

    /// Brings all to where they are to be; with a dry run, only plans. An error where nothing was sent since
    /// nobody has confirmed it.
    Result<void> run(std::vector<access::TargetResult>& results) {
        std::vector<Goal> goals;
        goals.reserve(results.size());
        for (access::TargetResult& result : results) {
            goals.push_back({result});
        }
        // Once more where the state changed between the poll and the request: it ended, it was started
        // elsewhere.
        for (int round = 0; round < k_rounds; ++round) {
            std::vector<Goal*> open;
            for (Goal& goal : goals) {
                if (goal.open) {
                    open.push_back(&goal);
                }
            }
            if (open.empty()) {
                return {};
            }
            if (auto done = once(open, round); !done) {
                return done;
            }
        }
        return {};
    }

private:
    static constexpr int k_rounds = 3;

    Result<void> once(std::vector<Goal*>& goals, int round) {
        const bool may_repeat = round + 1 < k_rounds;
        const bool dry = options_.operation.dry_run;
        std::vector<Goal*> under_way;
        std::vector<Goal*> to_send;
        find_work(goals, round > 0, under_way, to_send);
        if (dry) {
            for (Goal* const goal : goals) {
                goal->open = false;
            }
            return {};
        }
        if (auto confirmed = confirm(goals, under_way, to_send); !confirmed) {
            if (round == 0) {
                return confirmed;
            }
            for (Goal* const goal : to_send) {
                fail(*goal, confirmed.error());
            }
            to_send.clear();
        }
        if (send(to_send, may_repeat)) {
            wait(under_way, may_repeat);
        } else {
            for (Goal* const goal : under_way) {
                fail(*goal, Error{ErrorKind::interrupted,
                                  concat({goal->result.target.title(),
                                          " was under way already, and not waited for: interrupted"})});
            }
        }
        return {};
    }

    [[nodiscard]] Question question_of(const std::vector<Goal*>& goals) const {
        Question question(context_, options_.operation.confirm);
        for (const Goal* const goal : goals) {
            if (!goal->confirmed) {
                question.add(goal->result);
            }
        }
        return question;
    }

    /// Asks for what nobody has confirmed yet, where that is wanted. Another run that asks comes first, and
    /// may send the same: so `under_way` and `to_send` are worked out anew.
    Result<void> confirm(const std::vector<Goal*>& goals, std::vector<Goal*>& under_way,
                         std::vector<Goal*>& to_send) {
        if (question_of(to_send).is_wanted()) {
            JIT_TRY(turn_, take_turn(context_));
            find_work(goals, turn_.waited, under_way, to_send);
        }
        if (const Question question = question_of(to_send); question.is_wanted()) {
            if (auto yes = question.ask(context_); !yes) {
                turn_.lock.reset();
                return yes;
            }
        }
        for (Goal* const goal : to_send) {
            goal->confirmed = true;
        }
        return {};
    }

    /// Looks how things stand: what is under way already, and what has to be sent.
    void find_work(const std::vector<Goal*>& all, bool again, std::vector<Goal*>& under_way,
                   std::vector<Goal*>& to_send) {
        const bool dry = options_.operation.dry_run;
        under_way.clear();
        to_send.clear();
        std::vector<Goal*> goals;
        std::copy_if(all.begin(), all.end(), std::back_inserter(goals),
                     [](const Goal* goal) { return goal->open; });
        for (Goal* const goal : goals) {
            goal->result.error.reset();
            goal->result.request.reset();
            goal->result.answer.reset();
        }
        if (again) {
            look_again(context_, goals);
        }
        read_states(context_, goals);
        for (Goal* const goal : goals) {
            if (!goal->open) {
                continue;
            }
            const Phase phase = goal->result.seen->phase;
            if (phase == Phase::starting || phase == Phase::waiting || (!dry && phase == Phase::ending)) {
                under_way.push_back(goal);
            } else if (plan(*goal)) {
                to_send.push_back(goal);
            } else {
                goal->open = false;
            }
        }
    }

    /// Works out the request. False where nothing has to be sent.
    bool plan(Goal& goal) {
        access::TargetResult& result = goal.result;
        const Length& length = options_.operation.length;
        auto minutes = minutes_for(context_, length, result.target);
        if (!minutes) {
            result.error = std::move(minutes).error();
            return false;
        }
        const TimePoint now = context_.service_now();
        TimePoint wanted = now + std::chrono::minutes(*minutes);
        TimePoint enough =
            now + std::chrono::minutes(options_.min_remaining.value_or(std::min(*minutes, k_enough_minutes)));
        const auto until = read_until(length, context_.now());
        if (until && *until && !result.target.minutes_from_file) {
            wanted = **until + (now - context_.now());
            // An end that is named is to be reached, unless --min-remaining says what is enough.
            enough = options_.min_remaining ? enough : wanted;
        }
        const Plan plan = plan_for(*result.seen, *minutes, enough, wanted);
        if (plan.operation) {
            result.request =
                access::request_for(options_.operation.request, result.target, *plan.operation, plan.minutes);
        }
        return plan.operation.has_value();
    }

    /// Sends what is planned, and waits for what was accepted. A refusal may be so because the access ended,
    /// or is under way already, and the list did not show it: then it stays open. False where an interrupt
    /// ended it.
    bool send(const std::vector<Goal*>& goals, bool may_repeat) {
        std::vector<access::TargetResult> results;
        results.reserve(goals.size());
        for (const Goal* const goal : goals) {
            results.push_back(goal->result);
        }
        const bool all_sent = access::run_batch(context_, results, options_.operation.batch);
        turn_.lock.reset();
        for (access::TargetResult& result : results) {
            if (result.answer && !result.answer->by_state) {
                result.seen.reset(); // it was seen before the request
            }
        }
        if (all_sent) {
            access::wait_for_results(context_, patience_, results);
        } else {
            access::give_up_waiting(results);
        }
        std::vector<Goal*> refused;
        for (std::size_t i = 0; i < goals.size(); ++i) {
            Goal& goal = *goals[i];
            goal.result = std::move(results[i]);
            goal.open = false;
            const auto& error = goal.result.error;
            if (error && error->kind == ErrorKind::refused && error->refusal && may_repeat) {
                refused.push_back(&goal);
            }
        }
        if (all_sent) {
            check_refused(refused);
        }
        return all_sent;
    }

    /// Looks again, three times within seconds, since the list may lag; opens those whose state is another
    /// one than the request was for.
    void check_refused(std::vector<Goal*> refused) {
        constexpr std::array<std::chrono::milliseconds, 4> k_pauses = {
            {std::chrono::milliseconds(0), std::chrono::milliseconds(1000), std::chrono::milliseconds(2000),
             std::chrono::milliseconds(3000)}};
        for (std::size_t poll = 0; poll < k_pauses.size() && !refused.empty(); ++poll) {
            if (poll > 0 && !context_.clock().sleep(k_pauses.at(poll))) {
                for (Goal* const goal : refused) {
                    fail(*goal, Error{ErrorKind::interrupted,
                                      "interrupted while looking at the state; nothing was changed"});
                }
                return;
            }
            std::vector<Goal*> left;
            for (Goal* const goal : refused) {
                if (!check_refused(*goal, poll == 0)) {
                    left.push_back(goal);
                }
            }
            refused = std::move(left);
        }
    }

    /// True where another poll would tell nothing more.
    bool check_refused(Goal& goal, bool first) {
        access::TargetResult& result = goal.result;
        const bool extending = result.request->operation == Operation::extend;
        const bool for_its_length = extending && result.error->refusal != Refusal::missing; // most likely
        if (first != for_its_length) {
            return false;
        }
        std::string entitlement_id = result.target.entry->entitlement_id;
        auto entry = access::read_entry(context_, result.target.connection, entitlement_id);
        if (!entry) {
            if (!for_its_length) {
                result.error = std::move(entry).error();
            }
            return true;
        }
        if (*entry) {
            const bool running = sailpoint::is_running(sailpoint::phase_of(**entry, context_.service_now()));
            result.target.entry = **entry;
            goal.open = running != extending;
        }
        return goal.open || for_its_length;
    }

    /// Waits for work that was not started here: for access on its way, and for access that ends, since the
    /// service takes no new activation before the old one is gone.
    void wait(const std::vector<Goal*>& goals, bool may_repeat) {
        std::vector<access::WaitItem> awaited;
        for (const Goal* const goal : goals) {
            const access::Access& seen = *goal->result.seen;
            context_.log().info(concat({goal->result.target.title(), ": ", seen.status, ", waiting for it"}));
            const Operation operation =
                seen.phase == Phase::ending ? Operation::deactivate : Operation::activate;
            access::PendingChange expected{operation};
            expected.since = seen.activated;
            expected.by_us = false;
            awaited.push_back({&goal->result.target, std::move(expected), patience_.first, seen});
        }
        access::wait_until_done(context_, awaited, patience_.timeout);
        for (std::size_t i = 0; i < goals.size(); ++i) {
            Goal& goal = *goals[i];
            goal.result.seen = std::move(awaited[i].last);
            if (awaited[i].error) {
                fail(goal, *std::move(awaited[i].error));
            } else if (!may_repeat) {
                goal.open = false;
                if (awaited[i].expected.operation == Operation::deactivate) {
                    fail(goal,
                         Error{ErrorKind::not_provisioned,
                               concat({goal.result.target.title(), " has ended meanwhile"}), "run it again"});
                }
            }
        }
    }

    access::Context& context_;
    const EnsureOptions& options_;
    access::WaitOptions patience_;
    Turn turn_;
};

} // namespace

Result<std::vector<access::TargetResult>> find_ensured(access::Context& context, EnsureOptions& options,
                                                       const std::vector<std::string>& named) {
    OperationOptions& operation = options.operation;
    if (auto good = check_texts(operation); !good) {
        return std::move(good).error();
    }
    if (auto until = read_until(operation.length, context.now()); !until) {
        return std::move(until).error();
    }
    if (auto settings = context.settings(); !settings) {
        return std::move(settings).error();
    }
    JIT_TRY(const access::TargetList targets,
            access::TargetList::read(context, named, operation.from_file, {true, "have"}));
    if (!operation.from_file) {
        if (auto asked = ask_length(context, operation.length, targets, named.empty()); !asked) {
            return std::move(asked).error();
        }
    }
    std::vector<access::TargetResult> results;
    for (std::size_t i = 0; i < targets.size(); ++i) {
        access::Target target = targets.at(i);
        JIT_TRY(const std::int32_t minutes, minutes_for(context, operation.length, target));
        if (options.min_remaining && *options.min_remaining > minutes) {
            return usage_error(
                concat({"--min-remaining ", std::to_string(*options.min_remaining), " is more than the ",
                        std::to_string(minutes), " minutes that are asked for; nothing was sent"}));
        }
        results.push_back({std::move(target)});
    }
    if (auto good = check_ready_commands(context, operation.readiness, results); !good) {
        return std::move(good).error();
    }
    return results;
}

Result<void> ensure_access(access::Context& context, const EnsureOptions& options,
                           std::vector<access::TargetResult>& results) {
    if (auto done = Ensurer(context, options).run(results); !done || options.operation.dry_run) {
        return done;
    }
    access::ReadinessOptions readiness = options.operation.readiness;
    readiness.ends_access = options.ends_access || options.operation.batch.all_or_nothing;
    access::wait_until_ready(context, readiness, results);
    return {};
}

namespace {

Result<void> run(access::Context& context, EnsureOptions& options, const std::vector<std::string>& words) {
    const OperationOptions& operation = options.operation;
    JIT_TRY(auto results, find_ensured(context, options, all_words(operation.entitlements, words)));
    if (auto done = ensure_access(context, options, results); !done) {
        return done;
    }
    const bool as_list = operation.from_file.has_value();
    if (operation.dry_run) {
        for (const access::TargetResult& result : results) {
            if (result.error) {
                return *result.error;
            }
        }
        return print_dry_run(context, results, as_list);
    }
    if (operation.batch.all_or_nothing) {
        access::rollback(context, operation.request, operation.batch.parallel, results);
    }
    return print_results(context, std::nullopt, results, as_list);
}

} // namespace

void declare_ensure(OptionSet& set, EnsureOptions& options) {
    declare_length(set, options.operation.length, "how many minutes (default: alias, defaults.minutes)");
    set.whole_number(
           "--min-remaining", options.min_remaining, 0, std::numeric_limits<std::int32_t>::max(),
           concat({"do nothing if this many are left (default: ", std::to_string(k_enough_minutes), ")"}))
        .takes("MINUTES")
        .in(k_request_group);
    declare_request(set, options.operation);
    declare_confirm(set, options.operation.confirm);
    declare_timeout(set, options.operation.waiting.timeout);
    declare_ready(set, options.operation.readiness);
}

Command ensure() {
    Command command = {
        "ensure",
        "Have access: activate, extend or do nothing",
        "jit sends nothing if access is active with enough time left, extends it if less is left, and "
        "activates it if it is not active. It returns when the access is usable. A second run sends nothing "
        "while enough time is left.",
        k_words,
        k_words_help,
        {{"jit ensure \"Prod DB Admin\" -m 60 --min-remaining 30",
          "at least half an hour, an hour if it must be asked for"},
         {"jit ensure -e \"Prod DB Admin\" -m 60 && ./deploy.sh", "in a script"},
         {"jit ensure --from-file team.txt -m 60",
          "continue an interrupted run: only what is missing is sent"}},
        [](OptionSet& set) -> Run {
            auto options = std::make_shared<EnsureOptions>();
            declare_entitlements(set, options->operation.entitlements);
            declare_ensure(set, *options);
            declare_many(set, options->operation, true);
            return [options](access::Context& context, const std::vector<std::string>& words) {
                return run(context, *options, words);
            };
        },
        {k_length_details, k_remaining_details, k_ready_details, k_many_details, k_undo_details,
         k_confirm_details},
        {Completes::Kind::entitlements},
    };
    command.changes = true;
    command.fields = [] { return result_field_names(std::nullopt); };
    command.code_tells = true;
    command.not_options = {k_always_waits};
    return command;
}

} // namespace jit::commands
