#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace jit {

/// A time to the millisecond. (The system clock's own nanoseconds end in the year 2262, and the API's minutes
/// reach further.)
using TimePoint = std::chrono::sys_time<std::chrono::milliseconds>;

/// RFC 3339 has four digits for a year: later times cannot be written.
inline constexpr TimePoint k_latest_time =
    TimePoint(std::chrono::sys_days(std::chrono::year(10000) / 1 / 1)) - std::chrono::milliseconds(1);

/// The machine's time.
[[nodiscard]] TimePoint system_now();

/// Reads an RFC 3339 date and time ("2025-10-11T21:23:15.000Z", "2025-12-03T10:15:30+01:00"; a space for the
/// `T` and any number of fraction digits are fine). Empty on anything else, on a date that does not exist,
/// and outside the years 1970 to 9999 of UTC.
[[nodiscard]] std::optional<TimePoint> parse_rfc3339(std::string_view text);

/// "2025-10-11T21:23:15Z", or with milliseconds where there are any: "2025-10-11T21:23:15.250Z".
[[nodiscard]] std::string format_rfc3339(TimePoint time);

/// For people: "2026-11-24 17:30:05 CET", in the zone of the process (TZ).
[[nodiscard]] std::string format_local(TimePoint time);

/// The same in UTC: "2026-11-24 16:30:05 UTC".
[[nodiscard]] std::string format_utc(TimePoint time);

/// What is left or past, in words: "in 59 min", "in 1 h 5 min", "in 4 min 30 s", "12 s ago", "now". The two
/// largest units at most, rounded to the nearest of the smaller: seconds below 10 minutes, minutes below a
/// day, then hours.
[[nodiscard]] std::string relative_words(TimePoint time, TimePoint now);

} // namespace jit
