#include "access/lease.hpp"

#include "access/target.hpp"
#include "support/fakes.hpp"
#include "util/text.hpp"

using namespace jit;
using namespace std::chrono_literals;
using access::extend_at;
using access::minutes_up_to;

namespace {

const TimePoint k_end = *parse_rfc3339("2026-11-24T13:00:00Z");

} // namespace

TEST_CASE("access::extend_at") {
    CHECK(extend_at(k_end, 60) == k_end - 12min);
    CHECK(extend_at(k_end, 11) == k_end - 132s);
    CHECK(extend_at(k_end, 10) == k_end - 2min);
    CHECK(extend_at(k_end, 1) == k_end - 2min);
    CHECK(extend_at(k_end, 2147483647) < k_end - 24h);
}

TEST_CASE("access::minutes_up_to") {
    CHECK(minutes_up_to(k_end, 30, k_end + 8h) == 30);
    CHECK(minutes_up_to(k_end, 30, k_end + 30min) == 30);
    CHECK(minutes_up_to(k_end, 30, k_end + 30min - 1ms) == 29);
    CHECK(minutes_up_to(k_end, 30, k_end + 59s) == 0);
    CHECK(minutes_up_to(k_end, 30, k_end - 1h) == 0);
}

TEST_CASE("access::Lease looks each minute whether access is still on") {
    test::FakeTransport network;
    test::FakeClock clock;
    test::FakeConsole console;
    Interrupt interrupt;
    test::TemporaryDirectory home;
    access::Context context{{},
                            test::variables({{"SAIL_BASE_URL", "https://acme.example"},
                                             {"SAIL_ACCESS_TOKEN", "tokentoken"},
                                             {"XDG_CACHE_HOME", home.path()}}),
                            console.console,
                            clock,
                            interrupt,
                            &network};
    const access::RequestOptions options;
    const Uuid id = *Uuid::parse("c0ffee00-0000-4000-8000-000000000001");
    access::Lease lease(context, options, access::Target{"x", id}, std::nullopt, 60, std::nullopt);
    REQUIRE(lease.due());
    CHECK(*lease.due() == clock.now() + 1min);
    const auto entry = [](const std::string& ended) {
        return concat({R"([{"id":"c0ffee00000040008000000000000001","type":"JIT","entitlement":{"id":"e1"},)"
                       R"("state":{"value":"Available"},"jit":{"activation":"2026-11-24T11:00:00Z",)"
                       R"("provisioned":"2026-11-24T11:00:10Z","deactivation":")",
                       ended, R"(","deprovisioned":")", ended, R"("}}])"});
    };
    CHECK(clock.sleep(1min));
    SECTION("what ended before this access began says nothing of it: the list lags") {
        network.answer(200, entry("2026-11-24T11:30:00Z"));
        lease.act();
        CHECK_FALSE(lease.is_over());
        CHECK(*lease.due() == clock.now() + 1min);
    }
    SECTION("it was revoked") {
        network.answer(200, entry("2026-11-24T12:00:30Z"));
        lease.act();
        CHECK(lease.is_over());
        CHECK(lease.is_seen_over());
        CHECK_FALSE(lease.due());
    }
}
