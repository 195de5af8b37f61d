#pragma once

#include "base/secret.hpp"
#include "base/time.hpp"
#include "base/uuid.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace jit::sailpoint {

/// The three things that the JIT activations API does.
enum class Operation { activate, extend, deactivate };

/// "activate", "extend", "deactivate".
[[nodiscard]] std::string_view operation_name(Operation operation);

/// What to ask the API for.
struct OperationRequest {
    Operation operation;
    Uuid connection;
    std::int32_t minutes = 0; ///< how long, or how much longer; not sent when deactivating
    std::string request_origin = {};
    std::vector<std::pair<std::string, std::string>> metadata = {};
};

/// What the API answered to one of the three (HTTP 202): the work is accepted, not done. Every field is the
/// text of what the service sent; one that it left out, or sent as null, a list or an object, is empty.
struct Acceptance {
    std::string raw; ///< the whole answer: a JSON object, UTF-8, with every field of the service
    std::string id = {};
    std::string activation_id = {};
    std::string connection_id = {};
    std::string minutes = {}; ///< activationPeriodMins or activationPeriodExtensionMins
    std::string status = {};
    std::string start_time = {};
};

/// When access that was activated ends: the start that the service names plus the minutes. Empty where either
/// is missing or no such time.
[[nodiscard]] std::optional<TimePoint> expiry_of(const Acceptance& acceptance);

/// Whether a workflow in this state will never do what was asked. The set of states is open: an unknown one
/// is not a failure.
[[nodiscard]] bool is_failed(Operation operation, std::string_view status);

/// What the token endpoint answered.
struct IssuedToken {
    Secret token;
    std::optional<std::chrono::seconds> lifetime = {}; ///< `expires_in`, at least 1
    std::optional<TimePoint> server_time = {};         ///< the server's clock, from the answer's `Date`
};

/// A token as it is kept for later runs, and whose it is.
struct KeptToken {
    std::string base_url;
    Secret client_id;
    Secret token;
    TimePoint issued;  ///< by this machine's clock
    TimePoint expires; ///< the same
};

/// What an access token says of itself. Nobody verified it: for people to read, never to decide by.
struct TokenClaims {
    std::string user_name = {}; ///< empty: the token belongs to no user
    std::string identity_id = {};
    std::string org = {};
    std::string pod = {};
    std::optional<TimePoint> expires = {};
    std::vector<std::string> scopes = {};
};

/// The body of the API's errors. Empty where the service left a part out.
struct ApiError {
    std::string detail_code = {};
    std::string tracking_id = {};
    std::string text = {}; ///< the most specific one: a cause before a message
};

} // namespace jit::sailpoint
