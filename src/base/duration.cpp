#include "base/duration.hpp"

#include "base/text.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <ctime>
#include <limits>

namespace jit {
namespace {

using std::chrono::seconds;

constexpr std::int64_t k_most_seconds = std::int64_t{std::numeric_limits<std::int32_t>::max()} * 60;

struct Unit {
    std::string_view name;
    std::int64_t in_seconds;
};
constexpr std::array<Unit, 6> k_units = {
    {{"w", 604800}, {"d", 86400}, {"h", 3600}, {"min", 60}, {"m", 60}, {"s", 1}}};

std::string_view take_while(std::string_view& text, bool (*good)(char)) {
    std::size_t size = 0;
    while (size < text.size() && good(text[size])) {
        ++size;
    }
    const std::string_view taken = text.substr(0, size);
    text.remove_prefix(size);
    return taken;
}

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}
bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/// Splits at a mark into numbers; empty where a part has another number of digits than `sizes` says, or there
/// are not from `least` to N of them.
template <std::size_t N>
std::optional<std::array<int, N>> numbers(std::string_view text, char mark,
                                          const std::array<std::size_t, N>& sizes, std::size_t least) {
    std::array<int, N> found{};
    std::size_t count = 0;
    for (;; ++count) {
        const std::string_view digits = take_while(text, is_digit);
        if (count == N || digits.size() != sizes[count]) {
            return std::nullopt;
        }
        const auto value = parse_whole(digits, 0, 9999);
        if (!value) {
            return std::nullopt;
        }
        found[count] = static_cast<int>(*value);
        if (text.empty()) {
            break;
        }
        if (text.front() != mark) {
            return std::nullopt;
        }
        text.remove_prefix(1);
    }
    return count + 1 >= least ? std::optional(found) : std::nullopt;
}

std::optional<TimePoint> from_local(std::tm parts) {
    const std::tm asked = parts;
    parts.tm_isdst = -1;
    const std::time_t time = std::mktime(&parts);
    // mktime makes the 31st of February a day in March, and so on; in the hour that a change to summer time
    // skips it moves on by that hour, which is the sensible reading.
    if (time == -1 || parts.tm_mday != asked.tm_mday || parts.tm_mon != asked.tm_mon || asked.tm_hour > 23 ||
        asked.tm_min > 59 || asked.tm_sec > 59) {
        return std::nullopt;
    }
    return TimePoint(seconds(time));
}

bool set_time_of_day(std::tm& parts, std::string_view text) {
    const bool one_digit = text.size() > 1 && text[1] == ':'; // "9:05"
    const auto found = numbers<3>(text, ':', {one_digit ? std::size_t{1} : 2, 2, 2}, 2);
    if (!found) {
        return false;
    }
    parts.tm_hour = (*found)[0];
    parts.tm_min = (*found)[1];
    parts.tm_sec = (*found)[2];
    return true;
}

std::optional<TimePoint> next_time_of_day(std::string_view text, TimePoint now) {
    const std::time_t unix_now = std::chrono::floor<seconds>(now).time_since_epoch().count();
    std::tm parts{};
    localtime_r(&unix_now, &parts);
    if (!set_time_of_day(parts, text)) {
        return std::nullopt;
    }
    auto time = from_local(parts);
    if (time && *time <= now) {
        // Noon of the next day, whatever its length, and from there back to the time of day.
        std::tm tomorrow = parts;
        tomorrow.tm_mday += 1;
        tomorrow.tm_hour = 12;
        tomorrow.tm_isdst = -1;
        if (std::mktime(&tomorrow) == -1) {
            return std::nullopt;
        }
        tomorrow.tm_hour = parts.tm_hour;
        tomorrow.tm_min = parts.tm_min;
        tomorrow.tm_sec = parts.tm_sec;
        time = from_local(tomorrow);
    }
    return time;
}

} // namespace

std::optional<seconds> parse_duration(std::string_view text) {
    text = trim(text);
    std::int64_t total = 0;
    std::int64_t last_unit = std::numeric_limits<std::int64_t>::max();
    while (!text.empty()) {
        const auto number =
            parse_whole(take_while(text, is_digit), 0, std::numeric_limits<std::int32_t>::max());
        const std::string name = to_lower(take_while(text, is_letter));
        const Unit* unit = nullptr;
        for (const Unit& candidate : k_units) {
            if (candidate.name == name) {
                unit = &candidate;
            }
        }
        if (!number || unit == nullptr || unit->in_seconds >= last_unit) {
            return std::nullopt;
        }
        last_unit = unit->in_seconds;
        total += *number * unit->in_seconds;
        text = trim(text);
    }
    return total > 0 && total <= k_most_seconds ? std::optional(seconds(total)) : std::nullopt;
}

std::chrono::minutes whole_minutes(std::chrono::milliseconds duration) {
    return std::chrono::ceil<std::chrono::minutes>(duration);
}

std::optional<TimePoint> parse_time(std::string_view text, TimePoint now) {
    text = trim(text);
    if (const auto exact = parse_rfc3339(text)) {
        return exact;
    }
    constexpr std::size_t k_date_size = 10; // "2026-11-24"
    if (text.size() < k_date_size) {
        return next_time_of_day(text, now);
    }
    const auto date = numbers<3>(text.substr(0, k_date_size), '-', {4, 2, 2}, 3);
    if (!date || (*date)[0] < 1970) {
        return std::nullopt;
    }
    std::tm parts{};
    parts.tm_year = (*date)[0] - 1900;
    parts.tm_mon = (*date)[1] - 1;
    parts.tm_mday = (*date)[2];
    const std::string_view rest = text.substr(k_date_size);
    if (rest.empty()) {
        return from_local(parts);
    }
    if (rest.front() != 'T' && rest.front() != 't' && rest.front() != ' ') {
        return std::nullopt;
    }
    // "17:30Z" and "17:30+01:00": RFC 3339 wants seconds, ISO 8601 does not.
    const std::size_t zone = rest.find_first_of("Zz+-");
    if (zone != std::string_view::npos) {
        return parse_rfc3339(
            cat({text.substr(0, k_date_size), rest.substr(0, zone), ":00", rest.substr(zone)}));
    }
    return set_time_of_day(parts, rest.substr(1)) ? from_local(parts) : std::nullopt;
}

std::string duration_words(std::chrono::milliseconds duration) {
    std::int64_t left = std::max<std::int64_t>(0, std::chrono::floor<seconds>(duration).count());
    constexpr std::array<Unit, 4> k_shown = {{{" d", 86400}, {" h", 3600}, {" min", 60}, {" s", 1}}};
    std::string words;
    int shown = 0;
    for (const Unit& unit : k_shown) {
        const std::int64_t count = left / unit.in_seconds;
        left %= unit.in_seconds;
        if (shown == 1 && count == 0) {
            break; // "1 h", not "1 h 12 s"
        }
        if (count != 0) {
            words += cat({words.empty() ? "" : " ", std::to_string(count), unit.name});
            if (++shown == 2) {
                break;
            }
        }
    }
    return words.empty() ? "0 s" : words;
}

} // namespace jit
