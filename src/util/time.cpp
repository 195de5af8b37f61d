#include "util/time.hpp"

#include <array>
#include <cstdint>
#include <cstdio>
#include <ctime>

namespace jit {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

/// Reads exactly `count` digits at `at`; moves `at` behind them.
std::optional<int> digits(std::string_view text, std::size_t& at, std::size_t count) {
    if (at + count > text.size()) {
        return std::nullopt;
    }
    int value = 0;
    for (const std::size_t end = at + count; at < end; ++at) {
        const char c = text[at];
        if (c < '0' || c > '9') {
            return std::nullopt;
        }
        value = value * 10 + (c - '0');
    }
    return value;
}

bool skip(std::string_view text, std::size_t& at, std::string_view any_of) {
    if (at < text.size() && any_of.find(text[at]) != std::string_view::npos) {
        ++at;
        return true;
    }
    return false;
}

/// `,` or `.` and digits: the fraction of a second, cut to milliseconds. False where no digit follows the
/// point.
bool fraction(std::string_view text, std::size_t& at, milliseconds& out) {
    int scale = 100;
    int value = 0;
    const std::size_t first = at;
    while (at < text.size() && text[at] >= '0' && text[at] <= '9') {
        value += (text[at] - '0') * scale;
        scale /= 10;
        ++at;
    }
    out = milliseconds(value);
    return at > first;
}

/// "Z", or "+01:00": how far the written time is ahead of UTC.
std::optional<seconds> offset(std::string_view text, std::size_t& at) {
    if (skip(text, at, "Zz")) {
        return seconds(0);
    }
    const bool behind = at < text.size() && text[at] == '-';
    if (!skip(text, at, "+-")) {
        return std::nullopt;
    }
    const auto hours = digits(text, at, 2);
    (void)skip(text, at, ":"); // ISO 8601's basic form leaves it out
    const auto minutes = digits(text, at, 2);
    if (!hours || !minutes || *hours > 23 || *minutes > 59) {
        return std::nullopt;
    }
    const seconds ahead = std::chrono::hours(*hours) + std::chrono::minutes(*minutes);
    return behind ? -ahead : ahead;
}

std::string strftime_string(const char* format, const std::tm& parts) {
    std::array<char, 64> buffer{};
    const std::size_t size = std::strftime(buffer.data(), buffer.size(), format, &parts);
    return {buffer.data(), size};
}

} // namespace

TimePoint system_now() {
    return std::chrono::floor<milliseconds>(std::chrono::system_clock::now());
}

std::optional<TimePoint> parse_rfc3339(std::string_view text) {
    std::size_t at = 0;
    const auto year = digits(text, at, 4);
    if (!year || !skip(text, at, "-")) {
        return std::nullopt;
    }
    const auto month = digits(text, at, 2);
    if (!month || !skip(text, at, "-")) {
        return std::nullopt;
    }
    const auto day = digits(text, at, 2);
    if (!day || !skip(text, at, "Tt ")) {
        return std::nullopt;
    }
    const auto hour = digits(text, at, 2);
    if (!hour || !skip(text, at, ":")) {
        return std::nullopt;
    }
    const auto minute = digits(text, at, 2);
    if (!minute || !skip(text, at, ":")) {
        return std::nullopt;
    }
    const auto second = digits(text, at, 2);
    milliseconds part{0};
    if (!second || (skip(text, at, ".,") && !fraction(text, at, part))) {
        return std::nullopt;
    }
    const auto ahead = offset(text, at);
    if (!ahead || at != text.size()) {
        return std::nullopt;
    }
    const std::chrono::year_month_day date{std::chrono::year(*year),
                                           std::chrono::month(static_cast<unsigned>(*month)),
                                           std::chrono::day(static_cast<unsigned>(*day))};
    // 60 is a leap second; it counts as the second after 59.
    if (!date.ok() || *hour > 23 || *minute > 59 || *second > 60) {
        return std::nullopt;
    }
    const TimePoint time = TimePoint(std::chrono::sys_days(date)) + std::chrono::hours(*hour) +
                           std::chrono::minutes(*minute) + seconds(*second) + part - *ahead;
    return time >= TimePoint() && time <= k_latest_time ? std::optional(time) : std::nullopt;
}

std::string format_rfc3339(TimePoint time) {
    const auto whole = std::chrono::floor<seconds>(time);
    const auto part = std::chrono::duration_cast<milliseconds>(time - whole).count();
    const std::time_t unix_time = whole.time_since_epoch().count();
    std::tm parts{};
    gmtime_r(&unix_time, &parts);
    std::string text = strftime_string("%Y-%m-%dT%H:%M:%S", parts);
    if (part != 0) {
        std::array<char, 8> buffer{};
        (void)std::snprintf(buffer.data(), buffer.size(), ".%03d", static_cast<int>(part));
        text += buffer.data();
    }
    return text + "Z";
}

std::string format_local(TimePoint time) {
    const std::time_t unix_time = std::chrono::floor<seconds>(time).time_since_epoch().count();
    std::tm parts{};
    localtime_r(&unix_time, &parts);
    return strftime_string("%Y-%m-%d %H:%M:%S %Z", parts);
}

std::string format_utc(TimePoint time) {
    const std::time_t unix_time = std::chrono::floor<seconds>(time).time_since_epoch().count();
    std::tm parts{};
    gmtime_r(&unix_time, &parts);
    return strftime_string("%Y-%m-%d %H:%M:%S UTC", parts);
}

std::string relative_words(TimePoint time, TimePoint now) {
    const bool future = time > now;
    const auto exact = future ? time - now : now - time;
    std::int64_t total = std::chrono::round<seconds>(exact).count();
    constexpr std::int64_t k_minutes_from = 600;
    constexpr std::int64_t k_hours_from = 86400;
    if (total >= k_hours_from) {
        total = std::chrono::round<std::chrono::hours>(exact).count() * 3600;
    } else if (total >= k_minutes_from) {
        total = std::chrono::round<std::chrono::minutes>(exact).count() * 60;
    }
    if (total == 0) {
        return "now";
    }
    const std::int64_t days = total / 86400;
    const std::int64_t hours = total / 3600 % 24;
    const std::int64_t minutes = total / 60 % 60;
    const std::int64_t secs = total % 60;
    const auto pair = [](std::int64_t large, const char* large_unit, std::int64_t small,
                         const char* small_unit) {
        std::string text = std::to_string(large) + " " + large_unit;
        if (small != 0) {
            text += " " + std::to_string(small) + " " + small_unit;
        }
        return text;
    };
    std::string words;
    if (days != 0) {
        words = pair(days, "d", hours, "h");
    } else if (hours != 0) {
        words = pair(hours, "h", minutes, "min");
    } else if (minutes != 0) {
        words = pair(minutes, "min", secs, "s");
    } else {
        words = pair(secs, "s", 0, "");
    }
    return future ? "in " + words : words + " ago";
}

} // namespace jit
