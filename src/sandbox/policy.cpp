#include "sandbox/policy.hpp"

#include "sandbox/api_error.hpp"
#include "sandbox/json.hpp"
#include "util/text.hpp"

#include <algorithm>
#include <set>

namespace jit::sandbox {
namespace {

constexpr std::string_view k_only_config_type = "policy";
constexpr std::int64_t k_default_period = 60;
constexpr std::int64_t k_default_extension = 30;

/// The entitlements that connections of type JIT lead to, hyphenated where they are UUIDs.
std::set<std::string> governed_entitlements(const TenantData& tenant) {
    std::set<std::string> ids;
    for (const Connection& connection : tenant.connections) {
        if (connection.type == ConnectionType::jit) {
            const std::optional<Uuid> uuid = Uuid::parse(connection.entitlement.id);
            ids.insert(uuid ? uuid->str() : connection.entitlement.id);
        }
    }
    return ids;
}

} // namespace

Response get_policy(State& state, const Caller& /*caller*/, const Request& request, TimePoint /*now*/) {
    const std::string_view config_type = std::string_view(request.path).substr(request.path.rfind('/') + 1);
    if (config_type != k_only_config_type) {
        return api_error(ApiError::bad_content,
                         concat({"There is no configuration of the type \"", config_type, "\", only \"",
                                 k_only_config_type, "\"."}));
    }
    if (!state.behaviour.policy) {
        return api_error(ApiError::not_found, "The policy has not been stored yet.");
    }
    const std::int64_t most = state.behaviour.max_minutes;
    rapidjson::StringBuffer buffer;
    JsonWriter writer(buffer);
    const auto put_minutes = [&writer](std::string_view name, std::int64_t minutes) {
        put_key(writer, name);
        writer.Int64(minutes);
    };
    writer.StartObject();
    put(writer, "id", "b0117000-0000-4000-8000-000000000000");
    put_key(writer, "entitlementIds");
    writer.StartArray();
    for (const std::string& id : governed_entitlements(state.tenant.data())) {
        put(writer, id);
    }
    writer.EndArray();
    put_minutes("maxActivationPeriodMins", most);
    put_minutes("maxActivationPeriodExtensionMins", most);
    put_minutes("defaultMaxActivationPeriodMins", std::min(k_default_period, most));
    put_minutes("defaultMaxActivationPeriodExtensionMins", std::min(k_default_extension, most));
    put_key(writer, "notificationRecipients");
    writer.StartArray();
    put(writer, "jit-owners@practice.example");
    writer.EndArray();
    put_key(writer, "notificationTemplate");
    writer.Null();
    put_key(writer, "applyToFutureAssignments");
    writer.Bool(true);
    writer.EndObject();
    return json_response(200, text_of(buffer));
}

} // namespace jit::sandbox
