#include "base/duration.hpp"

#include "support/catch.hpp"

#include <cstdlib>
#include <ctime>

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
    return time ? format_rfc3339(*time) : "no time";
}

// Central European time without the machine's zone database: summer from the last Sunday of March to that of
// October.
constexpr const char* k_europe = "CET-1CEST,M3.5.0,M10.5.0/3";

} // namespace

TEST_CASE("base::parse_duration") {
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

TEST_CASE("base::whole_minutes never cuts off") {
    CHECK(whole_minutes(60s) == 1min);
    CHECK(whole_minutes(60001ms) == 2min);
    CHECK(whole_minutes(1ms) == 1min);
}

TEST_CASE("base::parse_time") {
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
        CHECK(read("02:30", "2026-03-28T12:00:00Z") == "2026-03-29T01:30:00Z"); // skipped: 03:30 summer time
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
            CHECK(read(bad, "2026-11-24T12:00:00Z") == "no time");
        }
    }
    for (const char* const bad : {"", "17", "24:00", "17:60", "1730", "17:30:61", "17:30 Uhr", "2026-02-30",
                                  "2026-13-01", "2026-11-24T", "2026-11-24T25:00", "tomorrow", "17:", ":30",
                                  "17:30:00:00", "2026-11-24X17:30", "1969-01-01"}) {
        INFO(bad);
        CHECK(read(bad, "2026-11-24T12:00:00Z") == "no time");
    }
}

TEST_CASE("base::duration_words") {
    CHECK(duration_words(0s) == "0 s");
    CHECK(duration_words(59s) == "59 s");
    CHECK(duration_words(59min + 59s) == "59 min 59 s");
    CHECK(duration_words(1h + 12s) == "1 h");
    CHECK(duration_words(26h + 59min) == "1 d 2 h");
    CHECK(duration_words(-5s) == "0 s");
}
