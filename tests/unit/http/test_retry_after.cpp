#include "http/retry_after.hpp"

#include "support/catch.hpp"

using namespace jit;
using namespace std::chrono_literals;

TEST_CASE("http::parse_retry_after") {
    const TimePoint now = *parse_rfc3339("2026-11-24T12:00:00Z");
    SECTION("seconds") {
        CHECK(http::parse_retry_after("0", now) == 0s);
        CHECK(http::parse_retry_after(" 7 ", now) == 7s);
    }
    SECTION("an HTTP date") {
        CHECK(http::parse_retry_after("Tue, 24 Nov 2026 12:00:30 GMT", now) == 30s);
        CHECK(http::parse_retry_after("Tue, 24 Nov 2026 12:00:00 GMT", now) == 0s);
        CHECK(http::parse_retry_after("Fri, 01 Jan 2027 00:00:00 GMT", now) == 24h);
    }
    SECTION("more than a day is a day") {
        CHECK(http::parse_retry_after("86401", now) == 24h);
        CHECK(http::parse_retry_after("99999999999999999999999999", now) == 24h);
    }
    SECTION("nonsense is nothing") {
        for (const char* text : {"", "-1", "Tue, 24 Nov 2026 11:59:59 GMT", "+1", "1.5", "soon", "0x10",
                                 "Tue, 24 Nov 2026 12:00:30 CET", "Tue, 24 Foo 2026 12:00:30 GMT",
                                 "Tue, 32 Nov 2026 12:00:30 GMT", "Tuesday, 24-Nov-26 12:00:30 GMT",
                                 "Tue, 24-Nov-2026 12:00:30 GMT", "Tue, 24 Nov 2026-12:00:30 GMT"}) {
            INFO(text);
            CHECK_FALSE(http::parse_retry_after(text, now));
        }
    }
}
