#include "sandbox/oauth.hpp"

#include "sandbox/api_error.hpp"
#include "sandbox/form.hpp"
#include "sandbox/json.hpp"
#include "util/text.hpp"

#include <algorithm>
#include <array>

namespace jit::sandbox {
namespace {

std::string joined(const std::vector<std::string>& words) {
    std::string text;
    for (const std::string& word : words) {
        text += (text.empty() ? "" : " ") + word;
    }
    return text;
}

using Fields = std::vector<std::pair<std::string, std::string>>;

/// The parameters of the query or the body. Empty if the body is of another type.
std::optional<Fields> parameters_of(const Request& request) {
    Fields fields = parse_form(request.query);
    const std::string type = request.content_type();
    std::optional<Fields> in_body;
    if (type == k_multipart) {
        in_body = parse_multipart(request.body, request.header("Content-Type").value_or(""));
    } else if (type == k_urlencoded) {
        in_body = parse_form(request.body);
    } else if (request.body.empty()) {
        in_body.emplace();
    }
    if (!in_body) {
        return std::nullopt;
    }
    fields.insert(fields.end(), in_body->begin(), in_body->end());
    return fields;
}

} // namespace

Response answer_token_request(const Tenant& tenant, Tokens& tokens, const Request& request, TimePoint now) {
    const auto given = parameters_of(request);
    if (!given) {
        return oauth_error(400, "invalid_request",
                           concat({"The body must be ", k_urlencoded, " or ", k_multipart}));
    }
    const Fields& fields = *given;
    constexpr std::array<std::string_view, 3> k_names = {"grant_type", "client_id", "client_secret"};
    std::array<std::string, 3> values;
    for (std::size_t i = 0; i < k_names.size(); ++i) {
        const auto named = [&](const auto& field) { return field.first == k_names[i]; };
        const auto field = std::find_if(fields.begin(), fields.end(), named);
        if (field == fields.end()) {
            return oauth_error(400, "invalid_request", concat({"Missing form parameter: ", k_names[i]}));
        }
        if (std::find_if(field + 1, fields.end(), named) != fields.end()) {
            return oauth_error(400, "invalid_request", concat({"Repeated form parameter: ", k_names[i]}));
        }
        values[i] = field->second;
    }
    if (values[0] != "client_credentials") {
        return oauth_error(400, "unsupported_grant_type", "The grant type must be client_credentials");
    }
    const std::optional<std::size_t> index = tenant.find_client(values[1]);
    if (!index || tenant.identity(*index).pat.client_secret != values[2]) {
        return oauth_error(401, "invalid_client", "Bad client credentials");
    }

    const Identity& identity = tenant.identity(*index);
    const IssuedToken token = tokens.issue(tenant.data(), *index, now);
    rapidjson::StringBuffer buffer;
    JsonWriter writer(buffer);
    writer.StartObject();
    put(writer, "access_token", token.jwt);
    put(writer, "token_type", "bearer");
    put_key(writer, "expires_in");
    writer.Int64(tokens.lifetime().count());
    put(writer, "scope", joined(identity.pat.scopes));
    put(writer, "org", tenant.data().org);
    put(writer, "pod", tenant.data().pod);
    if (identity.pat.user_context) {
        put(writer, "user_name", identity.alias);
        put(writer, "identity_id", identity.id);
    }
    put(writer, "jti", token.jti);
    writer.EndObject();
    Response response = json_response(200, text_of(buffer));
    response.headers.emplace_back("Cache-Control", "no-store");
    return response;
}

} // namespace jit::sandbox
