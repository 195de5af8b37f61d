#include "util/duration.hpp"

#include "util/text.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <ctime>
#include <limits>
#include <set>
#include <string>
#include <vector>

namespace jit {
namespace {

using std::chrono::seconds;

constexpr std::int64_t k_max_seconds = std::int64_t{std::numeric_limits<std::int32_t>::max()} * 60;

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

/// Takes exactly so many digits off the text.
std::optional<int> take_number(std::string_view& text, std::size_t digits) {
    const std::string_view taken = take_while(text, is_digit);
    const auto number = taken.size() == digits ? parse_int(taken, 0, 9999) : std::nullopt;
    return number ? std::optional(static_cast<int>(*number)) : std::nullopt;
}

bool take_mark(std::string_view& text, std::string_view any_of) {
    if (text.empty() || any_of.find(text.front()) == std::string_view::npos) {
        return false;
    }
    text.remove_prefix(1);
    return true;
}

/// A date and time of day as a clock on the wall shows it: seconds since 1970 as if the clock were at UTC.
using Wall = std::chrono::local_seconds;

/// What a person wrote.
struct Written {
    std::optional<std::chrono::local_days> date = {};
    std::optional<seconds> time_of_day = {};
    std::optional<seconds> ahead = {}; ///< of UTC; empty: the zone of the process
};

std::optional<std::chrono::local_days> take_date(std::string_view& text) {
    const auto year = take_number(text, 4);
    const bool first = take_mark(text, "-");
    const auto month = take_number(text, 2);
    const bool second = take_mark(text, "-");
    const auto day = take_number(text, 2);
    if (!year || !first || !month || !second || !day || *year < 1970) {
        return std::nullopt;
    }
    const std::chrono::year_month_day date{std::chrono::year(*year),
                                           std::chrono::month(static_cast<unsigned>(*month)),
                                           std::chrono::day(static_cast<unsigned>(*day))};
    return date.ok() ? std::optional(std::chrono::local_days(date)) : std::nullopt;
}

/// "am", "p.m.": the hours to add to a time before one o'clock in the half day that it names.
std::optional<int> take_half(std::string_view& text) {
    for (const std::string_view half : {"am", "a.m.", "pm", "p.m."}) {
        if (to_lower(text.substr(0, half.size())) == half) {
            text.remove_prefix(half.size());
            return half.front() == 'a' ? 0 : 12;
        }
    }
    return std::nullopt;
}

/// "17:30", "9:05:30", "5pm", "5:30 pm".
std::optional<seconds> take_time_of_day(std::string_view& text) {
    const bool one_digit = text.size() > 1 && !is_digit(text[1]);
    auto hour = take_number(text, one_digit ? 1 : 2);
    std::optional<int> minute = 0;
    std::optional<int> second = 0;
    const bool has_minutes = take_mark(text, ":");
    if (has_minutes) {
        minute = take_number(text, 2);
        if (take_mark(text, ":")) {
            second = take_number(text, 2);
        }
    }
    std::string_view rest = trim(text);
    const auto half = take_half(rest);
    if (half) {
        text = rest;
        if (!hour || *hour < 1 || *hour > 12) {
            return std::nullopt;
        }
        hour = *hour % 12 + *half;
    }
    if (!hour || !minute || !second || (!has_minutes && !half) || *hour > 23 || *minute > 59 ||
        *second > 59) {
        return std::nullopt;
    }
    return std::chrono::hours(*hour) + std::chrono::minutes(*minute) + seconds(*second);
}

/// "Z", "+01:00", "+0100".
std::optional<seconds> take_zone(std::string_view& text) {
    if (take_mark(text, "Zz")) {
        return seconds(0);
    }
    const bool behind = !text.empty() && text.front() == '-';
    if (!take_mark(text, "+-")) {
        return std::nullopt;
    }
    const std::string_view digits = take_while(text, is_digit);
    auto hours = parse_int(digits.substr(0, 2), 0, 23);
    auto minutes = digits.size() == 4 ? parse_int(digits.substr(2), 0, 59) : std::nullopt;
    if (digits.size() == 2 && take_mark(text, ":")) {
        minutes = take_number(text, 2);
    }
    if (!hours || !minutes || *minutes > 59) {
        return std::nullopt;
    }
    const seconds ahead = std::chrono::hours(*hours) + std::chrono::minutes(*minutes);
    return behind ? -ahead : ahead;
}

std::optional<Written> read_written(std::string_view text) {
    Written written;
    std::string_view after_year = text;
    constexpr std::size_t k_year_size = 4;
    if (take_while(after_year, is_digit).size() == k_year_size && take_mark(after_year, "-")) {
        written.date = take_date(text);
        if (!written.date || text.empty()) {
            return written.date ? std::optional(written) : std::nullopt;
        }
        if (!take_mark(text, "Tt ")) {
            return std::nullopt;
        }
    }
    written.time_of_day = take_time_of_day(text);
    text = trim(text);
    const bool has_zone = !text.empty();
    if (has_zone) {
        written.ahead = take_zone(text);
    }
    const bool good = written.time_of_day && text.empty() && has_zone == written.ahead.has_value();
    return good ? std::optional(written) : std::nullopt;
}

/// What the wall clock shows at a time.
Wall wall_at(std::chrono::sys_seconds time, const std::optional<seconds>& ahead) {
    if (ahead) {
        return Wall((time + *ahead).time_since_epoch());
    }
    const std::time_t unix_time = time.time_since_epoch().count();
    std::tm parts{};
    localtime_r(&unix_time, &parts);
    return Wall(time.time_since_epoch() + seconds(parts.tm_gmtoff));
}

/// All moments at which the wall clock shows this, the earliest first: none where the clocks skip it, several
/// where they are put back.
std::vector<std::chrono::sys_seconds> moments_of(Wall wall, const std::optional<seconds>& ahead) {
    constexpr std::chrono::hours k_farthest{27}; // no zone is farther from UTC
    constexpr std::chrono::hours k_step{1};      // and none has an offset for less
    const std::chrono::sys_seconds as_utc(wall.time_since_epoch());
    std::set<std::chrono::sys_seconds> moments;
    for (auto near = as_utc - k_farthest; near <= as_utc + k_farthest; near += k_step) {
        const seconds offset = wall_at(near, ahead).time_since_epoch() - near.time_since_epoch();
        if (wall_at(as_utc - offset, ahead) == wall) {
            moments.insert(as_utc - offset);
        }
    }
    return {moments.begin(), moments.end()};
}

/// The first moment at which the clock shows this or later: the start of a day, also of one whose first hour
/// is skipped.
std::chrono::sys_seconds first_from(Wall wall) {
    constexpr std::chrono::hours k_farthest{27};
    auto before = std::chrono::sys_seconds(wall.time_since_epoch()) - k_farthest;
    auto after = before + 2 * k_farthest;
    while (after - before > seconds(1)) {
        const auto middle = before + (after - before) / 2;
        (wall_at(middle, {}) < wall ? before : after) = middle;
    }
    return after;
}

std::string date_text(Wall wall) {
    return format_rfc3339(TimePoint(wall.time_since_epoch())).substr(0, 10);
}

/// The moment among those of a date that is meant.
std::optional<TimePoint> pick_of(const std::vector<std::chrono::sys_seconds>& moments, TimePoint now,
                                 Pick pick) {
    std::optional<TimePoint> past;
    std::optional<TimePoint> to_come;
    for (const TimePoint moment : moments) {
        if (moment > now && !to_come) {
            to_come = moment;
        } else if (moment <= now) {
            past = moment;
        }
    }
    return pick == Pick::next ? (to_come ? to_come : past) : (past ? past : to_come);
}

Error skipped(Wall wall) {
    return usage_error(concat({"does not exist on ", date_text(wall), ": the clocks skip that hour"}));
}

/// A time of day without a date: the nearest one from now, in the direction that `pick` says.
Result<TimePoint> time_of_day_from(const Written& written, TimePoint now, Pick pick) {
    using std::chrono::days;
    const auto today = std::chrono::floor<days>(wall_at(std::chrono::floor<seconds>(now), written.ahead));
    // A clock that is put back at midnight shows yesterday again; one that was, tomorrow already.
    const int direction = pick == Pick::next ? 1 : -1;
    for (int day = -1; day <= 2; ++day) {
        const Wall wall = today + days(day * direction) + *written.time_of_day;
        const auto moments = moments_of(wall, written.ahead);
        const auto found = pick_of(moments, now, pick);
        if (found && (pick == Pick::next ? *found > now : *found <= now)) {
            return *found;
        }
        const bool to_come = wall > wall_at(std::chrono::floor<seconds>(now), written.ahead);
        if (moments.empty() && to_come == (pick == Pick::next)) {
            return skipped(wall);
        }
    }
    return usage_error("is not a time");
}

} // namespace

std::optional<seconds> parse_duration(std::string_view text) {
    text = trim(text);
    std::int64_t total = 0;
    std::int64_t last_unit = std::numeric_limits<std::int64_t>::max();
    while (!text.empty()) {
        const auto number =
            parse_int(take_while(text, is_digit), 0, std::numeric_limits<std::int32_t>::max());
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
    return total > 0 && total <= k_max_seconds ? std::optional(seconds(total)) : std::nullopt;
}

std::chrono::minutes whole_minutes(std::chrono::milliseconds duration) {
    return std::chrono::ceil<std::chrono::minutes>(duration);
}

Result<TimePoint> parse_time(std::string_view text, TimePoint now, Pick pick) {
    text = trim(text);
    if (const auto exact = parse_rfc3339(text)) {
        return *exact;
    }
    const auto written = read_written(text);
    if (!written) {
        return usage_error("is not a time");
    }
    if (!written->date) {
        return time_of_day_from(*written, now, pick);
    }
    const Wall wall = *written->date + written->time_of_day.value_or(seconds(0));
    if (const auto found = pick_of(moments_of(wall, written->ahead), now, pick)) {
        return *found;
    }
    return written->time_of_day ? Result<TimePoint>(skipped(wall)) : TimePoint(first_from(wall));
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
            words += concat({words.empty() ? "" : " ", std::to_string(count), unit.name});
            if (++shown == 2) {
                break;
            }
        }
    }
    return words.empty() ? "0 s" : words;
}

} // namespace jit
