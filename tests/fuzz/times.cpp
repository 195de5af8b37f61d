// Times and stretches of time: of the service, of HTTP, and as people type them.

#include "http/retry_after.hpp"
#include "promise.hpp"
#include "util/duration.hpp"
#include "util/text.hpp"
#include "util/time.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <ctime>

using namespace jit;
using namespace jit::fuzz;
using namespace std::chrono_literals;

namespace {

/// The text with every digit as 9 and every letter as A: what it looks like.
std::string shape(std::string_view text) {
    std::string out;
    for (const char c : text) {
        const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        out.push_back(c >= '0' && c <= '9' ? '9' : letter ? 'A' : c);
    }
    return out;
}

std::string written(TimePoint time, const char* format) {
    const std::time_t unix_time = std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count();
    std::tm parts{};
    gmtime_r(&unix_time, &parts);
    std::array<char, 64> buffer{};
    return {buffer.data(), std::strftime(buffer.data(), buffer.size(), format, &parts)};
}

void check_rfc3339(std::string_view text) {
    const auto time = parse_rfc3339(text);
    if (!time) {
        return;
    }
    const std::string formatted = format_rfc3339(*time);
    promise(parse_rfc3339(formatted) == time, "a time that is written can be read");
    promise(shape(formatted).rfind("9999-99-99A99:99:99", 0) == 0, "a time is of the years 1970 to 9999");
    // The date and time of day are UTC but for the offset, which is less than a day.
    std::tm parts{};
    const std::string start(text.substr(0, 19));
    promise(std::sscanf(start.c_str(), "%4d-%2d-%2d%*c%2d:%2d:%2d", &parts.tm_year, &parts.tm_mon, // NOLINT
                        &parts.tm_mday, &parts.tm_hour, &parts.tm_min, &parts.tm_sec) == 6,
            "what is read as a time looks like one");
    parts.tm_year -= 1900;
    parts.tm_mon -= 1;
    const auto ahead = std::chrono::sys_seconds(std::chrono::seconds(timegm(&parts))) -
                       std::chrono::floor<std::chrono::seconds>(*time);
    const bool utc = text.back() == 'Z' || text.back() == 'z';
    const bool west = !utc && text.substr(19).find('-') != std::string_view::npos;
    promise(utc    ? ahead == 0s
            : west ? ahead <= 0s && ahead > -24h
                   : ahead >= 0s && ahead < 24h,
            "a time is that of its date, time of day and offset");
}

void check_http(std::string_view text, TimePoint now) {
    if (const auto date = http::parse_http_date(text)) {
        const std::string again = written(*date, "%a, %d %b %Y %H:%M:%S GMT");
        const bool leap_second = text.substr(23, 2) == "60";
        promise(leap_second || text.substr(5) == std::string_view(again).substr(5),
                "an HTTP date is the time that it says");
    }
    const auto wait = http::parse_retry_after(text, now);
    promise(!wait || (*wait >= 0s && *wait <= 24h), "a wait is from nothing to a day");
    if (const auto seconds = parse_int(trim(text), 0, 86400)) {
        promise(wait == std::chrono::seconds(*seconds), "a wait in seconds is that number");
    }
}

void check_duration(std::string_view text) {
    const auto duration = parse_duration(text);
    if (!duration) {
        return;
    }
    promise(*duration > 0s && *duration <= 2147483647min, "a duration fits the API's minutes");
    const auto minutes = whole_minutes(*duration);
    promise(minutes >= *duration && minutes - 1min < *duration, "whole minutes hold a duration");
    const std::int64_t seconds = duration->count();
    const std::string again = concat({std::to_string(seconds / 3600), "h", std::to_string(seconds / 60 % 60),
                                      "m", std::to_string(seconds % 60), "s"});
    promise(parse_duration(again) == duration, "a duration means the same in other units");
    std::string words = duration_words(*duration);
    words.erase(std::remove(words.begin(), words.end(), ' '), words.end());
    const auto rounded = parse_duration(words);
    promise(rounded && *rounded <= *duration && *duration - *rounded < *rounded,
            "words for what is left never say more than there is");
}

void check_until(std::string_view text, TimePoint now) {
    const auto time = parse_time(text, now);
    if (!time || parse_rfc3339(trim(text))) {
        return;
    }
    const std::string looks = shape(trim(text));
    std::string_view rest = looks;
    if (rest.rfind("9999-", 0) != 0) {
        // 25 h: the day on which summer time ends.
        promise(*time > now && *time - now <= 25h, "a time of day is the next one");
    } else {
        promise(rest.rfind("9999-99-99", 0) == 0, "a time is a time of day, or begins with a date");
        rest.remove_prefix(10);
        if (rest.empty()) {
            return;
        }
        promise(rest.front() == 'A' || rest.front() == ' ', "T or a blank parts date and time");
        rest.remove_prefix(1);
    }
    const std::string_view digits = rest.substr(0, rest.find_first_not_of("9:"));
    constexpr std::array<std::string_view, 6> k_times = {"9", "99", "9:99", "99:99", "9:99:99", "99:99:99"};
    promise(std::find(k_times.begin(), k_times.end(), digits) != k_times.end(),
            "minutes and seconds have two digits");
    rest.remove_prefix(digits.size());
    promise(digits.size() > 2 || trim(rest).rfind('A', 0) == 0,
            "an hour alone says which half of the day it is of");
}

} // namespace

extern "C" int LLVMFuzzerInitialize(int* /*argc*/, char*** /*argv*/) { // NOLINT: libFuzzer's name
    // Central European time without the machine's zone database.
    setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3", 1); // NOLINT(concurrency-mt-unsafe): there is one thread
    tzset();
    return 0;
}

/// The first four bytes choose the time at which the rest is read.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    std::uint32_t minutes = 0;
    if (size < sizeof minutes) {
        return 0;
    }
    std::memcpy(&minutes, data, sizeof minutes);
    constexpr std::uint32_t k_minutes = 4200000000; // until 9955
    const TimePoint now{std::chrono::minutes(minutes % k_minutes)};
    promise(parse_rfc3339(format_rfc3339(now)) == now, "any time that is written can be read");
    const std::string_view text = text_of(data, size).substr(sizeof minutes);
    check_rfc3339(text);
    check_http(text, now);
    check_duration(text);
    check_until(text, now);
    return 0;
}
