#include "access/access_cache.hpp"

#include "access/state_reader.hpp"
#include "support/access_context.hpp"

using namespace jit;
using namespace std::chrono_literals;
using access::AccessCache;
using access::AccessRecord;
using test::ListingTransport;

TEST_CASE("access::wait_for_consistency looks until the list shows what was done from here") {
    constexpr const char* k_id = "c0ffee00-0000-4000-8000-000000000001";
    const TimePoint start = *parse_rfc3339("2026-11-24T12:00:00Z");
    test::AccessContext it;
    it.network.connections = [&](const http::Request&) {
        const bool shows = it.clock.now() >= start + 4s;
        return ListingTransport::list(test::active_until(k_id, start + (shows ? 80min : 20min)));
    };
    AccessRecord extended{*Uuid::parse(k_id), "x"};
    extended.operation = sailpoint::Operation::extend;
    extended.phase = sailpoint::Phase::active;
    extended.expires = start + 80min;
    std::vector<access::Target> targets = {{"x", *Uuid::parse(k_id)}};
    SECTION("a moment ago") {
        extended.sent_at = start - 1s;
        AccessCache::record(it.context, {extended});
        REQUIRE(access::wait_for_consistency(it.context, targets));
        REQUIRE(targets.front().entry);
        CHECK(access::expiry_of(*targets.front().entry, it.clock.now()) == start + 80min);
    }
    SECTION("by a clock that was set back since") {
        extended.sent_at = start + 3s;
        AccessCache::record(it.context, {extended});
        REQUIRE(access::wait_for_consistency(it.context, targets));
        REQUIRE(targets.front().entry);
        CHECK(access::expiry_of(*targets.front().entry, it.clock.now()) == start + 80min);
    }
    SECTION("not what was done long ago, or by a clock that was quite wrong") {
        for (const auto away : {-2min, 2min}) {
            extended.sent_at = start + away;
            AccessCache::record(it.context, {extended});
            REQUIRE(access::wait_for_consistency(it.context, targets));
            CHECK(it.network.readings.empty());
        }
    }
}
