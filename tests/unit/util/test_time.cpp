#include "util/time.hpp"

#include "support/catch.hpp"

#include <cstdlib>
#include <ctime>

using namespace jit;
using namespace std::chrono_literals;

namespace {

std::string again(const char* text) {
    const auto time = parse_rfc3339(text);
    return time ? format_rfc3339(*time) : "refused";
}

} // namespace

TEST_CASE("util::rfc3339") {
    SECTION("the forms that the API and its documentation use") {
        CHECK(again("2025-10-11T21:23:15.000Z") == "2025-10-11T21:23:15Z");
        CHECK(again("2026-04-01T10:00:00Z") == "2026-04-01T10:00:00Z");
        CHECK(again("2025-12-03T10:15:30+01:00") == "2025-12-03T09:15:30Z");
        CHECK(again("2025-10-30T15:02:12.345-05:00") == "2025-10-30T20:02:12.345Z");
    }
    SECTION("any number of fraction digits, cut to milliseconds") {
        CHECK(again("2026-01-01T00:00:00.5Z") == "2026-01-01T00:00:00.500Z");
        CHECK(again("2026-01-01T00:00:00.123456789123Z") == "2026-01-01T00:00:00.123Z");
    }
    SECTION("other spellings that RFC 3339 and ISO 8601 allow") {
        CHECK(again("2026-01-01t00:00:00z") == "2026-01-01T00:00:00Z");
        CHECK(again("2026-01-01 00:00:00Z") == "2026-01-01T00:00:00Z");
        CHECK(again("2026-01-01T00:00:00+0530") == "2025-12-31T18:30:00Z");
        CHECK(again("2016-12-31T23:59:60Z") == "2017-01-01T00:00:00Z"); // a leap second
    }
    SECTION("leap years") {
        CHECK(again("2024-02-29T00:00:00Z") == "2024-02-29T00:00:00Z");
        CHECK(again("2026-02-29T00:00:00Z") == "refused");
    }
    SECTION("the years are those of UTC") {
        CHECK(again("9999-12-31T23:59:59.999Z") == "9999-12-31T23:59:59.999Z");
        CHECK(again("9999-12-31T23:59:60Z") == "refused");
        CHECK(again("9999-12-31T23:00:00-01:00") == "refused");
        CHECK(again("1969-12-31T23:30:00-01:00") == "1970-01-01T00:30:00Z");
        CHECK(again("1970-01-01T00:00:00+00:01") == "refused");
    }
    SECTION("what is no time is refused") {
        for (const char* text :
             {"", "now", "2026", "2026-13-01T00:00:00Z", "2026-00-01T00:00:00Z", "2026-01-32T00:00:00Z",
              "2026-01-01T24:00:00Z", "2026-01-01T00:60:00Z", "2026-01-01T00:00:61Z", "2026-01-01T00:00:00",
              "2026-01-01T00:00:00.Z", "2026-01-01T00:00:00ZZ", "2026-01-01T00:00:00+24:00",
              "2026-01-01T00:00:00+1", "1969-12-31T23:59:59Z", "2026/01/01T00:00:00Z",
              "2026-01-01T0:00:00Z"}) {
            INFO(text);
            CHECK(again(text) == "refused");
        }
    }
}

TEST_CASE("util::format_local") {
    REQUIRE(setenv("TZ", "Europe/Berlin", 1) == 0);
    tzset();
    CHECK(format_local(*parse_rfc3339("2026-11-24T16:30:05Z")) == "2026-11-24 17:30:05 CET");
    CHECK(format_local(*parse_rfc3339("2026-07-24T16:30:05Z")) == "2026-07-24 18:30:05 CEST");
    REQUIRE(setenv("TZ", "UTC", 1) == 0);
    tzset();
}

TEST_CASE("util::relative_words") {
    const TimePoint now = *parse_rfc3339("2026-11-24T12:00:00Z");
    const auto words = [now](std::chrono::milliseconds from_now) {
        return relative_words(now + from_now, now);
    };
    CHECK(words(0ms) == "now");
    CHECK(words(400ms) == "now");
    CHECK(words(12s) == "in 12 s");
    CHECK(words(-12s) == "12 s ago");
    CHECK(words(4min + 30s) == "in 4 min 30 s");
    CHECK(words(1min) == "in 1 min");
    CHECK(words(59min + 59s + 600ms) == "in 1 h");
    CHECK(words(59min + 20s) == "in 59 min");
    CHECK(words(65min) == "in 1 h 5 min");
    CHECK(words(-26h) == "1 d 2 h ago");
    CHECK(words(std::chrono::minutes(2147483647)) == "in 1491308 d 2 h");
}
