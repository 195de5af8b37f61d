#include "commands/operation.hpp"

#include "app/known_access.hpp"
#include "base/duration.hpp"
#include "base/text.hpp"
#include "commands/arguments.hpp"
#include "commands/refused_activation.hpp"
#include "commands/registry.hpp"
#include "sailpoint/client.hpp"

#include <algorithm>
#include <map>
#include <string>
#include <utility>

namespace jit::commands {
namespace {

using sailpoint::Operation;
using sailpoint::OperationRequest;
using sailpoint::Phase;

constexpr const char* k_wait_group = "Waiting";

/// What to offer a person who names nothing.
app::Wanted wanted_for(Operation operation, bool entries) {
    app::Wanted wanted{entries, sailpoint::operation_name(operation)};
    switch (operation) {
    case Operation::activate:
        wanted.fits = sailpoint::is_over;
        break;
    case Operation::extend:
        wanted.fits = [](Phase phase) { return phase == Phase::active; };
        break;
    case Operation::deactivate:
        wanted.fits = sailpoint::is_running;
        break;
    }
    return wanted;
}

/// The minutes that an extend adds so that access lasts until then; 0 where it lasts as long already.
Result<std::int32_t> minutes_to_add(app::Context& context, const Length& length, const app::Target& target) {
    JIT_TRY(const auto asked, read_until(length, context.now()));
    const TimePoint until = *asked + (context.service_now() - context.now()); // by the service's clock
    const auto expires = target.entry ? app::expiry_of(*target.entry, context.service_now()) : std::nullopt;
    if (!expires) {
        return Error{
            ExitCode::refused,
            cat({"when access to ", target.title(),
                 " ends is not known, so it cannot be extended up to a "
                 "time; nothing was sent"}),
            cat({"if it is active, add minutes: jit extend -e ", target.connection.str(), " -m MINUTES"})};
    }
    return *expires >= until ? Result<std::int32_t>(0) : minutes_until(until, *expires);
}

/// The minutes to ask for, 0 for a target for which nothing has to be sent.
Result<std::int32_t> minutes_of(app::Context& context, Operation operation, const OperationOptions& options,
                                const app::Target& target) {
    if (operation == Operation::deactivate) {
        return 0;
    }
    return operation == Operation::extend && !options.length.until.empty() && !target.own_minutes
               ? minutes_to_add(context, options.length, target)
               : minutes_for(context, options.length, target);
}

Result<bool> must_wait(app::Context& context, const Waiting& waiting) {
    JIT_TRY(const config::Settings* const settings, context.settings());
    return waiting.wait.value_or(settings->default_wait && settings->default_wait->value);
}

/// Reads when access ends before it is extended, so that the new end can be told from the old one. Where the
/// list may not be read, that is so: the wait will then take the history's word.
void look_before(app::Context& context, std::vector<Outcome>& outcomes) {
    const bool known = std::all_of(outcomes.begin(), outcomes.end(), [](const Outcome& outcome) {
        return !outcome.request || outcome.target.entry;
    });
    if (known) {
        return;
    }
    const auto entries = app::read_connections(context, false);
    if (!entries) {
        context.log().info(entries.error().message);
        return;
    }
    const app::EntriesById places = app::by_connection_id(*entries);
    for (Outcome& outcome : outcomes) {
        const auto place = places.find(outcome.target.connection.str());
        if (!outcome.target.entry && place != places.end()) {
            outcome.target.entry = *place->second;
        }
    }
}

/// Sends the requests. An activation that is refused because earlier access is still being taken away waits
/// for that, where one waits at all: for at most `patience`, which is then less by as much. False where an
/// interrupt ended it.
bool send_all(app::Context& context, const OperationOptions& options, bool wait,
              std::chrono::seconds& patience, std::vector<Outcome>& outcomes) {
    if (!carry_out(context, outcomes, options.manner)) {
        return false;
    }
    const Deadline deadline(context.clock(), patience);
    std::vector<std::size_t> ending = explain_refused_activations(context, outcomes);
    while (wait && !ending.empty() && patience.count() > 0) {
        const auto ended = wait_for_ends(context, outcomes, ending, patience);
        patience = std::chrono::ceil<std::chrono::seconds>(deadline.left());
        if (context.interrupted()) {
            return false;
        }
        std::vector<Outcome> again;
        again.reserve(ended.size());
        for (const std::size_t place : ended) {
            again.push_back(outcomes[place]);
        }
        const bool all_sent = carry_out(context, again, options.manner);
        ending.clear();
        if (all_sent) {
            for (const std::size_t place : explain_refused_activations(context, again)) {
                ending.push_back(ended[place]);
            }
        }
        for (std::size_t i = 0; i < ended.size(); ++i) {
            outcomes[ended[i]] = std::move(again[i]);
        }
        if (!all_sent) {
            return false;
        }
    }
    return true;
}

/// The outcome of a target before anything is sent; with an error where it cannot be.
Outcome prepare(app::Context& context, Operation operation, const OperationOptions& options,
                app::Target target) {
    Outcome outcome{std::move(target)};
    auto minutes = minutes_of(context, operation, options, outcome.target);
    if (!minutes) {
        outcome.error = std::move(minutes).error();
    } else if (*minutes != 0 || operation == Operation::deactivate) {
        outcome.request = request_for(options, outcome.target, operation, *minutes);
    } else {
        outcome.seen = app::access_of(*outcome.target.entry, context.service_now());
    }
    return outcome;
}

/// Very many targets: made when it is their turn, and printed when they are done.
class StreamedWork final : public Work {
public:
    StreamedWork(app::Context& context, Operation operation, const OperationOptions& options,
                 const app::TargetList& targets)
        : context_(context), operation_(operation), options_(options), targets_(targets),
          printer_(context, operation) {}

