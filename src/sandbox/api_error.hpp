#pragma once

#include "sandbox/http_message.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace jit::sandbox {

enum class ApiError {
    bad_syntax,  ///< 400: not to be parsed
    bad_content, ///< 400: parsed, and wrong
    forbidden,
    not_found,
    method_not_allowed,
    content_too_large,
    headers_too_large,
    internal,
    bad_gateway,
    unavailable,
    gateway_timeout,
};

/// An error of the API in its own shape: detailCode, trackingId (random), messages, and one cause.
[[nodiscard]] Response api_error(ApiError error, std::string_view cause);

/// 404 for a path that leads nowhere.
[[nodiscard]] Response no_such_path(const Request& request);

/// 405; `allowed` are the methods that the path takes, separated by commas.
[[nodiscard]] Response method_not_allowed(const Request& request, const std::string& allowed);

/// 412, the tenant's way to say that it has no such feature.
[[nodiscard]] Response feature_not_enabled();

/// 401. `reason` is plain ASCII without quotes, for example "JWT is expired".
[[nodiscard]] Response unauthorized(std::string_view reason);

/// An error of the token endpoint in the shape of RFC 6749, 5.2.
[[nodiscard]] Response oauth_error(int status, std::string_view error, std::string_view description);

/// 429, with Retry-After where that is given.
[[nodiscard]] Response rate_limited(std::optional<std::chrono::seconds> retry_after = {});

} // namespace jit::sandbox
