#include "sandbox/workflow_request.hpp"

#include "sandbox/api_error.hpp"
#include "sandbox/json.hpp"
#include "util/text.hpp"

#include <array>
#include <string>

namespace jit::sandbox {
namespace {

constexpr std::size_t k_hyphenated_uuid_length = 36;

Response invalid(std::initializer_list<std::string_view> cause) {
    return api_error(ApiError::bad_content, concat(cause));
}

/// The member of that name, or nullptr. Fails when there are several: which one counts, nobody can say.
Result<const rapidjson::Value*, Response> member(const rapidjson::Value& object, std::string_view name) {
    const rapidjson::Value* found = nullptr;
    for (auto it = object.MemberBegin(); it != object.MemberEnd(); ++it) {
        if (view(it->name) == name) {
            if (found != nullptr) {
                return invalid({name, " must not be repeated."});
            }
            found = &it->value;
        }
    }
    return found;
}

Result<Uuid, Response> read_connection(const rapidjson::Value& body) {
    JIT_TRY(const rapidjson::Value* value, member(body, "connectionId"));
    if (value == nullptr) {
        return invalid({"connectionId is required."});
    }
    if (!value->IsString()) {
        return invalid({"connectionId must be a string."});
    }
    const std::optional<Uuid> id = Uuid::parse(view(*value));
    if (!id || value->GetStringLength() != k_hyphenated_uuid_length) {
        return invalid({"connectionId must be a UUID with hyphens: 8-4-4-4-12 hexadecimal digits."});
    }
    return *id;
}

Result<std::int64_t, Response> read_minutes(const rapidjson::Value& body, std::string_view name) {
    JIT_TRY(const rapidjson::Value* value, member(body, name));
    if (value == nullptr) {
        return invalid({name, " is required."});
    }
    if (!value->IsInt()) {
        return invalid({name, " must be a whole number that fits 32 bits."});
    }
    if (value->GetInt() < 1) {
        return invalid({name, " must be at least 1."});
    }
    return std::int64_t{value->GetInt()};
}

Result<void, Response> check_optional_fields(const rapidjson::Value& body) {
    JIT_TRY(const rapidjson::Value* origin, member(body, "requestOrigin"));
    if (origin != nullptr && !origin->IsString()) {
        return invalid({"requestOrigin must be a string."});
    }
    JIT_TRY(const rapidjson::Value* meta, member(body, "metaData"));
    if (meta == nullptr) {
        return {};
    }
    if (!meta->IsObject()) {
        return invalid({"metaData must be an object."});
    }
    constexpr std::array<std::string_view, 7> k_texts = {
        "type", "slackUserId", "commandText", "channelId", "threadId", "messageId", "workspaceId"};
    for (const std::string_view name : k_texts) {
        JIT_TRY(const rapidjson::Value* text, member(*meta, name));
        if (text != nullptr && !text->IsString()) {
            return invalid({"metaData.", name, " must be a string."});
        }
    }
    return {};
}

} // namespace

Result<WorkflowRequest, Response> read_workflow_request(const Request& request,
                                                        std::string_view minutes_field) {
    if (request.content_type() != "application/json") {
        return invalid({"Content-Type must be application/json."});
    }
    const auto body = parse_json(request.body);
    if (!body) {
        return api_error(ApiError::bad_syntax, concat({"The body is not JSON: ", body.error().message,
                                                       " (byte ", std::to_string(body.error().offset), ")"}));
    }
    if (!body->IsObject()) {
        return invalid({"The body must be a JSON object."});
    }
    JIT_TRY(Uuid connection, read_connection(*body));
    WorkflowRequest read{std::move(connection)};
    if (!minutes_field.empty()) {
        JIT_TRY(read.minutes, read_minutes(*body, minutes_field));
    }
    if (auto checked = check_optional_fields(*body); !checked) {
        return std::move(checked).error();
    }
    return read;
}

} // namespace jit::sandbox
