#pragma once

#include "sandbox/api.hpp"
#include "sandbox/builtin_data.hpp"
#include "sandbox/json.hpp"
#include "util/text.hpp"

#include <rapidjson/pointer.h>

#include <chrono>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace jit::sandbox::test {

inline constexpr const char* k_my_connections = "/entitlement-connections/v1/current-identity";
inline constexpr const char* k_connections = "/entitlement-connections/v1";
inline constexpr const char* k_my_history = "/jit-activation-history/v1/current-identity";
inline constexpr const char* k_history = "/jit-activation-history/v1";
inline constexpr const char* k_policy = "/jit-activation-config/v1/policy";

inline constexpr std::size_t k_alex = 5;   ///< has both admin levels
inline constexpr std::size_t k_reader = 6; ///< may not read the history

inline constexpr std::string_view k_payroll_approver = "c0ffee00-0000-4000-8000-000000000014"; ///< frictions
inline constexpr std::string_view k_quarantine =
    "c0ffee00-0000-4000-8000-000000000015"; ///< cannot be provisioned
inline constexpr std::string_view k_prod_db_admin = "c0ffee00-0000-4000-8000-000000000001";

/// A fixed time to count from.
inline TimePoint noon() {
    return TimePoint(std::chrono::sys_days(std::chrono::year(2026) / 11 / 24)) + std::chrono::hours(12);
}

/// What a JSON pointer (RFC 6901) leads to: a string's text, other values as JSON, "" when there is nothing.
inline std::string text_at(const rapidjson::Value& json, const std::string& pointer) {
    const rapidjson::Value* const value = rapidjson::Pointer(pointer.c_str()).Get(json);
    if (value == nullptr) {
        return {};
    }
    if (value->IsString()) {
        return std::string(view(*value));
    }
    rapidjson::StringBuffer buffer;
    JsonWriter writer(buffer);
    value->Accept(writer);
    return text_of(buffer);
}

/// The same from JSON text.
inline std::string json_at(const std::string& json, const std::string& pointer) {
    const auto document = parse_json(json);
    return document ? text_at(*document, pointer) : "not JSON";
}

/// One member of each item of a JSON array, in order: a string's text, other values as JSON, "" where there
/// is none.
inline std::vector<std::string> column(const Response& response, const std::string& pointer) {
    std::vector<std::string> values;
    const auto rows = parse_json(response.body);
    if (!rows || !rows->IsArray()) {
        return {"no array"};
    }
    for (auto row = rows->Begin(); row != rows->End(); ++row) {
        values.push_back(text_at(*row, pointer));
    }
    return values;
}

inline std::string cause(const Response& response) {
    return json_at(response.body, "/causes/0/text");
}
inline std::string status_word(const Response& response) {
    return json_at(response.body, "/status");
}

inline std::string header_of(const Response& response, std::string_view name) {
    for (const auto& [key, value] : response.headers) {
        if (key == name) {
            return value;
        }
    }
    return {};
}

/// A client of the practice tenant, without a network and with the time in the test's hand.
class PracticeClient {
public:
    explicit PracticeClient(const Behaviour& behaviour = {}, std::size_t identity = 0)
        : PracticeClient(builtin_data(), behaviour, identity) {}

    PracticeClient(TenantData data, const Behaviour& behaviour, std::size_t identity)
        : data_(std::move(data)), api_(data_, behaviour) {
        login(identity);
    }

    Response token_request(const std::string& form,
                           const std::string& type = "application/x-www-form-urlencoded") {
        return send({"POST", "/oauth/token", "", {{"Content-Type", type}}, form, 1});
    }

    /// Gets an access token for an identity of the data and uses it from now on.
    void login(std::size_t identity) {
        const Pat& pat = data_.identities[identity].pat;
        const Response response =
            token_request(concat({"grant_type=client_credentials&client_id=", pat.client_id,
                                  "&client_secret=", pat.client_secret}));
        token = json_at(response.body, "/access_token");
    }

    /// A POST as a correct client makes it.
    [[nodiscard]] Request post_request(const std::string& operation, const std::string& body) const {
        return {"POST",
                "/jit-activations/v1/" + operation,
                "",
                {{"Authorization", "Bearer " + token},
                 {"X-SailPoint-Experimental", "true"},
                 {"Content-Type", "application/json"}},
                body,
                1};
    }
    Response post(const std::string& operation, const std::string& body) {
        return send(post_request(operation, body));
    }

    Response activate(std::string_view connection, int minutes) {
        return post("activate", concat({R"({"connectionId":")", connection, R"(","activationPeriodMins":)",
                                        std::to_string(minutes), "}"}));
    }
    Response extend(std::string_view connection, int minutes) {
        return post("extend",
                    concat({R"({"connectionId":")", connection, R"(","activationPeriodExtensionMins":)",
                            std::to_string(minutes), "}"}));
    }
    Response deactivate(std::string_view connection) {
        return post("deactivate", concat({R"({"connectionId":")", connection, R"("})"}));
    }

    Response get(const std::string& path) { return send({"GET", path, "", {}, "", 99}); }

    /// A GET of the API as a correct client makes it; the parameters are encoded here.
    [[nodiscard]] Request
    get_request(const std::string& path,
                const std::vector<std::pair<std::string, std::string>>& parameters = {}) const {
        std::string query;
        for (const auto& [name, value] : parameters) {
            query += concat({query.empty() ? "" : "&", name, "=", percent_encode(value)});
        }
        return {"GET", path,
                query, {{"Authorization", "Bearer " + token}, {"X-SailPoint-Experimental", "true"}},
                "",    1};
    }
    Response list(const std::string& path,
                  const std::vector<std::pair<std::string, std::string>>& parameters = {}) {
        return send(get_request(path, parameters));
    }

    /// What only the sandbox offers: POST /sandbox/activations/ID/WORD.
    Response steer(std::string_view id, const std::string& word, const std::string& body = {}) {
        return send({"POST", concat({"/sandbox/activations/", id, "/", word}), "", {}, body, 99});
    }

    std::string journal(const std::string& pointer) { return json_at(get("/sandbox/journal").body, pointer); }
    /// The state of the first activation.
    std::string state(const std::string& field = "status") {
        return json_at(get("/sandbox/activations").body, "/0/" + field);
    }

    Response send(const Request& request) { return api_.handle(request, now); }

    TimePoint now = noon();
    std::string token;

private:
    TenantData data_;
    Api api_;
};

} // namespace jit::sandbox::test
