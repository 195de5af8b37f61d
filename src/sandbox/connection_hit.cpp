#include "sandbox/connection_hit.hpp"

#include "util/text.hpp"

#include <optional>

namespace jit::sandbox {
namespace {

using Hit = ConnectionHit;
using Time = std::optional<TimePoint>;

constexpr std::string_view k_available = "Available";

/// Since when connections are as they are that were never activated.
TimePoint beginning() {
    return TimePoint(std::chrono::sys_days(std::chrono::year(2026) / 1 / 5)) + std::chrono::hours(8);
}

std::string_view state_value(const Hit& hit) {
    return hit.progress == nullptr ? k_available : state_value_of(hit.progress->status);
}

/// Since when the access is no more, or is being taken away.
Time deactivation(const Progress& progress) {
    const bool ended = progress.status == Status::cancelled || progress.status == Status::revoked;
    return ended ? progress.since : progress.deprovisioning;
}

/// A member of `jit`: when something happened in the newest activation.
struct JitTime {
    std::string_view name;
    Time (*get)(const Progress&);
};

constexpr std::array<JitTime, 5> k_jit_times = {{
    {"activation", [](const Progress& progress) { return Time(progress.started); }},
    {"provisioned", [](const Progress& progress) { return progress.provisioned; }},
    {"deactivation", deactivation},
    {"deprovisioned", [](const Progress& progress) { return progress.deprovisioned; }},
    {"expiration", [](const Progress& progress) { return progress.expiration; }},
}};

template <std::size_t Member>
FieldValue jit_time(const Hit& hit) {
    const Time time = hit.progress == nullptr ? Time() : k_jit_times[Member].get(*hit.progress);
    return time ? FieldValue(*time) : FieldValue();
}

constexpr FieldKind k_text = FieldKind::text;
constexpr FieldKind k_word = FieldKind::word;
constexpr FieldKind k_time = FieldKind::time;

// The names jit.provision and jit.deprovision are those of the API's page; hits spell these members
// otherwise.
constexpr std::array<Column<Hit>, 20> k_columns = {{
    {{"id", k_text, k_no_operator, true},
     [](const Hit& hit) -> FieldValue { return std::string_view(hit.tenant->short_id(hit.index)); }},
    {{"identity.id", k_text, k_identifying, true},
     [](const Hit& hit) -> FieldValue { return std::string_view(hit.identity().id); }},
    {{"identity.name", k_text, k_naming, true},
     [](const Hit& hit) -> FieldValue { return std::string_view(hit.identity().name); }},
    {{"source.id", k_text, k_identifying, true},
     [](const Hit& hit) -> FieldValue { return std::string_view(hit.source().id); }},
    {{"source.name", k_text, k_naming, true},
     [](const Hit& hit) -> FieldValue { return std::string_view(hit.source().name); }},
    {{"account.id", k_text, k_identifying, true},
     [](const Hit& hit) -> FieldValue { return std::string_view(hit.connection().account.id); }},
    {{"account.name", k_text, k_naming, true},
     [](const Hit& hit) -> FieldValue { return std::string_view(hit.connection().account.name); }},
    {{"entitlement.id", k_text, k_identifying, true},
     [](const Hit& hit) -> FieldValue { return std::string_view(hit.connection().entitlement.id); }},
    {{"entitlement.displayName", k_text, k_no_operator, true},
     [](const Hit& hit) -> FieldValue {
         return std::string_view(hit.connection().entitlement.display_name);
     }},
    {{"entitlement.attribute", k_text, k_naming, true},
     [](const Hit& hit) -> FieldValue { return std::string_view(hit.connection().entitlement.attribute); }},
    {{"entitlement.value", k_text, k_naming, false},
     [](const Hit& hit) -> FieldValue { return std::string_view(hit.connection().entitlement.value); }},
    {{"entitlement.privilegeLevel.effective", k_text, k_naming, true},
     [](const Hit& hit) -> FieldValue {
         return std::string_view(hit.connection().entitlement.privilege_level);
     }},
    {{"type", k_word, k_identifying, true},
     [](const Hit& hit) -> FieldValue { return name_of(hit.connection().type); }},
    {{"state.value", k_word, k_naming, true}, [](const Hit& hit) -> FieldValue { return state_value(hit); }},
    {{"standalone", FieldKind::boolean, k_identifying, true},
     [](const Hit& hit) -> FieldValue { return hit.connection().standalone; }},
    {{"jit.activation", k_time, k_ordering, true}, jit_time<0>},
    {{"jit.provision", k_time, k_ordering, true}, jit_time<1>},
    {{"jit.deactivation", k_time, k_ordering, true}, jit_time<2>},
    {{"jit.deprovision", k_time, k_ordering, true}, jit_time<3>},
    {{"jit.expiration", k_time, k_ordering, true}, jit_time<4>},
}};

void put_entitlement(JsonWriter& writer, const Entitlement& entitlement) {
    put_key(writer, "entitlement");
    writer.StartObject();
    put(writer, "id", entitlement.id);
    put(writer, "name", entitlement.name);
    put(writer, "displayName", entitlement.display_name);
    put(writer, "description", entitlement.description);
    put(writer, "attribute", entitlement.attribute);
    put(writer, "value", entitlement.value);
    put(writer, "sourceSchemaObjectType", entitlement.source_schema_object_type);
    put_key(writer, "privilegeLevel");
    writer.StartObject();
    put(writer, "effective", entitlement.privilege_level);
    writer.EndObject();
    writer.EndObject();
}

void put_state(JsonWriter& writer, const Hit& hit) {
    const bool flat = hit.shape == Shape::flat;
    std::string_view value = hit.shape == Shape::available ? k_available : state_value(hit);
    if (hit.shape == Shape::in_use && value == state_value_of(Status::provisioned)) {
        value = "IN_USE";
    }
    put_key(writer, "state");
    if (flat) {
        put(writer, value);
    } else {
        writer.StartObject();
        put(writer, "value", value);
    }
    put_key(writer, flat ? "stateChanged" : "changed");
    put_time(writer, hit.progress == nullptr ? beginning() : hit.progress->since);
    if (!flat) {
        writer.EndObject();
    }
}

/// The name of a time in a shape.
std::string time_name(Shape shape, std::string_view name) {
    const bool is_short = shape == Shape::provision || shape == Shape::flat;
    std::string text(name == "provisioned" && is_short     ? "provision"
                     : name == "deprovisioned" && is_short ? "deprovision"
                                                           : name);
    if (shape == Shape::flat) {
        text = concat({"jit", std::string(1, static_cast<char>(text.front() - 'a' + 'A')), text.substr(1)});
    }
    return text;
}

void put_jit_time(JsonWriter& writer, Shape shape, std::string_view name, TimePoint time) {
    if (shape == Shape::skewed && name == "activation") {
        time += std::chrono::seconds(1);
    }
    put_key(writer, time_name(shape, name));
    if (shape == Shape::epoch) {
        writer.Int64(time.time_since_epoch().count());
    } else {
        std::string text = format_rfc3339(time);
        if (shape == Shape::no_zone) {
            text.pop_back();
        }
        put(writer, text);
    }
}

void put_times(JsonWriter& writer, const Hit& hit) {
    if (hit.shape == Shape::null || hit.shape == Shape::in_use) {
        put_key(writer, "jit");
        writer.Null();
        return;
    }
    if (hit.shape != Shape::flat) {
        put_key(writer, "jit");
        writer.StartObject();
    }
    for (const JitTime& member : k_jit_times) {
        const bool is_shown =
            hit.shape == Shape::expiration ? member.name == "expiration" : hit.shape != Shape::empty;
        const Time time = hit.progress == nullptr ? Time() : member.get(*hit.progress);
        if (time && is_shown) {
            put_jit_time(writer, hit.shape, member.name, *time);
        }
    }
    if (hit.shape != Shape::flat) {
        writer.EndObject();
    }
}

} // namespace

std::string_view state_value_of(Status status) {
    switch (status) {
    case Status::creating:
    case Status::activating:
        return "Activating";
    case Status::awaiting_frictions:
        return "AwaitingFrictions";
    case Status::provisioned:
        return "Active";
    case Status::deprovisioning:
        return "Deactivating";
    case Status::completed:
    case Status::cancelled:
    case Status::timed_out:
    case Status::error:
    case Status::revoked:
        break;
    }
    return k_available;
}

const std::array<Column<Hit>, 20>& connection_columns() {
    return k_columns;
}

void put_hit(JsonWriter& writer, const Hit& hit) {
    const Connection& connection = hit.connection();
    writer.StartObject();
    put(writer, "id", hit.tenant->short_id(hit.index));
    put_key(writer, "identity");
    writer.StartObject();
    put(writer, "id", hit.identity().id);
    put(writer, "type", "IDENTITY");
    put(writer, "name", hit.identity().name);
    put(writer, "alias", hit.identity().alias);
    writer.EndObject();
    put_key(writer, "account");
    writer.StartObject();
    put(writer, "id", connection.account.id);
    put(writer, "name", connection.account.name);
    writer.EndObject();
    put_entitlement(writer, connection.entitlement);
    put_key(writer, "source");
    writer.StartObject();
    put(writer, "id", hit.source().id);
    put(writer, "name", hit.source().name);
    writer.EndObject();
    put_state(writer, hit);
    if (connection.type == ConnectionType::jit) {
        put_times(writer, hit);
    }
    put_key(writer, "standalone");
    writer.Bool(connection.standalone);
    put(writer, "type", name_of(connection.type));
    writer.EndObject();
}

} // namespace jit::sandbox
