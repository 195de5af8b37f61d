#include "commands/outcome.hpp"

#include "app/output.hpp"
#include "base/text.hpp"
#include "sailpoint/client.hpp"

#include <algorithm>

namespace jit::commands {
namespace {

using sailpoint::Acceptance;
using sailpoint::Operation;

const io::Column k_entitlement{"ENTITLEMENT", true};
const io::Column k_activation{"ACTIVATION", true};

app::Titles titles_of(std::optional<Operation> operation) {
    if (!operation) {
        return {{k_entitlement, {"STATUS"}, {"ACTION"}, {"MINUTES"}, {"EXPIRES"}},
                {"entitlement", "connectionId", "activationId", "action", "status", "expiresAt"}};
    }
    switch (*operation) {
    case Operation::activate:
        return {{k_entitlement, {"STATUS"}, {"MINUTES"}, {"EXPIRES"}, k_activation},
                {"entitlement", "id", "activationId", "connectionId", "activationPeriodMins", "status",
                 "startTime", "expiresAt"}};
    case Operation::extend:
        return {{k_entitlement, {"STATUS"}, {"ADDED"}, {"REQUESTED"}, k_activation},
                {"entitlement", "id", "activationId", "connectionId", "activationPeriodExtensionMins",
                 "status", "startTime"}};
    case Operation::deactivate:
        return {{k_entitlement, {"STATUS"}, {"REQUESTED"}, k_activation},
                {"entitlement", "id", "activationId", "connectionId", "status", "startTime"}};
    }
    return {};
}

/// The service's word for the state: the last one seen, else that of the answer.
std::string status_of(const Outcome& outcome) {
    if (outcome.seen && !outcome.seen->status.empty()) {
        return outcome.seen->status;
    }
    return outcome.answer ? outcome.answer->status : "";
}

/// When access ends, as far as it is known. An extend's end is told only where it was seen: what it was
/// worked out from may be old.
std::string expiry_text(const Outcome& outcome) {
    if (outcome.error && outcome.error->code == ExitCode::not_provisioned) {
        return "";
    }
    std::optional<TimePoint> expires;
    if (outcome.seen) {
        if (outcome.seen->phase != sailpoint::Phase::active &&
            outcome.seen->phase != sailpoint::Phase::pending) {
            return ""; // the clock does not run, or no more
        }
        expires = outcome.seen->expires;
    }
    if (!expires && outcome.request && outcome.request->operation == Operation::activate) {
        expires = outcome.ends;
    }
    return expires ? format_rfc3339(*expires) : "";
}

std::string action_of(const Outcome& outcome) {
    return outcome.request ? std::string(sailpoint::operation_name(outcome.request->operation)) : "none";
}

app::Record record_of(app::Context& context, std::optional<Operation> operation, const Outcome& outcome) {
    const Acceptance answer = outcome.answer.value_or(Acceptance{"{}"});
    const std::string& asked = outcome.target.asked;
    const std::string& title = outcome.target.title();
    const std::string& connection = outcome.target.connection.str();
    const std::string status = status_of(outcome);
    const std::string expires = expiry_text(outcome);
    app::Record record{answer.raw, {{"entitlement", asked}}, {}, {}};
    if (!outcome.answer) {
        record.members.push_back({"connectionId", connection});
    }
    if (!status.empty() && status != answer.status) {
        record.members.push_back({"status", status});
    }
    if (!expires.empty()) {
        record.members.push_back({"expiresAt", expires});
    }
    if (!operation) {
        record.members.push_back({"action", action_of(outcome)});
        record.cells = {title, status, action_of(outcome), answer.minutes, context.time_cell(expires)};
        record.fields = {asked, connection, answer.activation_id, action_of(outcome), status, expires};
        return record;
    }
    const std::string requested = context.time_cell(answer.start_time);
    switch (*operation) {
    case Operation::activate:
        record.cells = {title, status, answer.minutes, context.time_cell(expires), answer.activation_id};
        record.fields = {asked,          answer.id, answer.activation_id, answer.connection_id,
                         answer.minutes, status,    answer.start_time,    expires};
        break;
    case Operation::extend:
        record.cells = {title, status, answer.minutes.empty() ? "" : answer.minutes + " min", requested,
                        answer.activation_id};
        record.fields = {asked,          answer.id, answer.activation_id, answer.connection_id,
                         answer.minutes, status,    answer.start_time};
        break;
    case Operation::deactivate:
        record.cells = {title, status, requested, answer.activation_id};
        record.fields = {asked,  answer.id,        answer.activation_id, answer.connection_id,
                         status, answer.start_time};
        break;
    }
    return record;
}

/// The printing failed: where work was accepted, the error must not make anybody send it again.
Error not_printed(const std::vector<Outcome>& outcomes, Error error) {
    std::vector<std::string> accepted;
    for (const Outcome& outcome : outcomes) {
        if (outcome.answer) {
            accepted.push_back(cat({action_of(outcome), " of ", outcome.target.title()}));
        }
    }
    if (!accepted.empty()) {
        error.message = cat({join(accepted), " was accepted, but jit ", error.message});
        error.hint = "do not send it again";
    }
    return error;
}

Result<void> print_single(app::Context& context, std::optional<Operation> operation,
                          const std::vector<Outcome>& outcomes) {
    const Outcome& outcome = outcomes.front();
    if (outcome.answer || !outcome.error) {
        auto printed = app::print_one(context, titles_of(operation), record_of(context, operation, outcome));
        if (!printed) {
            return not_printed(outcomes, std::move(printed).error());
        }
    }
    return outcome.error ? Result<void>(*outcome.error) : Result<void>();
}

} // namespace

Result<void> print_outcomes(app::Context& context, std::optional<Operation> operation,
                            const std::vector<Outcome>& outcomes) {
    if (outcomes.size() == 1) {
        return print_single(context, operation, outcomes);
    }
    app::Titles titles = titles_of(operation);
    titles.csv.insert(titles.csv.end(), {"ok", "error"});
    app::ListPrinter printer(context, titles);
    std::size_t failed = 0;
    std::optional<ExitCode> code;
    for (const Outcome& outcome : outcomes) {
        app::Record record = record_of(context, operation, outcome);
        record.members.push_back({"ok", outcome.error ? "false" : "true", true});
        if (outcome.error) {
            ++failed;
            code = code.value_or(outcome.error->code) == outcome.error->code ? outcome.error->code
                                                                             : ExitCode::partial;
            if (outcome.error->code == ExitCode::interrupted) {
                code = ExitCode::interrupted; // whatever else went wrong, the person wants out
            }
            record.members.push_back({"error", sailpoint::encode_error_object(*outcome.error), true});
            if (!outcome.answer && record.cells.size() > 1) {
                record.cells[1] = kind_name(outcome.error->code);
            }
        }
        record.fields.emplace_back(outcome.error ? "false" : "true");
        record.fields.push_back(outcome.error ? outcome.error->message : "");
        if (auto added = printer.add(record); !added) {
            return not_printed(outcomes, std::move(added).error());
        }
    }
    if (auto printed = printer.finish(); !printed) {
        return not_printed(outcomes, std::move(printed).error());
    }
    if (failed == 0) {
        return {};
    }
    // In JSON each failure stands with its target.
    const auto format = context.loaded_settings()->output.value;
    if (format == config::OutputFormat::table || format == config::OutputFormat::csv) {
        for (const Outcome& outcome : outcomes) {
            if (outcome.error) {
                context.console().message(
                    cat({"jit: ", context.console().safe(outcome.error->message), "\n"}));
            }
        }
    }
    const bool some = failed < outcomes.size() && code != ExitCode::interrupted;
    return Error{some ? ExitCode::partial : *code,
                 cat({std::to_string(failed), " of ", std::to_string(outcomes.size()), " failed"}),
                 "jit status shows what is active now"};
}

Result<void> print_dry_run(app::Context& context, const std::vector<Outcome>& outcomes) {
    JIT_TRY(const std::string base_url, context.base_url());
    const app::Titles titles{{{"ENTITLEMENT", true}, {"METHOD"}, {"URL", true}, {"BODY"}},
                             {"entitlement", "method", "url", "body"}};
    std::vector<app::Record> records;
    for (const Outcome& outcome : outcomes) {
        const std::string& asked = outcome.target.asked;
        if (!outcome.request) {
            records.push_back({R"({"dryRun":true})",
                               {{"entitlement", asked}, {"connectionId", outcome.target.connection.str()}},
                               {outcome.target.title(), "none", "", ""},
                               {asked, "", "", ""}});
            continue;
        }
        const http::Request request = sailpoint::operation_request(base_url, *outcome.request);
        const std::string body(request.body.reveal());
        records.push_back({cat({R"({"dryRun":true,"body":)", body, "}"}),
                           {{"entitlement", asked}, {"method", "POST"}, {"url", request.url}},
                           {outcome.target.title(), "POST", request.url, body},
                           {asked, "POST", request.url, body}});
    }
    context.log().info("dry run: nothing is changed");
    if (records.size() == 1) {
        return app::print_one(context, titles, records.front());
    }
    app::ListPrinter printer(context, titles);
    for (const app::Record& record : records) {
        if (auto added = printer.add(record); !added) {
            return added;
        }
    }
    return printer.finish();
}

} // namespace jit::commands
