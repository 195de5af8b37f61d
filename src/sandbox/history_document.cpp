#include "sandbox/history_document.hpp"

#include <chrono>
#include <cmath>
#include <optional>

namespace jit::sandbox {
namespace {

using Document = HistoryDocument;
using Time = std::optional<TimePoint>;

constexpr std::string_view k_tenant_id = "7e000000000000000000000000000001";

// The one policy with frictions that there is.
constexpr std::string_view k_policy_id = "b0117000-0000-4000-8000-000000000001";
constexpr std::string_view k_policy_name = "Justified Access";
constexpr std::string_view k_ticket = "INC0012345";
constexpr std::string_view k_justification = "Practising with the sandbox.";

/// Whether the policy has been looked at, and found to ask for frictions.
bool has_frictions(const Document& document) {
    return document.progress.awaiting_frictions.has_value();
}

bool frictions_completed(const Document& document) {
    return has_frictions(document) && document.progress.provisioning.has_value();
}

std::optional<std::string_view> friction_outcome(const Document& document) {
    if (frictions_completed(document)) {
        return "SUCCESS_ENFORCED";
    }
    if (document.progress.status == Status::cancelled) {
        return "CANCELLED";
    }
    if (document.progress.status == Status::timed_out) {
        return "TIMED_OUT";
    }
    return std::nullopt;
}

FieldValue field_value(const Time& time) {
    return time ? FieldValue(*time) : FieldValue();
}

constexpr FieldKind k_text = FieldKind::text;

constexpr std::array<Column<Document>, 9> k_columns = {{
    {{"id", k_text, k_no_operator, true},
     [](const Document& document) -> FieldValue { return std::string_view(document.id); }},
    {{"identityId", k_text, k_identifying, false},
     [](const Document& document) -> FieldValue { return std::string_view(document.identity().id); }},
    {{"entitlementId", k_text, k_identifying, false},
     [](const Document& document) -> FieldValue {
         return std::string_view(document.connection().entitlement.id);
     }},
    {{"sourceId", k_text, k_eq, false},
     [](const Document& document) -> FieldValue { return std::string_view(document.source().id); }},
    {{"connectionId", k_text, k_eq, false},
     [](const Document& document) -> FieldValue { return std::string_view(document.connection().id.str()); }},
    {{"status", k_text, k_identifying, true},
     [](const Document& document) -> FieldValue { return history_status_of(document.progress.status); }},
    {{"activationInitiated", FieldKind::time, k_ordering, true},
     [](const Document& document) -> FieldValue { return document.progress.started; }},
    {{"provisionCompleted", FieldKind::time, k_no_operator, true},
     [](const Document& document) -> FieldValue { return field_value(document.progress.provisioned); }},
    {{"policyFrictionOutcome", k_text, k_identifying, false},
     [](const Document& document) -> FieldValue {
         const auto outcome = friction_outcome(document);
         return outcome ? FieldValue(*outcome) : FieldValue();
     }},
}};
static_assert(k_columns[k_identity_id_column].field.name == "identityId");
static_assert(k_columns[k_initiated_column].field.name == "activationInitiated");

void put_or_null(JsonWriter& writer, std::string_view name, std::optional<std::string_view> text) {
    put_key(writer, name);
    if (text) {
        put(writer, *text);
    } else {
        writer.Null();
    }
}

void put_null(JsonWriter& writer, std::string_view name) {
    put_key(writer, name);
    writer.Null();
}

void put_bool(JsonWriter& writer, std::string_view name, bool value) {
    put_key(writer, name);
    writer.Bool(value);
}

void put_time_member(JsonWriter& writer, std::string_view name, const Time& time) {
    put_key(writer, name);
    put_time(writer, time);
}

/// Minutes of the real clock, to a hundredth.
void put_duration(JsonWriter& writer, std::string_view name, const Time& start, const Time& end) {
    put_key(writer, name);
    if (start && end) {
        const std::chrono::duration<double, std::ratio<60>> minutes = *end - *start;
        writer.Double(std::round(minutes.count() * 100) / 100);
    } else {
        writer.Null();
    }
}

void put_requirement(JsonWriter& writer, std::string_view name) {
    put_key(writer, name);
    writer.StartObject();
    put_bool(writer, "required", true);
    put_bool(writer, "bypassed", false);
}

void put_summary(JsonWriter& writer, const Document& document) {
    put_key(writer, "summary");
    if (!has_frictions(document)) {
        writer.Null();
        return;
    }
    writer.StartObject();
    put_key(writer, "policyMatches");
    writer.StartArray();
    writer.StartObject();
    put(writer, "policyId", k_policy_id);
    put(writer, "policyName", k_policy_name);
    writer.EndObject();
    writer.EndArray();
    put_null(writer, "reauthentication");
    put_requirement(writer, "justification");
    writer.EndObject();
    put_requirement(writer, "serviceNowTicket");
    put_or_null(writer, "ticketReference",
                frictions_completed(document) ? std::optional(k_ticket) : std::nullopt);
    writer.EndObject();
    writer.EndObject();
}

void put_frictions(JsonWriter& writer, const Document& document) {
    put_key(writer, "frictions");
    if (!has_frictions(document)) {
        writer.Null();
        return;
    }
    const bool completed = frictions_completed(document);
    struct Friction {
        std::string_view type;
        std::string_view data;
    };
    writer.StartArray();
    for (const Friction friction :
         {Friction{"TICKET", k_ticket}, Friction{"JUSTIFICATION", k_justification}}) {
        writer.StartObject();
        put(writer, "type", friction.type);
        put_bool(writer, "bypassAllowed", false);
        put_or_null(writer, "submittedData", completed ? std::optional(friction.data) : std::nullopt);
        put(writer, "status", completed ? "COMPLETE" : "PENDING");
        writer.EndObject();
    }
    writer.EndArray();
}

void put_policy(JsonWriter& writer, const Document& document) {
    put_key(writer, "policyDisplayNames");
    writer.StartArray();
    if (has_frictions(document)) {
        put(writer, k_policy_name);
    }
    writer.EndArray();
    put_or_null(writer, "policyFrictionOutcome", friction_outcome(document));
    put_key(writer, "policyMatchDetails");
    if (has_frictions(document)) {
        writer.StartArray();
        put(writer, k_policy_id);
        writer.EndArray();
    } else {
        writer.Null();
    }
    put_summary(writer, document);
    put_frictions(writer, document);
}

} // namespace

std::string_view history_status_of(Status status) {
    switch (status) {
    case Status::creating:
        return "ACTIVATING";
    case Status::activating:
        return "PROVISIONING";
    case Status::completed:
        return "COMPLETE";
    case Status::awaiting_frictions:
    case Status::provisioned:
    case Status::deprovisioning:
    case Status::cancelled:
    case Status::timed_out:
    case Status::error:
    case Status::revoked:
        break;
    }
    return name_of(status);
}

const std::array<Column<Document>, 9>& history_columns() {
    return k_columns;
}

void put_document(JsonWriter& writer, const Document& document) {
    const Connection& connection = document.connection();
    const Progress& progress = document.progress;
    writer.StartObject();
    put(writer, "id", document.id);
    put(writer, "tenantId", k_tenant_id);
    put(writer, "identityId", document.identity().id);
    put(writer, "accountId", connection.account.id);
    put(writer, "entitlementId", connection.entitlement.id);
    put(writer, "sourceId", document.source().id);
    put(writer, "connectionId", connection.id.str());
    put(writer, "identityName", document.identity().name);
    put(writer, "entitlementName", connection.entitlement.display_name);
    put(writer, "sourceDisplayName", document.source().name);
    put(writer, "status", history_status_of(progress.status));
    put_or_null(writer, "error",
                progress.status == Status::error
                    ? std::optional<std::string_view>(connection.course.provisioning_error)
                    : std::nullopt);
    put_policy(writer, document);
    put_time_member(writer, "activationInitiated", progress.started);
    put_time_member(writer, "provisionStart", progress.provisioning);
    put_time_member(writer, "provisionCompleted", progress.provisioned);
    put_time_member(writer, "deprovisionStart", progress.deprovisioning);
    put_time_member(writer, "deprovisionComplete", progress.deprovisioned);
    put_duration(writer, "provisionDurationMins", progress.provisioning, progress.provisioned);
    put_duration(writer, "deprovisionDurationMins", progress.deprovisioning, progress.deprovisioned);
    put_null(writer, "activationDetails");
    put_null(writer, "activationDuration");
    put_null(writer, "provisioningDetails");
    writer.EndObject();
}

} // namespace jit::sandbox
