#include "sandbox/inspection.hpp"

#include "sandbox/api_error.hpp"
#include "sandbox/json.hpp"
#include "util/text.hpp"

namespace jit::sandbox {
namespace {

constexpr std::string_view k_activations = "/sandbox/activations";

void put_activation(JsonWriter& writer, const State& state, const Activation& activation, TimePoint now) {
    const std::optional<Progress> progress = progress_of(activation, state.behaviour.pace, now);
    const Connection& connection = state.tenant.connection(activation.connection);
    writer.StartObject();
    put(writer, "id", activation.id);
    put(writer, "activationId", activation.activation_id);
    put(writer, "connectionId", connection.id.str());
    put(writer, "identity", state.tenant.identity(connection.identity).alias);
    put(writer, "status", name_of(status_of(activation, state.behaviour.pace, now)));
    put_key(writer, "minutes");
    writer.Int64(activation.total_minutes());
    put(writer, "startTime", format_rfc3339(activation.started));
    put_key(writer, "expiration");
    put_time(writer, progress ? progress->expiration : std::nullopt);
    put_key(writer, "effective");
    writer.Bool(is_effective(activation, state.behaviour.pace, now));
    writer.EndObject();
}

Response list_activations(const State& state, TimePoint now) {
    rapidjson::StringBuffer buffer;
    JsonWriter writer(buffer);
    writer.StartArray();
    for (const Activation& activation : state.activations.all()) {
        put_activation(writer, state, activation, now);
    }
    writer.EndArray();
    return json_response(200, text_of(buffer));
}

Response one_activation(const State& state, const Activation& activation, TimePoint now) {
    rapidjson::StringBuffer buffer;
    JsonWriter writer(buffer);
    put_activation(writer, state, activation, now);
    return json_response(200, text_of(buffer));
}

/// The activation with that activation ID, or the newest of the connection with that ID, or the 404.
Result<Activation*, Response> find_activation(State& state, std::string_view text) {
    if (const std::optional<Uuid> id = Uuid::parse(text)) {
        if (Activation* const activation = state.activations.find(id->str())) {
            return activation;
        }
        const std::optional<std::size_t> connection = state.tenant.find_connection(*id);
        Activation* const latest = connection ? state.activations.latest(*connection) : nullptr;
        if (latest != nullptr) {
            return latest;
        }
    }
    return api_error(ApiError::not_found,
                     concat({"There is no activation \"", text,
                             "\", nor a connection with that ID that was ever activated."}));
}

/// Whether a person's part is completed (without a body, or as {"outcome": "complete"}), else cancelled.
Result<bool, Response> read_outcome(const Request& request) {
    if (request.body.empty()) {
        return true;
    }
    const auto body = parse_json(request.body);
    if (body && body->IsObject() && body->MemberCount() == 1 && body->HasMember("outcome")) {
        const rapidjson::Value& outcome = (*body)["outcome"];
        if (outcome == "complete" || outcome == "cancel") {
            return outcome == "complete";
        }
    }
    return api_error(ApiError::bad_content,
                     R"(The body may be {"outcome": "complete"} or {"outcome": "cancel"}.)");
}

Response refuse_state(std::string_view what, Status status) {
    return api_error(ApiError::bad_content,
                     concat({"The activation ", what, " (status ", name_of(status), ")."}));
}

Response end_frictions(State& state, Activation& activation, const Request& request, TimePoint now) {
    const auto completed = read_outcome(request);
    if (!completed) {
        return completed.error();
    }
    const Status status = status_of(activation, state.behaviour.pace, now);
    if (!activation.is_held_up() || is_over(status)) {
        return refuse_state("does not await frictions", status);
    }
    activation.frictions_end = FrictionsEnd{now, *completed};
    return one_activation(state, activation, now);
}

Response revoke(State& state, Activation& activation, TimePoint now) {
    const Status status = status_of(activation, state.behaviour.pace, now);
    if (!is_running(status) && status != Status::awaiting_frictions) {
        return refuse_state("is not running", status);
    }
    activation.revoked = now;
    return one_activation(state, activation, now);
}

/// 204 where the access works, else 503, so that `curl --fail` tells.
Response tell_effective(const State& state, const Activation& activation, TimePoint now) {
    return {is_effective(activation, state.behaviour.pace, now) ? 204 : 503, {}, {}};
}

/// Answers /sandbox/activations/ID/frictions, …/revoke and …/effective.
Response steer(State& state, const Request& request, TimePoint now) {
    const std::string_view rest = std::string_view(request.path).substr(k_activations.size() + 1);
    const std::size_t slash = rest.find('/');
    const std::string_view word = slash == std::string_view::npos ? "" : rest.substr(slash + 1);
    const bool asks = word == "effective";
    if (word != "frictions" && word != "revoke" && !asks) {
        return no_such_path(request);
    }
    if (request.method != (asks ? "GET" : "POST")) {
        return method_not_allowed(request, asks ? "GET" : "POST");
    }
    const auto activation = find_activation(state, rest.substr(0, slash));
    if (!activation) {
        return activation.error();
    }
    if (asks) {
        return tell_effective(state, **activation, now);
    }
    return word == "revoke" ? revoke(state, **activation, now)
                            : end_frictions(state, **activation, request, now);
}

/// Puts the rules of {"faults": ["WHEN:WHAT", …], "seed": N} in force. Without a seed that stays.
Response set_faults(State& state, const Request& request) {
    const auto refuse = [](std::string_view why) { return api_error(ApiError::bad_content, why); };
    const auto body = parse_json(request.body);
    const auto* const form =
        R"(The body must be {"faults": ["WHEN:WHAT", ...], "seed": N}, the seed may be absent.)";
    if (!body || !body->IsObject() || !body->HasMember("faults") || !(*body)["faults"].IsArray() ||
        body->MemberCount() != (body->HasMember("seed") ? 2U : 1U)) {
        return refuse(form);
    }
    std::uint32_t seed = state.faults.seed();
    if (body->HasMember("seed")) {
        if (!(*body)["seed"].IsUint()) {
            return refuse("The seed must be a whole number from 0 to 4294967295.");
        }
        seed = (*body)["seed"].GetUint();
    }
    std::vector<FaultRule> rules;
    for (const rapidjson::Value& text : (*body)["faults"].GetArray()) {
        if (!text.IsString()) {
            return refuse(form);
        }
        auto rule = parse_fault_rule(view(text));
        if (!rule) {
            return refuse(concat({rule.error().message, "; ", rule.error().hint}));
        }
        rules.push_back(*std::move(rule));
    }
    state.faults = FaultRules(seed, rules);
    return json_response(200, state.faults.json());
}

/// Answers /sandbox/faults.
Response answer_faults(State& state, const Request& request) {
    if (request.method == "GET") {
        return json_response(200, state.faults.json());
    }
    if (request.method == "POST") {
        return set_faults(state, request);
    }
    if (request.method == "DELETE") {
        state.faults = FaultRules(state.faults.seed());
        return Response{204, {}, {}};
    }
    return method_not_allowed(request, "GET, POST, DELETE");
}

} // namespace

Response inspect(State& state, const Request& request, TimePoint now) {
    if (request.path == "/sandbox/journal") {
        if (request.method == "GET") {
            return json_response(200, state.journal.json());
        }
        if (request.method == "DELETE") {
            state.journal.clear();
            return Response{204, {}, {}};
        }
        return method_not_allowed(request, "GET, DELETE");
    }
    if (request.path == "/sandbox/faults") {
        return answer_faults(state, request);
    }
    if (request.path == "/sandbox/reset") {
        if (request.method == "POST") {
            state.reset();
            return Response{204, {}, {}};
        }
        return method_not_allowed(request, "POST");
    }
    if (request.path == k_activations) {
        return request.method == "GET" ? list_activations(state, now) : method_not_allowed(request, "GET");
    }
    if (request.path.starts_with(concat({k_activations, "/"}))) {
        return steer(state, request, now);
    }
    return no_such_path(request);
}

} // namespace jit::sandbox
