#include "commands/operation.hpp"

#include "app/output.hpp"
#include "app/target.hpp"
#include "base/text.hpp"
#include "commands/arguments.hpp"
#include "commands/registry.hpp"
#include "sailpoint/client.hpp"
#include "sailpoint/codec.hpp"

#include <limits>

namespace jit::commands {
namespace {

using sailpoint::Acceptance;
using sailpoint::Operation;
using sailpoint::OperationRequest;

constexpr const char* k_request_group = "Request";

/// "2026-11-24 17:30:05 CET, in 59 min"; the service's own words where they are no time.
std::string time_cell(const std::string& text, TimePoint now) {
    const auto time = parse_rfc3339(text);
    return time ? cat({format_local(*time), ", ", relative_words(*time, now)}) : text;
}

app::Titles titles_of(Operation operation) {
    const io::Column entitlement{"ENTITLEMENT", true};
    const io::Column activation{"ACTIVATION", true};
    switch (operation) {
    case Operation::activate:
        return {{entitlement, {"STATUS"}, {"MINUTES"}, {"EXPIRES"}, activation},
                {"entitlement", "id", "activationId", "connectionId", "activationPeriodMins", "status",
                 "startTime", "expiresAt"}};
    case Operation::extend:
        return {{entitlement, {"STATUS"}, {"ADDED"}, {"REQUESTED"}, activation},
                {"entitlement", "id", "activationId", "connectionId", "activationPeriodExtensionMins",
                 "status", "startTime"}};
    case Operation::deactivate:
        return {{entitlement, {"STATUS"}, {"REQUESTED"}, activation},
                {"entitlement", "id", "activationId", "connectionId", "status", "startTime"}};
    }
    return {};
}

app::Record record_of(Operation operation, const app::Target& target, const Acceptance& answer,
                      TimePoint now) {
    app::Record record{answer.raw, {{"entitlement", target.asked}}, {}, {}};
    const std::string& connection = target.connection.str();
    switch (operation) {
    case Operation::activate: {
        const auto expiry = sailpoint::expiry_of(answer);
        const std::string expires_at = expiry ? format_rfc3339(*expiry) : "";
        if (expiry) {
            record.members.push_back({"expiresAt", expires_at});
        }
        record.cells = {connection, answer.status, answer.minutes, time_cell(expires_at, now),
                        answer.activation_id};
        record.fields = {target.asked,   answer.id,     answer.activation_id, answer.connection_id,
                         answer.minutes, answer.status, answer.start_time,    expires_at};
        break;
    }
    case Operation::extend:
        record.cells = {connection, answer.status, answer.minutes.empty() ? "" : answer.minutes + " min",
                        time_cell(answer.start_time, now), answer.activation_id};
        record.fields = {target.asked,   answer.id,     answer.activation_id, answer.connection_id,
                         answer.minutes, answer.status, answer.start_time};
        break;
    case Operation::deactivate:
        record.cells = {connection, answer.status, time_cell(answer.start_time, now), answer.activation_id};
        record.fields = {target.asked,         answer.id,     answer.activation_id,
                         answer.connection_id, answer.status, answer.start_time};
        break;
    }
    return record;
}

Result<void> print_dry_run(app::Context& context, const app::Target& target,
                           const OperationRequest& request) {
    JIT_TRY(const std::string base_url, context.base_url());
    const http::Request http_request = sailpoint::operation_request(base_url, request);
    const std::string body(http_request.body.reveal());
    const app::Titles titles{{{"METHOD"}, {"URL"}, {"BODY"}}, {"entitlement", "method", "url", "body"}};
    const app::Record record{cat({R"({"dryRun":true,"body":)", body, "}"}),
                             {{"entitlement", target.asked}, {"method", "POST"}, {"url", http_request.url}},
                             {"POST", http_request.url, body},
                             {target.asked, "POST", http_request.url, body}};
    auto printed = app::print_one(context, titles, record);
    if (printed) {
        context.log().info("dry run: nothing was sent");
    }
    return printed;
}

} // namespace

void declare_operation(CLI::App& tree, OperationOptions& options, const std::string& minutes_help) {
    const auto append = [&options](const std::vector<std::string>& values) { options.entitlements = values; };
    // Where extra arguments are allowed, CLI11 splits a value in brackets: "[Prod] DB, [Test]".
    auto* const named = tree.add_option_function<std::vector<std::string>>("-e,--entitlement", append,
                                                                           "the same, as an option");
    named->expected(1)->allow_extra_args(false)->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
    named->type_name(k_words)->group(k_words_group);

    if (!minutes_help.empty()) {
        add_whole_number(tree, "-m,--minutes", options.minutes, 1, std::numeric_limits<std::int32_t>::max(),
                         minutes_help)
            ->type_name("N")
            ->group(k_request_group);
    }
    tree.add_flag("--dry-run", options.dry_run, "print the request, send nothing")->group(k_request_group);
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
    auto* const metadata = tree.add_option_function<std::vector<std::string>>(
        "--metadata", read_metadata, "passed on in metaData; may be repeated");
    metadata->expected(1)->allow_extra_args(false)->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
    metadata->type_name("KEY=VALUE")->group(k_request_group);
}

Result<void> run_operation(app::Context& context, Operation operation, const OperationOptions& options,
                           const std::vector<std::string>& words) {
    JIT_TRY(const config::Settings* const settings, context.settings());
    std::vector<std::string> targets = options.entitlements;
    targets.insert(targets.end(), words.begin(), words.end());
    JIT_TRY(const app::Target target, app::resolve_target(targets));
    if (!is_utf8(options.request_origin)) {
        return usage_error("--request-origin is not UTF-8");
    }
    for (const auto& [key, value] : options.metadata) {
        if (!is_utf8(key) || !is_utf8(value)) {
            return usage_error("--metadata is not UTF-8");
        }
    }
    OperationRequest request{operation, target.connection, options.minutes, options.request_origin,
                             options.metadata};
    if (operation != Operation::deactivate && request.minutes == 0) {
        if (!settings->default_minutes) {
            return usage_error("how many minutes is not given",
                               "add --minutes N, or set defaults.minutes in the configuration file");
        }
        request.minutes = static_cast<std::int32_t>(settings->default_minutes->value);
    }
    if (options.dry_run) {
        return print_dry_run(context, target, request);
    }
    JIT_TRY(sailpoint::Client* const client, context.client());
    JIT_TRY(const Acceptance answer, client->start(request));

    const auto accepted = [&](const std::string& what) {
        return cat(
            {sailpoint::operation_name(operation), " of ", target.connection.str(), " was accepted, ", what});
    };
    const app::Record record = record_of(operation, target, answer, context.now());
    if (auto printed = app::print_one(context, titles_of(operation), record); !printed) {
        Error error = std::move(printed).error();
        error.message = accepted("but jit " + error.message);
        error.hint = "do not send it again";
        return error;
    }
    if (sailpoint::is_failed(operation, answer.status)) {
        return Error{ExitCode::not_provisioned, accepted(cat({"but has ended in ", answer.status})),
                     "see the activation in SailPoint for the reason"};
    }
    return {};
}

} // namespace jit::commands
