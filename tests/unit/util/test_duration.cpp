#include "util/duration.hpp"

#include "support/catch.hpp"
#include "support/thorough.hpp"

#include <array>
#include <cstdlib>
#include <ctime>
#include <map>
#include <set>

using namespace jit;
using namespace std::chrono_literals;

namespace {

/// The process in another zone, until the object goes.
class Zone {
public:
    explicit Zone(const char* name) { set(name); }
    Zone(const Zone&) = delete;
    Zone& operator=(const Zone&) = delete;
    Zone(Zone&&) = delete;
    Zone& operator=(Zone&&) = delete;
    ~Zone() { set("UTC"); }

private:
    static void set(const char* name) {
        REQUIRE(setenv("TZ", name, 1) == 0);
        tzset();
    }
};

std::string read(const char* text, const char* now) {
    const auto time = parse_time(text, *parse_rfc3339(now));
    return time ? format_rfc3339(*time) : time.error().message;
}

/// What the wall clock shows, to the minute: "2026-10-25 02:30".
std::string wall(TimePoint time) {
    const std::time_t unix_time = std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count();
    std::tm parts{};
    localtime_r(&unix_time, &parts);
    std::array<char, 32> buffer{};
    return {buffer.data(), std::strftime(buffer.data(), buffer.size(), "%Y-%m-%d %H:%M", &parts)};
}

/// Compares `parse_time` with a search through the minutes around a change of the clocks.
void check_around(TimePoint change) {
    std::map<std::string, std::set<TimePoint>> moments; // by what the wall clock shows
    for (TimePoint time = change - 72h; time < change + 96h; time += 1min) {
        moments[wall(time)].insert(time);
    }
    const auto step = jit::test::is_thorough() ? 47min : 4h + 7min;
    for (TimePoint now = change - 27h; now < change + 3h; now += step) {
        const std::string today = wall(now);
        for (int minute = 0; minute < 1440; minute += (minute < 300 || minute > 1320) ? 15 : 330) {
            std::array<char, 8> text{};
            (void)std::snprintf(text.data(), text.size(), "%02d:%02d", minute / 60 % 24, minute % 60);
            // The days from yesterday on: the first moment after now, unless a day before it has none.
            std::string expected;
            for (TimePoint day = now - 24h; expected.empty(); day += 12h) {
                const std::string shown = wall(day).substr(0, 11) + text.data();
                const auto found = moments.find(shown);
                if (found == moments.end()) {
                    expected = shown > today ? "does not exist on " + shown.substr(0, 10) +
                                                   ": the clocks skip that hour"
                                             : "";
                } else if (const auto next = found->second.upper_bound(now); next != found->second.end()) {
                    expected = format_rfc3339(*next);
                }
            }
            INFO(wall(now) << " (" << format_rfc3339(now) << "), asked for " << text.data());
            CHECK(read(text.data(), format_rfc3339(now).c_str()) == expected);
        }
    }
}

// Central European time without the machine's zone database: summer from the last Sunday of March to that of
// October.
constexpr const char* k_europe = "CET-1CEST,M3.5.0,M10.5.0/3";

} // namespace

TEST_CASE("util::parse_duration") {
    CHECK(parse_duration("1h30m") == 5400s);
    CHECK(parse_duration(" 1H 30min ") == 5400s);
    CHECK(parse_duration("90s") == 90s);
    CHECK(parse_duration("7d") == 168h);
    CHECK(parse_duration("1w2d") == 216h);
    for (const char* const bad : {"", " ", "60", "1h30", "h", "-1h", "1.5h", "30m1h", "1h1h", "1m1min", "1y",
                                  "0m", "1h-30m", "99999999999h", "2147483647w", "\xFF"}) {
        INFO(bad);
        CHECK_FALSE(parse_duration(bad));
    }
    CHECK(parse_duration("2147483647m") == 2147483647min);
    CHECK_FALSE(parse_duration("2147483647m1s"));
}

TEST_CASE("util::whole_minutes never cuts off") {
    CHECK(whole_minutes(60s) == 1min);
    CHECK(whole_minutes(60001ms) == 2min);
    CHECK(whole_minutes(1ms) == 1min);
}

