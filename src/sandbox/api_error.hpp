#pragma once

#include "sandbox/http_message.hpp"

#include <chrono>
#include <string_view>

namespace jit::sandbox {

enum class Fault {
    bad_syntax,  ///< 400: not to be parsed
    bad_content, ///< 400: parsed, and wrong
    forbidden,
    not_found,
    method_not_allowed,
    content_too_large,
    headers_too_large,
    internal,
};

/// An error of the API in its own shape: detailCode, trackingId (random), messages, and one cause.
[[nodiscard]] Response api_error(Fault fault, std::string_view cause);

/// 401. `reason` is plain ASCII without quotes, for example "JWT is expired".
[[nodiscard]] Response unauthorized(std::string_view reason);

/// 429 with Retry-After.
[[nodiscard]] Response rate_limited(std::chrono::seconds retry_after);

} // namespace jit::sandbox