    [[nodiscard]] std::size_t size() const override { return targets_.size(); }

    [[nodiscard]] Outcome next() override {
        app::Target target = targets_.at(given_++);
        if (!printing_) {
            Outcome outcome{std::move(target)};
            outcome.error = Error{ExitCode::internal, "results cannot be printed; nothing was sent"};
            return outcome;
        }
        return prepare(context_, operation_, options_, std::move(target));
    }

    void done(std::size_t number, Outcome outcome) override { printing_ = printer_.add(number, outcome); }

    [[nodiscard]] Result<void> finish() { return printer_.finish(); }

private:
    app::Context& context_;
    Operation operation_;
    const OperationOptions& options_;
    const app::TargetList& targets_;
    OutcomePrinter printer_;
    std::size_t given_ = 0;
    bool printing_ = true;
};

/// What to act on: everything that is on, or what is named.
Result<app::TargetList> find_targets(app::Context& context, Operation operation,
                                     const OperationOptions& options, const std::vector<std::string>& named) {
    const bool entries = operation == Operation::extend && !options.length.until.empty();
    if (!options.all) {
        return app::TargetList::read(context, named, options.from_file, wanted_for(operation, entries));
    }
    if (!named.empty() || options.from_file) {
        return usage_error("--all ends all that is active, so name nothing beside it; nothing was sent");
    }
    JIT_TRY(auto connections, app::read_settled_connections(context, app::k_lag));
    std::vector<app::Target> targets;
    for (sailpoint::Connection& entry : connections) {
        const auto id = Uuid::parse(entry.id);
        if (id && sailpoint::may_be_on(entry, context.service_now())) {
            const std::string title = entry.title();
            targets.push_back({title, *id, std::move(entry)});
        }
    }
    if (targets.empty()) {
        context.log().note("nothing is active, so there is nothing to end");
    }
    return app::TargetList(std::move(targets));
}

} // namespace

void declare_entitlements(CLI::App& tree, std::vector<std::string>& entitlements) {
    add_repeatable(tree, "-e,--entitlement", entitlements, "the same, as an option")
        ->type_name(k_words)
        ->group(k_words_group);
}

void declare_timeout(CLI::App& tree, std::chrono::seconds& timeout) {
    add_duration(tree, "--wait-timeout", timeout, "the longest to wait (default: 10m)")->group(k_wait_group);
}

void declare_request(CLI::App& tree, OperationOptions& options) {
    tree.add_flag("--dry-run", options.dry_run, "resolve names, print the requests, change nothing")
        ->group(k_request_group);
    tree.add_option("--request-origin", options.request_origin,
                    "where the request comes from, passed on as requestOrigin (slack, say)")
        ->type_name("WORD")
        ->group(k_request_group);
    const auto read_metadata = [&options](const std::vector<std::string>& values) {
        for (const std::string& value : values) {
            const std::size_t equals = value.find('=');
            if (equals == 0 || equals == std::string::npos) {
                throw CLI::ValidationError(cat({"--metadata: \"", value, "\" is not KEY=VALUE"}));
            }
            const std::string key = value.substr(0, equals);
            for (const auto& entry : options.metadata) {
                if (entry.first == key) {
                    throw CLI::ValidationError(cat({"--metadata: the key ", key, " is given twice"}));
                }
            }
            options.metadata.emplace_back(key, value.substr(equals + 1));
        }
    };
    add_repeatable(tree, "--metadata", read_metadata, "passed on in metaData; may be repeated")
        ->type_name("KEY=VALUE")
        ->group(k_request_group);
}

void declare_many(CLI::App& tree, OperationOptions& options, bool can_be_undone) {
    constexpr const char* k_group = "Many targets";
    tree.add_option("--from-file", options.from_file,
                    R"(more, one a line, or {"entitlement": ..., "minutes": ...}; - is standard input)")
        ->type_name("FILE")
        ->group(k_group);
    constexpr long k_most = 100;
    add_whole_number(tree, "--parallel", options.manner.parallel, 1, k_most,
                     "how many requests may be under way at a time (default: 8)")
        ->type_name("N")
        ->group(k_group);
    if (can_be_undone) {
        tree.add_flag("--all-or-nothing", options.manner.all_or_nothing,
                      "if one fails, end those that this call has started")
            ->group(k_group);
    }
}

void declare_operation(CLI::App& tree, OperationOptions& options, const std::string& length_help,
                       const std::string& goal, bool can_be_undone) {
    declare_entitlements(tree, options.entitlements);
    if (!length_help.empty()) {
        declare_length(tree, options.length, length_help);
    }
    declare_request(tree, options);
    tree.add_flag_callback(
            "--wait", [&options] { options.waiting.wait = true; }, cat({"wait until ", goal}))
        ->group(k_wait_group);
    tree.add_flag_callback(
            "--no-wait", [&options] { options.waiting.wait = false; },
            "do not, even if defaults.wait says so")
        ->group(k_wait_group);
    declare_timeout(tree, options.waiting.timeout);
    declare_many(tree, options, can_be_undone);
}

std::vector<std::string> all_words(const std::vector<std::string>& entitlements,
                                   const std::vector<std::string>& words) {
    std::vector<std::string> all = entitlements;
    all.insert(all.end(), words.begin(), words.end());
    return all;
}

Result<void> check_texts(const OperationOptions& options) {
    if (!is_utf8(options.request_origin)) {
        return usage_error("--request-origin is not UTF-8");
    }
    for (const auto& [key, value] : options.metadata) {
        if (!is_utf8(key) || !is_utf8(value)) {
            return usage_error("--metadata is not UTF-8");
        }
    }
    return {};
}

OperationRequest request_for(const OperationOptions& options, const app::Target& target, Operation operation,
                             std::int32_t minutes) {
    return {operation,        target.connection,
            minutes,          options.request_origin,
            options.metadata, target.entry ? target.title() : ""};
}

void await(app::Context& context, const app::Patience& patience, std::vector<Outcome>& outcomes) {
    std::vector<app::Awaited> awaited;
    std::vector<Outcome*> waiting;
    for (Outcome& outcome : outcomes) {
        if (!outcome.request || !outcome.answer || outcome.error || !outcome.was_active) {
            continue;
        }
        app::Expected expected{outcome.request->operation, outcome.answer->activation_id,
                               started_at(outcome)};
        if (expected.operation == Operation::extend) {
            expected.expires = outcome.ends;
        }
        // Only the list of connections knows when access ends.
        const bool end_known = expected.operation == Operation::extend && outcome.target.entry;
        awaited.push_back({&outcome.target, std::move(expected),
                           end_known ? app::AccessReader::Source::connections : patience.first,
                           outcome.seen});
        waiting.push_back(&outcome);
    }
    app::wait_until_done(context, awaited, patience.timeout);
    std::vector<app::KnownAccess> notes;
    for (std::size_t i = 0; i < awaited.size(); ++i) {
        waiting[i]->seen = std::move(awaited[i].last);
        waiting[i]->error = std::move(awaited[i].error);
        if (waiting[i]->seen) {
            notes.push_back(known_access_of(context, *waiting[i]));
        }
    }
    if (!notes.empty()) {
        app::KnownAccesses::note(context, std::move(notes));
    }
}

void find_ends(app::Context& context, std::vector<Outcome>& outcomes) {
    std::map<std::string_view, Outcome*> open; // by connection
    for (Outcome& outcome : outcomes) {
        const bool extended =
            outcome.request && outcome.request->operation == Operation::extend && outcome.answer;
        const bool known = outcome.ends || (outcome.seen && outcome.seen->expires);
        if (extended && !known && !outcome.error) {
            open.insert({outcome.target.connection.str(), &outcome});
        }
    }
    const auto client = context.client();
    if (open.empty() || !client) {
        return;
    }
    const TimePoint now = context.service_now();
    constexpr std::size_t k_page = 250; // in one request
    std::vector<app::KnownAccess> notes;
    const auto read = (*client)->connections(
        sailpoint::Whose::mine,
        cat({app::k_only_jit, " and jit.expiration gt ", in_quotes(format_rfc3339(now))}), k_page,
        [&](const sailpoint::Connection& entry) -> Result<bool> {
            const auto id = Uuid::parse(entry.id);
            const auto found = id ? open.find(id->str()) : open.end();
            const auto expires = app::expiry_of(entry, now);
            if (found == open.end() || !expires) {
                return true;
            }
            Outcome& outcome = *found->second;
            // An end that is nearer than the minutes that were added is the one from before: the list lags.
            constexpr std::chrono::seconds k_tolerance{2};
            if (*expires >= now + std::chrono::minutes(granted_minutes(outcome)) - k_tolerance) {
                outcome.ends = expires;
                notes.push_back(known_access_of(context, outcome));
            }
            open.erase(found);
            return !open.empty();
        },
        {true});
    if (!read) {
        context.log().info(read.error().message);
    }
    if (!notes.empty()) {
        app::KnownAccesses::note(context, std::move(notes));
    }
}

void give_up_waiting(std::vector<Outcome>& outcomes) {
    for (Outcome& outcome : outcomes) {
        if (outcome.request && outcome.answer && !outcome.error) {
            outcome.error =
                Error{ExitCode::interrupted,
                      cat({sailpoint::operation_name(outcome.request->operation), " of ",
                           outcome.target.title(), " was accepted, and not waited for: interrupted"})};
        }
    }
}

void end_again(app::Context& context, const OperationOptions& options, std::vector<Outcome>& outcomes) {
    const bool failed = std::any_of(outcomes.begin(), outcomes.end(),
                                    [](const Outcome& outcome) { return outcome.error.has_value(); });
    std::vector<Outcome> ends;
    std::vector<Outcome*> started;
    for (Outcome& outcome : outcomes) {
        // What nobody knows the fate of may be on, too.
        const bool may_be_on = outcome.answer || (outcome.error && outcome.error->uncertain);
        if (failed && outcome.request && outcome.request->operation == Operation::activate && may_be_on) {
            Outcome& end = ends.emplace_back(Outcome{outcome.target});
            end.request = request_for(options, end.target, Operation::deactivate, 0);
            end.started = started_at(outcome);
            started.push_back(&outcome);
        }
    }
    if (ends.empty()) {
        return;
    }
    context.log().info(cat({"ending again what was started: ", std::to_string(ends.size())}));
    const int signal = context.interrupt().signal();
    context.interrupt().clear(); // whoever wants out wants none of it
    (void)carry_out(context, ends, {options.manner.parallel});
    if (signal != 0) {
        context.interrupt().raise(signal);
    }
    for (std::size_t i = 0; i < ends.size(); ++i) {
        Outcome& outcome = *started[i];
        const auto& error = ends[i].error;
        const bool ended = !error;
        if (!ended) {
            outcome.error = Error{ExitCode::partial,
                                  cat({outcome.target.title(), outcome.answer ? " was" : " may have been",
                                       " activated, and may still be active: ", error->message}),
                                  cat({"end it: jit deactivate -e ", outcome.target.connection.str()})};
        } else if (!outcome.error) {
            outcome.collateral = true;
            outcome.error = Error{
                ExitCode::partial,
                cat({outcome.target.title(), " was activated, and ended again, since another one failed"})};
        } else {
            outcome.error->message +=
                ends[i].was_active ? "; it was ended again" : "; nothing is active there now";
            outcome.error->uncertain = false;
        }
        outcome.seen.reset();
        outcome.ended_again = ended;
    }
}

Result<void> run_operation(app::Context& context, Operation operation, const OperationOptions& options,
                           const std::vector<std::string>& words) {
    JIT_TRY(const bool wait, must_wait(context, options.waiting));
    if (auto good = check_texts(options); !good) {
        return good;
    }
    if (auto until = read_until(options.length, context.now()); !until) {
        return std::move(until).error();
    }
    const std::vector<std::string> named = all_words(options.entitlements, words);
    if (named.empty() && !options.from_file && operation != Operation::deactivate &&
        !has_length(context, options.length)) {
        return no_length(); // before anybody is asked anything
    }
    JIT_TRY(app::TargetList targets, find_targets(context, operation, options, named));
    if (operation == Operation::extend && !options.length.until.empty()) {
        if (auto settled = targets.settle(context); !settled) {
            return settled;
        }
    }
    const bool as_list = options.all || options.from_file;
    const bool at_once =
        wait || options.dry_run || options.manner.all_or_nothing || (targets.size() == 1 && !as_list);
    std::vector<Outcome> outcomes;
    for (std::size_t i = 0; i < targets.size(); ++i) { // all of them are good, before anything is sent
        Outcome outcome = prepare(context, operation, options, targets.at(i));
        if (outcome.error) {
            return *std::move(outcome.error);
        }
        if (at_once) {
            outcomes.push_back(std::move(outcome));
        }
    }
    if (options.dry_run) {
        return print_dry_run(context, outcomes, as_list);
    }
    if (auto client = context.client(); !client) {
        return std::move(client).error(); // for each of them
    }
    if (!at_once) {
        StreamedWork work(context, operation, options, targets);
        (void)carry_out(context, work, options.manner);
        return work.finish();
    }
    if (wait && operation == Operation::extend) {
        look_before(context, outcomes);
    }
    std::chrono::seconds patience = options.waiting.timeout;
    const bool all_sent = send_all(context, options, wait, patience, outcomes);
    if (wait && all_sent) {
        await(context, {patience}, outcomes);
    } else if (wait) {
        give_up_waiting(outcomes);
    }
    if (options.manner.all_or_nothing) {
        end_again(context, options, outcomes);
    }
    find_ends(context, outcomes);
    return print_outcomes(context, operation, outcomes, as_list);
}

} // namespace jit::commands
