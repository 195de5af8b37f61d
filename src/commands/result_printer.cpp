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

constexpr Field k_name{"entitlementName", "ENTITLEMENT", io::Yields::shortened};
constexpr Field k_connection{"connectionId", "", io::Yields::third};
constexpr Field k_activation{"activationId", "ACTIVATION", io::Yields::third};
constexpr Field k_expires{"expiresAt", "ENDS", io::Yields::last};

/// The fields of ensure, whose results name the `action`, where there is no operation. Those of a list have
/// `ok` and `error`.
Fields fields_of(std::optional<Operation> operation, bool in_list) {
    Fields fields;
    if (!operation) {
        fields = {{{"entitlement"}, k_connection, k_activation, {"action"}, {"status"}, k_expires, k_name},
                  {"entitlementName", "status", "action", "minutes", "expiresAt"}};
        fields.all.push_back({"minutes", "", io::Yields::never, false, false});
    } else if (*operation == Operation::deactivate) {
        fields = {{{"entitlement"},
                   {"id"},
                   k_activation,
                   k_connection,
                   {"status"},
                   {"startTime", "REQUESTED", io::Yields::last},
                   k_name},
                  {"entitlementName", "status", "startTime", "activationId"}};
    } else {
        const bool extend = *operation == Operation::extend;
        const Field minutes = extend ? Field{"activationPeriodExtensionMins", "ADDED"}
                                     : Field{"activationPeriodMins", "MINUTES"};
        fields = {{{"entitlement"},
                   {"id"},
                   k_activation,
                   k_connection,
                   minutes,
                   {"status"},
                   {"startTime"},
                   k_expires,
                   k_name},
                  {"entitlementName", "status", minutes.name, "expiresAt", "activationId"}};
    }
    if (in_list) {
        fields.all.push_back({"ok"});
        fields.all.push_back({"error"});
    }
    return fields;
}

