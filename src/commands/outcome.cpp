#include "commands/outcome.hpp"

#include "app/known_names.hpp"
#include "app/output.hpp"
#include "base/text.hpp"
#include "commands/connection_view.hpp"
#include "sailpoint/client.hpp"

#include <algorithm>
#include <limits>

namespace jit::commands {
namespace {

using sailpoint::Acceptance;
using sailpoint::Operation;

const io::Column k_entitlement{"ENTITLEMENT", true};
const io::Column k_activation{"ACTIVATION", true};

app::Titles titles_of(std::optional<Operation> operation) {
    if (!operation) {
        return {{k_entitlement, {"STATUS"}, {"ACTION"}, {"MINUTES"}, {"EXPIRES"}},
                {"entitlement", "connectionId", "activationId", "action", "status", "expiresAt",
                 "entitlementName"}};
    }
    switch (*operation) {
    case Operation::activate:
        return {{k_entitlement, {"STATUS"}, {"MINUTES"}, {"EXPIRES"}, k_activation},
                {"entitlement", "id", "activationId", "connectionId", "activationPeriodMins", "status",
                 "startTime", "expiresAt", "entitlementName"}};
    case Operation::extend:
        return {{k_entitlement, {"STATUS"}, {"ADDED"}, {"EXPIRES"}, k_activation},
                {"entitlement", "id", "activationId", "connectionId", "activationPeriodExtensionMins",
                 "status", "startTime", "expiresAt", "entitlementName"}};
    case Operation::deactivate:
        return {
            {k_entitlement, {"STATUS"}, {"REQUESTED"}, k_activation},
            {"entitlement", "id", "activationId", "connectionId", "status", "startTime", "entitlementName"}};
    }
    return {};
}

app::Titles list_titles_of(std::optional<Operation> operation) {
    app::Titles titles = titles_of(operation);
    titles.csv.insert(titles.csv.end(), {"ok", "error"});
    return titles;
}

/// The service's word for the state: the last one seen, else that of the answer.
std::string status_of(const Outcome& outcome) {
    if (outcome.seen && !outcome.seen->status.empty()) {
        return outcome.seen->status;
    }
    return outcome.answer ? outcome.answer->status : "";
}

/// When access ends, as far as it is known.
std::string expiry_text(const Outcome& outcome) {
    if (outcome.ended_again || (outcome.error && outcome.error->code == ExitCode::not_provisioned)) {
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
    if (!expires && outcome.answer && outcome.request->operation != Operation::deactivate) {
        expires = outcome.ends;
    }
    return expires ? format_rfc3339(*expires) : "";
}

std::string action_of(const Outcome& outcome) {
    return outcome.request ? std::string(sailpoint::operation_name(outcome.request->operation)) : "none";
}

app::Record record_of(app::Context& context, std::optional<Operation> operation, const Outcome& outcome,
                      const std::string& name) {
    const Acceptance answer = outcome.answer.value_or(Acceptance{"{}"});
    const std::string& asked = outcome.target.asked;
    const std::string& title = outcome.target.title();
    const std::string connection =
        answer.connection_id.empty() ? outcome.target.connection.str() : hyphenated(answer.connection_id);
    const bool no_answer = !outcome.answer || answer.by_state;
    const std::string status = status_of(outcome);
    const std::string expires = expiry_text(outcome);
    // The period of access that is not usable yet has not begun, as far as one knows.
    const bool usable = sailpoint::phase_of_status(status) == sailpoint::Phase::active;
    const std::string expires_cell = usable ? context.time_cell(expires) : "";
    app::Record record{answer.raw, {{"entitlement", asked}, {"entitlementName", name}}, {}, {}};
    if (no_answer || connection != answer.connection_id) {
        record.members.push_back({"connectionId", connection});
    }
    if (no_answer && !answer.activation_id.empty()) {
        record.members.push_back({"activationId", answer.activation_id});
    }
    if (!status.empty() && (no_answer || status != answer.status)) {
        record.members.push_back({"status", status});
    }
    if (!expires.empty()) {
        record.members.push_back({"expiresAt", expires});
    }
    if (!outcome.was_active) {
        record.members.push_back({"wasActive", "false", true});
    }
    if (!operation) {
        record.members.push_back({"action", action_of(outcome)});
        record.cells = {title, status, action_of(outcome), answer.minutes, expires_cell};
        record.fields = {asked, connection, answer.activation_id, action_of(outcome), status, expires, name};
        return record;
    }
    switch (*operation) {
    case Operation::activate:
        record.cells = {title, status, answer.minutes, expires_cell, answer.activation_id};
        record.fields = {
            asked,   answer.id, answer.activation_id, connection, answer.minutes, status, answer.start_time,
            expires, name};
        break;
    case Operation::extend:
        record.cells = {title, status, answer.minutes.empty() ? "" : answer.minutes + " min",
                        context.time_cell(expires), answer.activation_id};
        record.fields = {
            asked,   answer.id, answer.activation_id, connection, answer.minutes, status, answer.start_time,
            expires, name};
        break;
    case Operation::deactivate:
        record.cells = {title, outcome.was_active ? status : "not active",
                        context.time_cell(answer.start_time), answer.activation_id};
        record.fields = {asked, answer.id, answer.activation_id, connection, status, answer.start_time, name};
        break;
    }
    return record;
}

/// The printing failed: where work was accepted, the error must not make anybody send it again.
Error not_printed(const std::string& accepted, Error error) {
    if (!accepted.empty()) {
        error.message = cat({accepted, " was accepted, but jit ", error.message});
        error.hint = "do not send it again";
    }
    return error;
}

std::string name_of(const Outcome& outcome) {
    return cat({action_of(outcome), " of ", outcome.target.title()});
}

} // namespace

std::string EntitlementNames::of(const app::Target& target) {
    if (target.entry) {
        return target.title();
    }
    if (!known_) {
        known_.emplace();
        const app::KnownNames names = app::KnownNames::load(context_);
        for (const app::KnownName& name : names.all()) {
            known_->insert({hyphenated(name.connection), name.name});
        }
    }
    const auto found = known_->find(target.connection.str());
    return found != known_->end() ? found->second : target.title();
}

std::optional<TimePoint> started_at(const Outcome& outcome) {
    const auto started = outcome.answer ? parse_rfc3339(outcome.answer->start_time) : std::nullopt;
    return started ? started : outcome.asked;
}

std::int32_t granted_minutes(const Outcome& outcome) {
    const auto granted =
        outcome.answer ? parse_whole(outcome.answer->minutes, 1, std::numeric_limits<std::int32_t>::max())
                       : std::nullopt;
    return granted ? static_cast<std::int32_t>(*granted) : outcome.request->minutes;
}

OutcomePrinter::OutcomePrinter(app::Context& context, std::optional<Operation> operation)
    : context_(context), operation_(operation), names_(context),
      printer_(context, list_titles_of(operation)) {
    const auto format = context.loaded_settings()->output.value;
    in_order_ = format != config::OutputFormat::jsonl;
    tells_ = format == config::OutputFormat::table || format == config::OutputFormat::csv;
}

bool OutcomePrinter::add(std::size_t place, const Outcome& outcome) {
    note(outcome);
    Kept kept{record_of(context_, operation_, outcome, names_.of(outcome.target)), {}};
    app::Record& record = kept.record;
    record.members.push_back({"ok", outcome.error ? "false" : "true", true});
    record.fields.emplace_back(outcome.error ? "false" : "true");
    record.fields.push_back(outcome.error ? outcome.error->message : "");
    if (outcome.error) {
        record.members.push_back({"error", sailpoint::encode_error_object(*outcome.error), true});
        if (record.cells.size() > 1 && (outcome.ended_again || !outcome.answer)) {
            record.cells[1] = outcome.ended_again ? "ended again" : kind_name(outcome.error->code);
        }
        if (tells_) {
            kept.trouble = outcome.error->message;
        }
    }
    if (!in_order_) {
        print(kept);
        return !failure_;
    }
    kept_.insert({place, std::move(kept)});
    while (!kept_.empty() && kept_.begin()->first == count_) {
        print(kept_.extract(kept_.begin()).mapped());
    }
    return !failure_;
}

void OutcomePrinter::note(const Outcome& outcome) {
    constexpr std::size_t k_named = 20;
    ++total_;
    if (outcome.answer && ++accepted_count_ <= k_named) {
        accepted_.push_back(name_of(outcome));
    }
    if (outcome.error) {
        const ExitCode code = outcome.error->code;
        ++failed_;
        if (!outcome.collateral) {
            code_ = code_.value_or(code) == code ? code : ExitCode::partial;
        }
        interrupted_ = interrupted_ || code == ExitCode::interrupted;
    }
}

void OutcomePrinter::print(const Kept& kept) {
    ++count_;
    if (!kept.trouble.empty()) {
        troubles_.push_back(kept.trouble);
    }
    if (failure_) {
        return;
    }
    auto printed = printer_.add(kept.record);
    if (printed && !in_order_) {
        printed = printer_.flush();
    }
    if (!printed) {
        failure_ = std::move(printed).error();
    }
}

Result<void> OutcomePrinter::finish() {
    if (!failure_) {
        if (auto printed = printer_.finish(); !printed) {
            failure_ = std::move(printed).error();
        }
    }
    if (failure_) {
        std::string accepted = join(accepted_);
        if (accepted_count_ > accepted_.size()) {
            accepted += cat({" and ", std::to_string(accepted_count_ - accepted_.size()), " more"});
        }
        return not_printed(accepted, *std::move(failure_));
    }
    if (failed_ == 0) {
        return {};
    }
    for (const std::string& trouble : troubles_) {
        context_.console().message(cat({"jit: ", context_.console().safe(trouble), "\n"}));
    }
    // Whatever else went wrong, whoever interrupts wants out.
    const ExitCode code = interrupted_       ? ExitCode::interrupted
                          : failed_ < total_ ? ExitCode::partial
                                             : code_.value_or(ExitCode::partial);
    return Error{code, cat({std::to_string(failed_), " of ", std::to_string(total_), " failed"}),
                 "jit status shows what is active now"};
}

Result<void> print_outcome(app::Context& context, std::optional<Operation> operation,
                           const Outcome& outcome) {
    if (outcome.answer || !outcome.error) {
        const std::string name = EntitlementNames(context).of(outcome.target);
        auto printed =
            app::print_one(context, titles_of(operation), record_of(context, operation, outcome, name));
        if (!printed) {
            return not_printed(outcome.answer ? name_of(outcome) : "", std::move(printed).error());
        }
    }
    return outcome.error ? Result<void>(*outcome.error) : Result<void>();
}

Result<void> print_outcomes(app::Context& context, std::optional<Operation> operation,
                            const std::vector<Outcome>& outcomes, bool as_list) {
    if (outcomes.size() == 1 && !as_list) {
        return print_outcome(context, operation, outcomes.front());
    }
    OutcomePrinter printer(context, operation);
    for (std::size_t place = 0; place < outcomes.size(); ++place) {
        if (!printer.add(place, outcomes[place])) {
            break;
        }
    }
    return printer.finish();
}

Result<void> print_dry_run(app::Context& context, const std::vector<Outcome>& outcomes, bool as_list) {
    JIT_TRY(const std::string base_url, context.base_url());
    const app::Titles titles{{{"ENTITLEMENT", true}, {"METHOD"}, {"URL", true}, {"BODY"}},
                             {"entitlement", "method", "url", "body", "entitlementName", "connectionId"}};
    EntitlementNames names(context);
    std::vector<app::Record> records;
    for (const Outcome& outcome : outcomes) {
        const std::string& asked = outcome.target.asked;
        const std::string& connection = outcome.target.connection.str();
        const std::string name = names.of(outcome.target);
        const std::vector<sailpoint::Member> members = {
            {"entitlement", asked}, {"entitlementName", name}, {"connectionId", connection}};
        if (!outcome.request) {
            records.push_back({R"({"dryRun":true})",
                               members,
                               {outcome.target.title(), "none", "", ""},
                               {asked, "", "", "", name, connection}});
            continue;
        }
        const http::Request request = sailpoint::operation_request(base_url, *outcome.request);
        const std::string body(request.body.reveal());
        records.push_back({cat({R"({"dryRun":true,"body":)", body, "}"}),
                           members,
                           {outcome.target.title(), "POST", request.url, body},
                           {asked, "POST", request.url, body, name, connection}});
        records.back().members.push_back({"method", "POST"});
        records.back().members.push_back({"url", request.url});
    }
    context.log().info("dry run: nothing is changed");
    if (records.size() == 1 && !as_list) {
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
