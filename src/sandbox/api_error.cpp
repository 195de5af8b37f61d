#include "sandbox/api_error.hpp"

#include "sandbox/json.hpp"
#include "sandbox/random.hpp"
#include "util/text.hpp"

namespace jit::sandbox {
namespace {

struct Wording {
    int status;
    std::string_view detail_code;
    std::string_view text;
};

Wording wording_of(ApiError error) {
    switch (error) {
    case ApiError::bad_syntax:
        return {400, "400.0 Bad Request Syntax", "The request could not be parsed."};
    case ApiError::bad_content:
        return {400, "400.1 Bad Request Content",
                "The request was syntactically correct but its content is semantically invalid."};
    case ApiError::forbidden:
        return {403, "403 Forbidden", "The server understood the request but refuses to authorize it."};
    case ApiError::not_found:
        return {404, "404 Not found",
                "The server did not find a current representation for the target resource."};
    case ApiError::method_not_allowed:
        return {405, "405 Method not allowed", "The target resource does not support the request's method."};
    case ApiError::content_too_large:
        return {413, "413 Content too large", "The request body is larger than the server accepts."};
    case ApiError::headers_too_large:
        return {431, "431 Request header fields too large",
                "The request headers are larger than the server accepts."};
    case ApiError::bad_gateway:
        return {502, "502 Bad gateway", "The gateway got no valid answer from the service."};
    case ApiError::unavailable:
        return {503, "503 Service unavailable", "The service is not available for the moment."};
    case ApiError::gateway_timeout:
        return {504, "504 Gateway timeout", "The gateway got no answer from the service in time."};
    case ApiError::internal:
        break;
    }
    return {500, "500.0 Internal Fault", "An internal fault occurred."};
}

void put_message(JsonWriter& writer, std::string_view name, std::string_view text) {
    put_key(writer, name);
    writer.StartArray();
    writer.StartObject();
    put(writer, "locale", "en-US");
    put(writer, "localeOrigin", "DEFAULT");
    put(writer, "text", text);
    writer.EndObject();
    writer.EndArray();
}

} // namespace

Response api_error(ApiError error, std::string_view cause) {
    const Wording wording = wording_of(error);
    rapidjson::StringBuffer buffer;
    JsonWriter writer(buffer);
    writer.StartObject();
    put(writer, "detailCode", wording.detail_code);
    put(writer, "trackingId", random_hex(32));
    put_message(writer, "messages", wording.text);
    put_message(writer, "causes", valid_utf8(cause));
    writer.EndObject();
    return json_response(wording.status, text_of(buffer));
}

Response no_such_path(const Request& request) {
    return api_error(ApiError::not_found, concat({"There is no ", request.path, " here."}));
}

Response method_not_allowed(const Request& request, const std::string& allowed) {
    Response response =
        api_error(ApiError::method_not_allowed,
                  concat({request.path, " does not take ", request.method, "; it takes ", allowed, "."}));
    response.headers.emplace_back("Allow", allowed);
    return response;
}

Response feature_not_enabled() {
    return json_response(412, R"({"message": " API/Feature not enabled for your organization."})");
}

Response unauthorized(std::string_view reason) {
    return json_response(401, concat({R"({"error": "JWT validation failed: )", reason, R"("})"}));
}

Response oauth_error(int status, std::string_view error, std::string_view description) {
    rapidjson::StringBuffer buffer;
    JsonWriter writer(buffer);
    writer.StartObject();
    put(writer, "error", error);
    put(writer, "error_description", description);
    writer.EndObject();
    return json_response(status, text_of(buffer));
}

Response rate_limited(std::optional<std::chrono::seconds> retry_after) {
    Response response = json_response(429, R"({"message": " Rate Limit Exceeded "})");
    if (retry_after) {
        response.headers.emplace_back("Retry-After", std::to_string(retry_after->count()));
    }
    return response;
}

} // namespace jit::sandbox
