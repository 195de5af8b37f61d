#include "commands/result_printer.hpp"

#include "access/name_cache.hpp"
#include "commands/connection_view.hpp"
#include "commands/output.hpp"
#include "sailpoint/operations.hpp"
#include "util/duration.hpp"
#include "util/text.hpp"
#include "json/error.hpp"

#include <algorithm>
#include <limits>

namespace jit::commands {
namespace {

using sailpoint::Acceptance;
using sailpoint::Operation;
using sailpoint::Phase;

const io::Column k_entitlement{"ENTITLEMENT", true};
const io::Column k_activation{"ACTIVATION", true};

Titles titles_of(std::optional<Operation> operation) {
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

Titles list_titles_of(std::optional<Operation> operation) {
    Titles titles = titles_of(operation);
    titles.csv.insert(titles.csv.end(), {"ok", "error"});
    return titles;
}

/// The service's word for the state: the last one seen, else that of the answer.
std::string status_of(const access::TargetResult& result) {
    if (result.seen && !result.seen->status.empty()) {
        return result.seen->status;
    }
    return result.answer ? result.answer->status : "";
}

/// When access ends, as far as it is known.
std::string expiry_text(const access::TargetResult& result) {
    if (result.rolled_back || (result.error && result.error->kind == ErrorKind::not_provisioned)) {
        return "";
    }
    std::optional<TimePoint> expires;
    if (result.seen) {
        if (result.seen->phase != Phase::active && result.seen->phase != Phase::starting) {
            return ""; // the clock does not run, or no more
        }
        expires = result.seen->expires;
    }
    if (!expires && result.answer && result.request->operation != Operation::deactivate) {
        expires = result.ends;
    }
    return expires ? format_rfc3339(*expires) : "";
}

std::string action_of(const access::TargetResult& result) {
    return result.request ? std::string(sailpoint::operation_name(result.request->operation)) : "none";
}

Record record_of(access::Context& context, std::optional<Operation> operation,
                 const access::TargetResult& result, const std::string& name) {
    const Acceptance answer = result.answer.value_or(Acceptance{"{}"});
    const std::string& asked = result.target.asked;
    const std::string& title = result.target.title();
    const std::string connection =
        answer.connection_id.empty() ? result.target.connection.str() : hyphenated(answer.connection_id);
    const bool no_answer = !result.answer || answer.by_state;
    const std::string status = status_of(result);
    const std::string expires = expiry_text(result);
    // The period of access that is not usable yet has not begun, as far as one knows.
    const bool usable = sailpoint::phase_of_status(status) == Phase::active;
    std::string state = state_cell(context, status);
    if (operation == Operation::deactivate && !result.seen && usable && !context.shows_service_words()) {
        state = sailpoint::phase_words(Phase::ending); // the answer tells what it was
    }
    const std::string expires_cell = usable ? context.time_cell(expires) : "";
    Record record{answer.raw, {{"entitlement", asked}, {"entitlementName", name}}, {}, {}};
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
    if (!result.was_active) {
        record.members.push_back({"wasActive", "false", true});
    }
    if (result.ready) {
        record.members.push_back({"ready", *result.ready ? "true" : "false", true});
    }
    if (result.ready && *result.ready) {
        record.members.push_back({"readyAfterSeconds", std::to_string(result.ready_after.count()), true});
    }
    if (!operation) {
        record.members.push_back({"action", action_of(result)});
        record.cells = {title, state, action_of(result), answer.minutes, expires_cell};
        record.fields = {asked, connection, answer.activation_id, action_of(result), status, expires, name};
        return record;
    }
    switch (*operation) {
    case Operation::activate:
        record.cells = {title, state, answer.minutes, expires_cell, answer.activation_id};
        record.fields = {
            asked,   answer.id, answer.activation_id, connection, answer.minutes, status, answer.start_time,
            expires, name};
        break;
    case Operation::extend:
        record.cells = {title, state, answer.minutes.empty() ? "" : answer.minutes + " min",
                        context.time_cell(expires), answer.activation_id};
        record.fields = {
            asked,   answer.id, answer.activation_id, connection, answer.minutes, status, answer.start_time,
            expires, name};
        break;
    case Operation::deactivate:
        record.cells = {title, result.was_active ? state : "not active", context.time_cell(answer.start_time),
                        answer.activation_id};
        record.fields = {asked, answer.id, answer.activation_id, connection, status, answer.start_time, name};
        break;
    }
    return record;
}

/// What a person at a terminal reads of one target in place of a table: a sentence.
std::string sentence_of(access::Context& context, const access::TargetResult& result,
                        const std::string& name) {
    const auto expires = parse_rfc3339(expiry_text(result));
    const std::string status = status_of(result);
    const Phase phase = sailpoint::phase_of_status(status);
    const std::string state = sailpoint::state_words(status);
    const std::string until = expires ? concat({" until ", context.short_time_text(*expires)}) : "";
    const std::int32_t minutes = result.request ? access::granted_minutes(result) : 0;
    const std::string length = concat({std::to_string(minutes), " min"});
    const std::string mark = context.console().charset() == io::Charset::utf8 ? "✓ " : "";
    if (!result.request) {
        const std::string left =
            expires ? concat({" (", duration_words(*expires - context.service_now()), " left)"}) : "";
        return concat({mark, name, " is ", state, until, left, "; nothing to do"});
    }
    switch (result.request->operation) {
    case Operation::activate:
        if (phase == Phase::active) {
            return concat({mark, name, " is active", until, " (", length, ")"});
        }
        return phase == Phase::waiting ? concat({name, " is ", state})
                                       : concat({mark, name, " requested; not usable yet (--wait waits)"});
    case Operation::extend:
        return concat({mark, name, " extended by ", length, expires ? ", now" : "", until});
    case Operation::deactivate:
        break;
    }
    const bool over = result.seen && sailpoint::is_over(result.seen->phase);
    return concat({mark, name, over ? " ended" : " is ending (--wait waits)"});
}

/// Whether to print a sentence: at a terminal, where nobody has asked for a table.
bool wants_sentence(access::Context& context) {
    const auto& output = context.loaded_settings()->output;
    return output.value == config::OutputFormat::table &&
           output.origin.kind != config::Origin::Kind::option && context.console().out_device().is_terminal &&
           !context.shows_service_words();
}

/// The printing failed: where work was accepted, the error must not make anybody send it again.
Error not_printed(const std::string& accepted, Error error) {
    if (!accepted.empty()) {
        error.message = concat({accepted, " was accepted, but jit ", error.message});
        error.hint = "do not send it again";
    }
    return error;
}

std::string name_of(const access::TargetResult& result) {
    return concat({action_of(result), " of ", result.target.title()});
}

} // namespace

ResultPrinter::ResultPrinter(access::Context& context, std::optional<Operation> operation)
    : context_(context), operation_(operation), names_(context),
      printer_(context, list_titles_of(operation)) {
    const auto format = context.loaded_settings()->output.value;
    in_order_ = format != config::OutputFormat::jsonl;
    tells_ = format == config::OutputFormat::table || format == config::OutputFormat::csv;
}

bool ResultPrinter::add(std::size_t place, const access::TargetResult& result) {
    note(result);
    Kept kept{record_of(context_, operation_, result, names_.of(result.target)), {}};
    Record& record = kept.record;
    record.members.push_back({"ok", result.error ? "false" : "true", true});
    record.fields.emplace_back(result.error ? "false" : "true");
    record.fields.push_back(result.error ? result.error->message : "");
    if (result.error) {
        record.members.push_back(
            {"error", json::encode_error_object(*result.error, exit_code_of(result.error->kind)), true});
        if (record.cells.size() > 1 && (result.rolled_back || !result.answer)) {
            record.cells[1] = result.rolled_back ? "ended again" : kind_name(result.error->kind);
        }
        if (tells_) {
            kept.trouble = result.error->message;
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

void ResultPrinter::note(const access::TargetResult& result) {
    constexpr std::size_t k_named = 20;
    ++total_;
    if (result.answer && ++accepted_count_ <= k_named) {
        accepted_.push_back(name_of(result));
    }
    if (result.error) {
        const ErrorKind code = result.error->kind;
        ++failed_;
        if (!result.aborted_by_peer) {
            code_ = code_.value_or(code) == code ? code : ErrorKind::partial;
        }
        interrupted_ = interrupted_ || code == ErrorKind::interrupted;
    }
}

void ResultPrinter::print(const Kept& kept) {
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

Result<void> ResultPrinter::finish() {
    if (!failure_) {
        if (auto printed = printer_.finish(); !printed) {
            failure_ = std::move(printed).error();
        }
    }
    if (failure_) {
        std::string accepted = join(accepted_);
        if (accepted_count_ > accepted_.size()) {
            accepted += concat({" and ", std::to_string(accepted_count_ - accepted_.size()), " more"});
        }
        return not_printed(accepted, *std::move(failure_));
    }
    if (failed_ == 0) {
        return {};
    }
    for (const std::string& trouble : troubles_) {
        context_.console().message(concat({"jit: ", context_.console().safe(trouble), "\n"}));
    }
    // Whatever else went wrong, whoever interrupts wants out.
    const ErrorKind code = interrupted_       ? ErrorKind::interrupted
                           : failed_ < total_ ? ErrorKind::partial
                                              : code_.value_or(ErrorKind::partial);
    return Error{code, concat({std::to_string(failed_), " of ", std::to_string(total_), " failed"}),
                 "jit status shows what is active now"};
}

Result<void> print_result(access::Context& context, std::optional<Operation> operation,
                          const access::TargetResult& result) {
    if (result.answer || !result.error) {
        const std::string name = access::EntitlementNames(context).of(result.target);
        const bool as_sentence = wants_sentence(context);
        if (as_sentence &&
            (result.error || !result.was_active)) { // the error says it all, and so does a note
            return result.error ? Result<void>(*result.error) : Result<void>();
        }
        auto printed =
            as_sentence
                ? context.console().result(concat({sanitize_line(sentence_of(context, result, name)), "\n"}))
                : print_one(context, titles_of(operation), record_of(context, operation, result, name));
        if (!printed) {
            return not_printed(result.answer ? name_of(result) : "", std::move(printed).error());
        }
    }
    return result.error ? Result<void>(*result.error) : Result<void>();
}

Result<void> print_results(access::Context& context, std::optional<Operation> operation,
                           const std::vector<access::TargetResult>& results, bool as_list) {
    if (results.size() == 1 && !as_list) {
        return print_result(context, operation, results.front());
    }
    ResultPrinter printer(context, operation);
    for (std::size_t place = 0; place < results.size(); ++place) {
        if (!printer.add(place, results[place])) {
            break;
        }
    }
    return printer.finish();
}

Result<void> print_dry_run(access::Context& context, const std::vector<access::TargetResult>& results,
                           bool as_list) {
    JIT_TRY(const std::string base_url, context.base_url());
    const Titles titles{{{"ENTITLEMENT", true}, {"METHOD"}, {"URL", true}, {"BODY"}},
                        {"entitlement", "method", "url", "body", "entitlementName", "connectionId"}};
    access::EntitlementNames names(context);
    std::vector<Record> records;
    for (const access::TargetResult& result : results) {
        const std::string& asked = result.target.asked;
        const std::string& connection = result.target.connection.str();
        const std::string name = names.of(result.target);
        const std::vector<json::Member> members = {
            {"entitlement", asked}, {"entitlementName", name}, {"connectionId", connection}};
        if (!result.request) {
            records.push_back({R"({"dryRun":true})",
                               members,
                               {result.target.title(), "none", "", ""},
                               {asked, "", "", "", name, connection}});
            continue;
        }
        const http::Request request = sailpoint::operation_request(base_url, *result.request);
        const std::string body(request.body.reveal());
        records.push_back({concat({R"({"dryRun":true,"body":)", body, "}"}),
                           members,
                           {result.target.title(), "POST", request.url, body},
                           {asked, "POST", request.url, body, name, connection}});
        records.back().members.push_back({"method", "POST"});
        records.back().members.push_back({"url", request.url});
    }
    context.log().info("dry run: nothing is changed");
    if (records.size() == 1 && !as_list) {
        return print_one(context, titles, records.front());
    }
    ListPrinter printer(context, titles);
    for (const Record& record : records) {
        if (auto added = printer.add(record); !added) {
            return added;
        }
    }
    return printer.finish();
}

} // namespace jit::commands