const Fields& dry_run_fields() {
    static const Fields fields{
        {{"entitlement"}, {"method"}, {"url", "", io::Yields::shortened}, {"body"}, k_name, k_connection},
        {"entitlementName", "method", "url", "body"}};
    return fields;
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

/// The state as a table has it.
std::string state_of(access::Context& context, std::optional<Operation> operation,
                     const access::TargetResult& result, bool in_list) {
    if (in_list && result.error && (result.rolled_back || !result.answer)) {
        return std::string(result.rolled_back ? "ended again" : kind_name(result.error->kind));
    }
    if (operation == Operation::deactivate && !result.was_active) {
        return "not active";
    }
    const std::string status = status_of(result);
    const bool usable = sailpoint::phase_of_status(status) == Phase::active;
    if (operation == Operation::deactivate && !result.seen && usable && !context.shows_service_words()) {
        return std::string(sailpoint::phase_words(Phase::ending)); // the answer tells what it was
    }
    return state_cell(context, status);
}

Record record_of(access::Context& context, std::optional<Operation> operation,
                 const access::TargetResult& result, const std::string& name, bool in_list) {
    const Acceptance answer = result.answer.value_or(Acceptance{"{}"});
    const std::string& requested = result.target.requested_name;
    const std::string connection =
        answer.connection_id.empty() ? result.target.connection.str() : hyphenated(answer.connection_id);
    const bool no_answer = !result.answer || answer.by_state;
    const Value status = {status_of(result), state_of(context, operation, result, in_list)};
    const std::string expires_text = expiry_text(result);
    // The period of access that is not usable yet has not begun, as far as one knows.
    const bool usable =
        operation == Operation::extend || sailpoint::phase_of_status(status.plain) == Phase::active;
    const Value expires = {expires_text, usable ? context.time_cell(expires_text) : ""};
    Record record{answer.raw, {{"entitlement", requested}, {"entitlementName", name}}, {}};
    const auto add = [&record](std::string_view member, const std::string& value, bool is_json = false) {
        record.members.push_back({member, value, is_json});
    };
    if (no_answer || connection != answer.connection_id) {
        add("connectionId", connection);
    }
    if (no_answer && !answer.activation_id.empty()) {
        add("activationId", answer.activation_id);
    }
    if (!status.plain.empty() && (no_answer || status.plain != answer.status)) {
        add("status", status.plain);
    }
    if (!expires.plain.empty()) {
        add("expiresAt", expires.plain);
    }
    if (!result.was_active) {
        add("wasActive", "false", true);
    }
    if (result.ready) {
        add("ready", *result.ready ? "true" : "false", true);
    }
    if (result.ready && *result.ready) {
        add("readyAfterSeconds", std::to_string(result.ready_after.count()), true);
    }
    if (!operation) {
        add("action", action_of(result));
        record.values = {requested, connection, answer.activation_id, action_of(result), status,
                         expires,   name,       answer.minutes};
    } else if (*operation == Operation::deactivate) {
        record.values = {requested,  answer.id, answer.activation_id,
                         connection, status,    {answer.start_time, context.time_cell(answer.start_time)},
                         name};
    } else {
        const std::string unit = *operation == Operation::extend && !answer.minutes.empty()
                                     ? answer.minutes + " min"
                                     : answer.minutes;
        record.values = {requested,
                         answer.id,
                         answer.activation_id,
                         connection,
                         {answer.minutes, unit},
                         status,
                         answer.start_time,
                         expires,
                         name};
    }
    if (in_list) {
        add("ok", result.error ? "false" : "true", true);
        record.values.emplace_back(result.error ? "false" : "true");
        record.values.emplace_back(result.error ? result.error->message : "");
    }
    if (in_list && result.error) {
        add("error", json::encode_error_object(*result.error, exit_code_of(result.error->kind)), true);
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

/// Whether to print a sentence: at a terminal, where nobody has requested for a table.
bool wants_sentence(access::Context& context) {
    const auto& output = context.loaded_settings()->output;
    return output.value == config::OutputFormat::table &&
           output.origin.kind != config::Origin::Kind::option && context.console().out_device().is_terminal &&
           !context.shows_service_words() && context.view().columns.empty() && !context.view().no_header;
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
      printer_(context, fields_of(operation, true)) {
    const auto format = context.loaded_settings()->output.value;
    in_order_ = format != config::OutputFormat::jsonl;
    tells_ = format == config::OutputFormat::table || format == config::OutputFormat::csv;
}

bool ResultPrinter::add(std::size_t place, const access::TargetResult& result) {
    note(result);
    Kept kept{record_of(context_, operation_, result, names_.of(result.target), true), {}};
    if (result.error && tells_) {
        kept.trouble = result.error->message;
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
    // An interrupt is the code, whatever else failed.
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
                : print_one(context, fields_of(operation, false),
                            record_of(context, operation, result, name, false));
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

FieldNames result_field_names(std::optional<Operation> operation) {
    FieldNames names =
        names_of(fields_of(operation, true), {"wasActive", "ready", "readyAfterSeconds", "dryRun"});
    for (const std::string_view name : {"method", "url", "body"}) { // of --dry-run
        names.columns.push_back(name);
        names.json.push_back(name);
    }
    return names;
}

Result<void> print_dry_run(access::Context& context, const std::vector<access::TargetResult>& results,
                           bool as_list) {
    JIT_TRY(const std::string base_url, context.base_url());
    access::EntitlementNames names(context);
    std::vector<Record> records;
    for (const access::TargetResult& result : results) {
        const std::string& requested = result.target.requested_name;
        const std::string& connection = result.target.connection.str();
        const std::string name = names.of(result.target);
        const std::vector<json::Member> members = {
            {"entitlement", requested}, {"entitlementName", name}, {"connectionId", connection}};
        if (!result.request) {
            records.push_back(
                {R"({"dryRun":true})", members, {requested, {"", "none"}, "", "", name, connection}});
            continue;
        }
        const http::Request request = sailpoint::operation_request(base_url, *result.request);
        const std::string body(request.body.reveal());
        records.push_back({concat({R"({"dryRun":true,"body":)", body, "}"}),
                           members,
                           {requested, "POST", request.url, body, name, connection}});
        records.back().members.push_back({"method", "POST"});
        records.back().members.push_back({"url", request.url});
    }
    context.log().info("dry run: nothing is changed");
    if (records.size() == 1 && !as_list) {
        return print_one(context, dry_run_fields(), records.front());
    }
    ListPrinter printer(context, dry_run_fields());
    for (const Record& record : records) {
        if (auto added = printer.add(record); !added) {
            return added;
        }
    }
    return printer.finish();
}

} // namespace jit::commands