TEST_CASE("util::parse_time") {
    SECTION("the next such time of day") {
        const Zone zone(k_europe);
        CHECK(read("17:30", "2026-11-24T12:00:00Z") == "2026-11-24T16:30:00Z");
        CHECK(read("12:30", "2026-11-24T12:00:00Z") == "2026-11-25T11:30:00Z");
        CHECK(read("13:00", "2026-11-24T12:00:00Z") == "2026-11-25T12:00:00Z"); // now is not the next
        CHECK(read("9:05:07", "2026-12-31T20:00:00Z") == "2027-01-01T08:05:07Z");
        CHECK(read("00:10", "2026-11-24T22:59:00Z") == "2026-11-24T23:10:00Z");
    }
    SECTION("over a change of the clocks") {
        const Zone zone(k_europe);
        CHECK(read("12:00", "2026-03-28T12:00:00Z") == "2026-03-29T10:00:00Z"); // 23 h ahead
        CHECK(read("12:00", "2026-10-24T11:00:00Z") == "2026-10-25T11:00:00Z");
        // The hour that comes twice: 40 minutes ahead, and from its first pass on, the second.
        CHECK(read("02:30", "2026-10-24T23:50:00Z") == "2026-10-25T00:30:00Z");
        CHECK(read("2026-10-25T02:30", "2026-10-24T23:50:00Z") == "2026-10-25T00:30:00Z");
        CHECK(read("02:30", "2026-10-25T00:40:00Z") == "2026-10-25T01:30:00Z");
        CHECK(read("2026-10-25T02:30", "2026-10-25T00:40:00Z") == "2026-10-25T01:30:00Z");
        CHECK(read("02:30", "2026-10-25T01:40:00Z") == "2026-10-26T01:30:00Z");
        CHECK(read("2026-10-25T02:30", "2026-10-25T01:40:00Z") == "2026-10-25T01:30:00Z"); // past
        CHECK(read("02:30", "2026-10-24T20:00:00Z") == "2026-10-25T00:30:00Z");
        const std::string skipped = "does not exist on 2026-03-29: the clocks skip that hour";
        CHECK(read("02:30", "2026-03-28T12:00:00Z") == skipped);
        CHECK(read("2:30am", "2026-03-29T00:59:00Z") == skipped);
        CHECK(read("2026-03-29T02:30", "2026-03-28T12:00:00Z") == skipped);
        CHECK(read("02:30", "2026-03-29T01:00:00Z") == "2026-03-30T00:30:00Z");
        CHECK(read("02:30Z", "2026-03-28T12:00:00Z") == "2026-03-29T02:30:00Z");
    }
    SECTION("as a search through all minutes finds it, in zones with all kinds of changes") {
        const std::array<std::pair<const char*, std::array<const char*, 2>>, 8> zones = {{
            {k_europe, {"2026-03-29T01:00:00Z", "2026-10-25T01:00:00Z"}},
            {"<+1030>-10:30<+11>-11,M10.1.0,M4.1.0",
             {"2026-04-04T15:00:00Z", "2026-10-03T15:30:00Z"}}, // Lord Howe
            {"EST5EDT,M3.2.0,M11.1.0", {"2026-03-08T07:00:00Z", "2026-11-01T06:00:00Z"}},
            {"<-04>4<-03>,M9.1.6/24,M4.1.6/24",
             {"2026-04-05T03:00:00Z", "2026-09-06T04:00:00Z"}}, // at midnight
            {"EET-2EEST,M3.5.0/0,M10.5.0/0", {"2026-03-28T22:00:00Z", "2026-10-24T21:00:00Z"}},
            {"<-02>2<-01>,M3.5.0/-1,M10.5.0/0", {"2026-03-29T01:00:00Z", "2026-10-25T01:00:00Z"}}, // Nuuk
            {"<+1245>-12:45<+1345>,M9.5.0/2:45,M4.1.0/3:45",
             {"2026-04-04T14:00:00Z", "2026-09-26T14:00:00Z"}},
            {"NST3:30NDT,M3.2.0/0:01,M11.1.0/0:01",
             {"2026-03-08T03:31:00Z", "2026-11-01T02:31:00Z"}}, // St. John's, once
        }};
        for (const auto& [name, changes] : zones) {
            const Zone zone(name);
            for (const char* const change : changes) {
                INFO(name);
                check_around(*parse_rfc3339(change));
            }
        }
    }
    SECTION("the start of a day whose first hour is skipped") {
        const Zone zone("EET-2EEST,M3.5.0/0,M10.5.0/0");
        CHECK(read("2026-03-29", "2026-03-01T00:00:00Z") == "2026-03-28T22:00:00Z");
    }
    SECTION("with twelve hours, and with a zone") {
        const Zone zone(k_europe);
        const std::map<std::string, std::string> times = {
            {"5pm", "2026-11-24T16:00:00Z"},
            {"5:30 pm", "2026-11-24T16:30:00Z"},
            {"05:30PM", "2026-11-24T16:30:00Z"},
            {"5:30:15 p.m.", "2026-11-24T16:30:15Z"},
            {"12am", "2026-11-24T23:00:00Z"},
            {"12pm", "2026-11-25T11:00:00Z"},
            {"12:30 A.M.", "2026-11-24T23:30:00Z"},
            {"1am", "2026-11-25T00:00:00Z"},
            {"17:30Z", "2026-11-24T17:30:00Z"},
            {"17:30 z", "2026-11-24T17:30:00Z"},
            {"17:30+05:30", "2026-11-24T12:00:00Z"},
            {"5:30pm-0100", "2026-11-24T18:30:00Z"},
            {"9:05-01:00", "2026-11-25T10:05:00Z"},
            {"2026-11-26 5pm", "2026-11-26T16:00:00Z"},
            {"2026-11-26T5:30 PM", "2026-11-26T16:30:00Z"},
            {"2026-11-26T17:30 -01:00", "2026-11-26T18:30:00Z"},
        };
        for (const auto& [text, time] : times) {
            INFO(text);
            CHECK(read(text.c_str(), "2026-11-24T11:59:00Z") == time);
        }
        for (const char* const bad : {"0am", "13pm", "00:30am", "5", "5p", "pm", "5 pmm", "17pm", "17:30+1",
                                      "17:30+24:00", "17:30+01:60", "17:30ZZ", "5am pm", "2026-11-26 5"}) {
            INFO(bad);
            CHECK(read(bad, "2026-11-24T12:00:00Z") == "is not a time");
        }
    }
    SECTION("the last such time") {
        const Zone zone(k_europe);
        const auto last = [](const char* text, const char* now) {
            return format_rfc3339(*parse_time(text, *parse_rfc3339(now), Pick::last));
        };
        CHECK(last("09:30", "2026-11-24T12:00:00Z") == "2026-11-24T08:30:00Z");
        CHECK(last("13:30", "2026-11-24T12:00:00Z") == "2026-11-23T12:30:00Z");
        CHECK(last("13:00", "2026-11-24T12:00:00Z") == "2026-11-24T12:00:00Z");
        CHECK(last("02:30", "2026-10-25T12:00:00Z") == "2026-10-25T01:30:00Z");
        CHECK(last("02:30", "2026-10-25T01:10:00Z") == "2026-10-25T00:30:00Z");
        CHECK(last("2026-11-26T17:30", "2026-11-24T12:00:00Z") == "2026-11-26T16:30:00Z");
    }
    SECTION("with a date") {
        const Zone zone(k_europe);
        CHECK(read("2026-11-01", "2026-11-24T12:00:00Z") == "2026-10-31T23:00:00Z");
        CHECK(read("2026-11-25T17:30", "2026-11-24T12:00:00Z") == "2026-11-25T16:30:00Z");
        CHECK(read("2026-11-25 17:30:05", "2026-11-24T12:00:00Z") == "2026-11-25T16:30:05Z");
        CHECK(read("2026-11-25T17:30Z", "2026-11-24T12:00:00Z") == "2026-11-25T17:30:00Z");
        CHECK(read("2026-11-25T17:30:00.5+02:00", "2026-11-24T12:00:00Z") == "2026-11-25T15:30:00.500Z");
    }
    SECTION("every part has its number of digits") {
        for (const char* const bad : {"17:3", "1:5", "17:30:5", "017:30", "2026-11-024", "2026-1-024",
                                      "2026-11-24T17:3", "2026-11-24T17:30:5"}) {
            INFO(bad);
            CHECK(read(bad, "2026-11-24T12:00:00Z") == "is not a time");
        }
    }
    for (const char* const bad : {"", "17", "24:00", "17:60", "1730", "17:30:61", "17:30 Uhr", "2026-02-30",
                                  "2026-13-01", "2026-11-24T", "2026-11-24T25:00", "tomorrow", "17:", ":30",
                                  "17:30:00:00", "2026-11-24X17:30", "1969-01-01"}) {
        INFO(bad);
        CHECK(read(bad, "2026-11-24T12:00:00Z") == "is not a time");
    }
}

TEST_CASE("util::duration_words") {
    CHECK(duration_words(0s) == "0 s");
    CHECK(duration_words(59s) == "59 s");
    CHECK(duration_words(59min + 59s) == "59 min 59 s");
    CHECK(duration_words(1h + 12s) == "1 h");
    CHECK(duration_words(26h + 59min) == "1 d 2 h");
    CHECK(duration_words(-5s) == "0 s");
}
