#include "sandbox/jit_activations.hpp"

#include "sandbox/api_error.hpp"
#include "sandbox/json.hpp"
#include "sandbox/workflow_request.hpp"
#include "util/text.hpp"

namespace jit::sandbox {
namespace {

constexpr std::string_view k_period = "activationPeriodMins";
constexpr std::string_view k_extension = "activationPeriodExtensionMins";
constexpr std::string_view k_only_jit =
    "; only connections of type JIT can be activated, extended or deactivated.";

/// The connection, if it is the caller's and can be activated at all; else the 404 or 400 to answer.
Result<std::size_t, Response> find_jit_connection(const State& state, const Caller& caller, const Uuid& id) {
    const std::optional<std::size_t> index = state.tenant.find_connection(id);
    if (!index || state.tenant.connection(*index).identity != caller.identity) {
        return api_error(ApiError::not_found,
                         concat({"Entitlement connection ", id.str(), " was not found for the identity."}));
    }
    const ConnectionType type = state.tenant.connection(*index).type;
    if (type != ConnectionType::jit) {
        return api_error(ApiError::bad_content, concat({"Entitlement connection ", id.str(), " is of type ",
                                                        name_of(type), k_only_jit}));
    }
    return *index;
}

/// The activation that is running, or awaits its frictions, on the connection; or the 404 to answer.
Result<Activation*, Response> find_running(State& state, std::size_t connection, TimePoint now) {
    Activation* const activation = state.activations.latest(connection);
    const Status status =
        activation == nullptr ? Status::completed : status_of(*activation, state.behaviour.pace, now);
    if (!is_running(status) && status != Status::awaiting_frictions) {
        return api_error(ApiError::not_found, concat({"No activation is running for entitlement connection ",
                                                      state.tenant.connection(connection).id.str(), "."}));
    }
    return activation;
}

/// What extend and deactivate act on.
struct Target {
    WorkflowRequest body;
    Activation* running;
};

/// Reads the request and finds what is running there, or the error to answer.
Result<Target, Response> find_target(State& state, const Caller& caller, const Request& request,
                                     std::string_view minutes_field, TimePoint now) {
    JIT_TRY(auto body, read_workflow_request(request, minutes_field));
    JIT_TRY(const std::size_t connection, find_jit_connection(state, caller, body.connection));
    JIT_TRY(Activation* const running, find_running(state, connection, now));
    return Target{std::move(body), running};
}

Result<void, Response> check_maximum(const State& state, std::string_view what, std::int64_t minutes) {
    if (state.behaviour.policy && minutes > state.behaviour.max_minutes) {
        return api_error(ApiError::bad_content, concat({what, " is ", std::to_string(minutes),
                                                        " minutes, more than the policy's maximum of ",
                                                        std::to_string(state.behaviour.max_minutes), "."}));
    }
    return {};
}

struct Minutes {
    std::string_view field; ///< empty: the answer has none
    std::int64_t value = 0;
};

Response accepted(const State& state, const Activation& activation, Minutes minutes, Status status,
                  TimePoint time) {
    rapidjson::StringBuffer buffer;
    JsonWriter writer(buffer);
    writer.StartObject();
    put(writer, "id", activation.id);
    put(writer, "activationId", activation.activation_id);
    put(writer, "connectionId", state.tenant.connection(activation.connection).id.str());
    if (!minutes.field.empty()) {
        put_key(writer, minutes.field);
        writer.Int64(minutes.value);
    }
    put(writer, "status", name_of(status));
    put(writer, "startTime", format_rfc3339(time));
    writer.EndObject();
    return json_response(202, text_of(buffer));
}

} // namespace

Response activate(State& state, const Caller& caller, const Request& request, TimePoint now) {
    const auto body = read_workflow_request(request, k_period);
    if (!body) {
        return body.error();
    }
    const auto connection = find_jit_connection(state, caller, body->connection);
    if (!connection) {
        return connection.error();
    }
    if (const auto within = check_maximum(state, k_period, body->minutes); !within) {
        return within.error();
    }
    if (const Activation* const latest = state.activations.latest(*connection)) {
        const Status status = status_of(*latest, state.behaviour.pace, now);
        if (!is_over(status)) {
            return api_error(
                ApiError::bad_content,
                concat({"An activation workflow is already under way for entitlement connection ",
                        body->connection.str(), " (status ", name_of(status), ")."}));
        }
    }
    const Activation& started =
        state.activations.start(*connection, state.tenant.connection(*connection).course, body->minutes, now);
    state.journal.applied(body->connection, Action::activate);
    return accepted(state, started, {k_period, body->minutes}, Status::creating, now);
}

Response extend(State& state, const Caller& caller, const Request& request, TimePoint now) {
    const auto target = find_target(state, caller, request, k_extension, now);
    if (!target) {
        return target.error();
    }
    const std::int64_t minutes = target->body.minutes;
    Activation& activation = *target->running;
    if (activation.is_held_up()) {
        return api_error(ApiError::bad_content,
                         concat({"The activation for entitlement connection ", target->body.connection.str(),
                                 " awaits its frictions and cannot be extended."}));
    }
    if (const auto within = check_maximum(state, k_extension, minutes); !within) {
        return within.error();
    }
    if (const auto within = check_maximum(state, "The activation period with its extensions",
                                          activation.total_minutes() + minutes);
        !within) {
        return within.error();
    }
    activation.extensions.push_back({now, minutes});
    state.journal.applied(target->body.connection, Action::extend);
    return accepted(state, activation, {k_extension, minutes},
                    status_of(activation, state.behaviour.pace, now), now);
}

Response deactivate(State& state, const Caller& caller, const Request& request, TimePoint now) {
    const auto target = find_target(state, caller, request, {}, now);
    if (!target) {
        return target.error();
    }
    Activation& activation = *target->running;
    const bool cancelled = activation.is_held_up();
    if (cancelled) {
        activation.frictions_end = FrictionsEnd{now, false};
    } else {
        activation.deactivated = now;
    }
    state.journal.applied(target->body.connection, Action::deactivate);
    return accepted(state, activation, {}, cancelled ? Status::completed : Status::deprovisioning, now);
}

} // namespace jit::sandbox
