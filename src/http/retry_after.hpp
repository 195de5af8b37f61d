#pragma once

#include "http/message.hpp"
#include "util/time.hpp"

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

/// The wait that a response asks for, where it does. A date is taken against the response's own `Date`, and
/// against `now` where it has none: the two clocks may differ.
[[nodiscard]] std::optional<std::chrono::seconds> retry_after(const Response& response, TimePoint now);

} // namespace jit::http
