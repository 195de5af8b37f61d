#include "commands/operation.hpp"

#include "app/known_access.hpp"
#include "base/duration.hpp"
#include "base/text.hpp"
#include "commands/arguments.hpp"
#include "commands/registry.hpp"
#include "sailpoint/client.hpp"

#include <algorithm>

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
    return operation == Operation::extend && !options.length.until.empty()
               ? minutes_to_add(context, options.length, target)
               : minutes_for(context, options.length, target);
}

Result<bool> must_wait(app::Context& context, const Waiting& waiting) {
    JIT_TRY(const config::Settings* const settings, context.settings());
    return waiting.wait.value_or(settings->default_wait && settings->default_wait->value);
}

/// The end that an extend leads to, where the end before it is known.
std::optional<TimePoint> extended(app::Context& context, const OperationRequest& request,
                                  const app::Target& target) {
    // The list may be older than what was done from here, so the later end counts.
    std::optional<TimePoint> before;
    if (target.entry) {
        before = app::expiry_of(*target.entry, context.service_now());
    }
    const auto known = app::KnownAccesses::load(context);
    const app::KnownAccess* const access = known ? known->find(target.connection) : nullptr;
    if (access != nullptr) {
        before = std::max(before, access->expires);
    }
    if (before) {
        *before += std::chrono::minutes(request.minutes);
    }
    return before;
}

/// Reads when access ends before it is extended, so that the new end can be told from the old one. Where the
/// list may not be read, that is so: the wait will then take the history's word.
void look_before(app::Context& context, std::vector<Outcome>& outcomes) {
    for (Outcome& outcome : outcomes) {
        if (outcome.request && !outcome.target.entry) {
            std::string entitlement_id;
            auto entry = app::read_entry(context, outcome.target.connection, entitlement_id);
            if (entry) {
                outcome.target.entry = *std::move(entry);
            } else {
                context.log().info(entry.error().message);
            }
        }
    }
}

/// What this machine knows of the access now.
void note(app::Context& context, const Outcome& outcome) {
    const OperationRequest& request = *outcome.request;
    app::KnownAccess access{outcome.target.connection, outcome.target.title()};
    access.operation = request.operation;
    access.asked = context.now();
    access.since = parse_rfc3339(outcome.answer->start_time);
    const bool failed = outcome.error && outcome.error->code == ExitCode::not_provisioned;
    access.phase = failed                                       ? Phase::failed
                   : outcome.seen                               ? outcome.seen->phase
                   : request.operation == Operation::deactivate ? Phase::ending
                   : request.operation == Operation::extend     ? Phase::active
                                                                : Phase::pending;
    access.expires = failed                                  ? std::nullopt
                     : outcome.seen && outcome.seen->expires ? outcome.seen->expires
                                                             : outcome.ends;
    app::KnownAccesses::note(context, std::move(access));
}

} // namespace

void declare_entitlements(CLI::App& tree, std::vector<std::string>& entitlements) {
    add_repeatable(tree, "-e,--entitlement", entitlements, "the same, as an option")
        ->type_name(k_words)
        ->group(k_words_group);
}

