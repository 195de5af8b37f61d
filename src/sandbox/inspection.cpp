#include "sandbox/inspection.hpp"

#include "sandbox/json.hpp"

namespace jit::sandbox {

std::string activations_json(const State& state, TimePoint now) {
    const Pace& pace = state.behaviour.pace;
    rapidjson::StringBuffer buffer;
    JsonWriter writer(buffer);
    writer.StartArray();
    for (const Activation& activation : state.activations.all()) {
        const Connection& connection = state.tenant.connection(activation.connection);
        writer.StartObject();
        put(writer, "id", activation.id);
        put(writer, "activationId", activation.activation_id);
        put(writer, "connectionId", connection.id.str());
        put(writer, "identity", state.tenant.identity(connection.identity).alias);
        put(writer, "status", name_of(status_of(activation, pace, now)));
        put_key(writer, "minutes");
        writer.Int64(activation.total_minutes());
        put(writer, "startTime", format_rfc3339(activation.started));
        put(writer, "expiration", format_rfc3339(timeline_of(activation, pace).expiration));
        writer.EndObject();
    }
    writer.EndArray();
    return text_of(buffer);
}

} // namespace jit::sandbox
