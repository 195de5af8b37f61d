#pragma once

#include "base/time.hpp"

#include <chrono>
#include <optional>
#include <string_view>

namespace jit::http {

/// Reads an HTTP date in the one form that RFC 9110 lets a server send: "Sun, 06 Nov 1994 08:49:37 GMT".
/// Empty on anything else.
[[nodiscard]] std::optional<TimePoint> parse_http_date(std::string_view text);

/// Reads a `Retry-After` (RFC 9110, 10.2.3): seconds, or an HTTP date. Empty where it is neither, or the date
/// is past; more than a day is cut to a day.
[[nodiscard]] std::optional<std::chrono::seconds> parse_retry_after(std::string_view text, TimePoint now);

} // namespace jit::http