void declare_timeout(CLI::App& tree, std::chrono::seconds& timeout) {
    const auto read = [&timeout](const std::string& text) {
        const auto duration = parse_duration(text);
        if (!duration) {
            throw CLI::ValidationError(
                cat({"--wait-timeout: \"", text, "\" is no stretch of time like 90s or 10m"}));
        }
        timeout = *duration;
    };
    tree.add_option_function<std::string>("--wait-timeout", read, "the longest to wait (default: 10m)")
        ->type_name("TIME")
        ->group(k_wait_group);
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

void declare_operation(CLI::App& tree, OperationOptions& options, const std::string& length_help,
                       const std::string& goal) {
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

void start(app::Context& context, Outcome& outcome) {
    const OperationRequest& request = *outcome.request;
    if (request.operation == Operation::extend) {
        outcome.ends = extended(context, request, outcome.target);
    }
    auto client = context.client();
    if (!client) {
        outcome.error = std::move(client).error();
        return;
    }
    auto answer = (*client)->start(request);
    if (!answer) {
        outcome.error = std::move(answer).error();
        app::explain_refusal(context, outcome.target, sailpoint::operation_name(request.operation),
                             *outcome.error);
        return;
    }
    outcome.answer = *std::move(answer);
    if (request.operation == Operation::activate) {
        outcome.ends = sailpoint::expiry_of(*outcome.answer);
    }
    if (sailpoint::is_failed(request.operation, outcome.answer->status)) {
        outcome.error = Error{
            ExitCode::not_provisioned,
            cat({sailpoint::operation_name(request.operation), " of ", outcome.target.title(),
                 " was accepted, but has ended in ", outcome.answer->status}),
            cat({"jit history -e ", outcome.target.connection.str(), " --detail shows what is known of it"})};
    }
    note(context, outcome);
}

void await(app::Context& context, const app::Patience& patience, Outcome& outcome) {
    if (!outcome.request || !outcome.answer || outcome.error) {
        return;
    }
    app::Expected expected{outcome.request->operation, outcome.answer->activation_id,
                           parse_rfc3339(outcome.answer->start_time)};
    if (!expected.since) {
        constexpr std::chrono::minutes k_clocks_differ{1};
        expected.since = context.service_now() - k_clocks_differ;
    }
    if (expected.operation == Operation::extend) {
        expected.expires = outcome.ends;
    }
    auto done = app::wait_until_done(context, outcome.target, expected, patience, outcome.seen);
    if (!done) {
        outcome.error = std::move(done).error();
    }
    if (outcome.seen) {
        note(context, outcome);
    }
}

Result<void> run_operation(app::Context& context, Operation operation, const OperationOptions& options,
                           const std::vector<std::string>& words) {
    const bool until_end = operation == Operation::extend && !options.length.until.empty();
    JIT_TRY(const bool wait, must_wait(context, options.waiting));
    if (auto good = check_texts(options); !good) {
        return good;
    }
    if (auto until = read_until(options.length, context.now()); !until) {
        return std::move(until).error();
    }
    const std::vector<std::string> named = all_words(options.entitlements, words);
    if (named.empty() && operation != Operation::deactivate && !has_length(context, options.length)) {
        return no_length(); // before anybody is asked anything
    }
    JIT_TRY(auto targets, app::resolve_targets(context, named, wanted_for(operation, until_end)));
    if (until_end) {
        if (auto settled = app::settle(context, targets); !settled) {
            return settled;
        }
    }
    std::vector<Outcome> outcomes;
    for (app::Target& target : targets) {
        JIT_TRY(const std::int32_t minutes, minutes_of(context, operation, options, target));
        Outcome& outcome = outcomes.emplace_back(Outcome{std::move(target)});
        if (minutes != 0 || operation == Operation::deactivate) {
            outcome.request = request_for(options, outcome.target, operation, minutes);
        } else {
            outcome.seen = app::access_of(*outcome.target.entry, context.service_now());
        }
    }
    if (options.dry_run) {
        return print_dry_run(context, outcomes);
    }
    if (auto client = context.client(); !client) {
        return std::move(client).error(); // for each of them
    }
    if (wait && operation == Operation::extend) {
        look_before(context, outcomes);
    }
    for (Outcome& outcome : outcomes) {
        const bool first = &outcome == &outcomes.front(); // the transport tells how far that one came
        if (context.interrupted() && !first && outcome.request) {
            outcome.error = Error{ExitCode::interrupted,
                                  cat({outcome.target.title(), ": interrupted; nothing was sent"})};
        } else if (outcome.request) {
            start(context, outcome);
        }
    }
    if (wait) {
        const TimePoint end = context.now() + options.waiting.timeout; // for all of them
        for (Outcome& outcome : outcomes) {
            app::Patience patience{std::max(std::chrono::seconds(1),
                                            std::chrono::ceil<std::chrono::seconds>(end - context.now()))};
            if (operation == Operation::extend && outcome.target.entry) {
                patience.first = app::AccessReader::Source::connections; // it knows when access ends
            }
            await(context, patience, outcome);
        }
    }
    return print_outcomes(context, operation, outcomes);
}

} // namespace jit::commands
