#include "access/lease.hpp"

#include "access/target.hpp"
#include "support/access_context.hpp"
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

namespace {

constexpr const char* k_id = "c0ffee00-0000-4000-8000-000000000001";
const TimePoint k_start = *parse_rfc3339("2026-11-24T12:00:00Z");

/// Ten minutes of access that are to be extended, and a list that shows them.
struct Extended : test::AccessContext {
    access::RequestOptions options;
    TimePoint listed = k_start + 10min;           ///< the end that the list shows
    std::vector<std::chrono::milliseconds> looks; ///< when the list was read
    bool readable = true;
    access::Lease lease;

    explicit Extended(std::optional<TimePoint> keep_until = k_start + 8h)
        : lease(context, options, access::Target{"x", *Uuid::parse(k_id)}, k_start + 10min, 10, keep_until) {
        network.connections = [this](const http::Request&) {
            looks.push_back(clock.now() - k_start);
            return readable ? test::ListingTransport::list(test::active_until(k_id, listed))
                            : test::ListingTransport::refuse(403);
        };
        network.history = [](const http::Request&) { return test::ListingTransport::refuse(403); };
    }

    /// How long what is under way may take, to within the speed of this machine.
    [[nodiscard]] std::chrono::milliseconds deadline() const { return interrupt.poll_time(1h); }

    void accept(int minutes = 10) {
        network.answer(202, concat({R"({"activationId":"a","connectionId":")", k_id,
                                    R"(","status":"PROVISIONED","activationPeriodExtensionMins":)",
                                    std::to_string(minutes), R"(,"startTime":"2026-11-24T12:00:00Z"})"}));
    }

    /// Does what is due up to a time, and at it.
    void go_on(TimePoint until) {
        while (lease.due() && *lease.due() <= until) {
            if (*lease.due() > clock.now()) {
                CHECK(clock.sleep(*lease.due() - clock.now()));
            }
            lease.act();
        }
        if (clock.now() < until) {
            CHECK(clock.sleep(until - clock.now()));
        }
    }
};

} // namespace

TEST_CASE("access::Lease extends") {
    Extended it;
    SECTION("when two minutes are left, by the same minutes") {
        it.accept();
        it.go_on(k_start + 8min - 1ms);
        CHECK(it.network.posts.empty());
        it.go_on(k_start + 8min);
        REQUIRE(it.network.posts.size() == 1);
        CHECK(it.body(0).find(R"("activationPeriodExtensionMins":10)") != std::string::npos);
        it.listed = k_start + 20min;
        it.accept();
        it.go_on(k_start + 18min - 1ms);
        CHECK(it.network.posts.size() == 1);
        it.go_on(k_start + 18min);
        CHECK(it.network.posts.size() == 2);
        CHECK(it.console.err.text().empty());
    }
    SECTION("once where the list still shows the old end at the next poll") {
        it.listed = k_start + 10min + 30s;
        it.accept();
        it.go_on(k_start + 8min + 30s);
        REQUIRE(it.network.posts.size() == 1);
        it.go_on(k_start + 9min + 29s); // with a poll at 9 min
        CHECK(it.network.posts.size() == 1);
    }
    SECTION("earlier where fewer minutes were granted") {
        it.accept(4);
        it.go_on(k_start + 8min);
        it.listed = k_start + 14min;
        it.accept();
        it.go_on(k_start + 12min);
        CHECK(it.network.posts.size() == 2);
    }
    SECTION("no more than --max-total allows, and says so once") {
        Extended short_one(k_start + 10min + 59s);
        short_one.go_on(k_start + 9min);
        CHECK(short_one.network.posts.empty());
        CHECK(short_one.told(
                  "--max-total is reached: access to c0ffee00-0000-4000-8000-000000000001 ends in 2 min") ==
              1);
        CHECK(short_one.told("--max-total") == 1);
    }
    SECTION("up to what --max-total leaves") {
        Extended short_one(k_start + 13min);
        short_one.accept(3);
        short_one.go_on(k_start + 8min);
        CHECK(short_one.body(0).find(R"("activationPeriodExtensionMins":3)") != std::string::npos);
    }
    SECTION("a refusal is told once, and tried again after a quarter of the time, at most 30 s") {
        it.network.answer(403, "{}");
        it.go_on(k_start + 8min);
        CHECK(it.told("was not extended and ends in 2 min: ") == 1);
        CHECK(it.told("; trying on") == 1);
        it.network.answer(403, "{}");
        it.go_on(k_start + 8min + 29s);
        CHECK(it.network.posts.size() == 1);
        it.go_on(k_start + 8min + 30s);
        CHECK(it.network.posts.size() == 2);
        CHECK(it.told("was not extended") == 1);
        it.accept();
        it.go_on(k_start + 8min + 53s);
        CHECK(it.network.posts.size() == 3);
        // The next failure is a new one.
        it.listed = k_start + 20min;
        it.network.answer(403, "{}");
        it.go_on(k_start + 18min);
        CHECK(it.told("was not extended") == 2);
    }
    SECTION("an answer that was lost, and a list that shows the new end: done") {
        it.network.lose();
        it.network.connections = [&](const http::Request&) {
            const TimePoint end = k_start + (it.network.posts.empty() ? 10min : 20min);
            return test::ListingTransport::list(test::active_until(k_id, end));
        };
        it.go_on(k_start + 12min);
        CHECK(it.network.posts.size() == 1);
        CHECK(it.told("was not extended") == 0);
    }
    SECTION("an answer that was lost, and a list that shows the old end for a minute: sent again") {
        it.network.lose();
        it.go_on(k_start + 8min);
        CHECK(it.clock.now() == k_start + 9min);
        CHECK(it.told("was not extended and ends in ") == 1);
        it.accept();
        it.go_on(k_start + 9min + 30s);
        CHECK(it.network.posts.size() == 2);
    }
}

TEST_CASE("access::Lease looks at the list each minute, and once an extend must show in it") {
    Extended it;
    it.go_on(k_start + 3min);
    CHECK(it.looks == std::vector<std::chrono::milliseconds>{1min, 2min, 3min});
    it.accept();
    it.network.on_post = [&] { it.listed = k_start + 20min; };
    it.go_on(k_start + 12min + 5s);
    CHECK(it.network.posts.size() == 1);
    CHECK(it.looks == std::vector<std::chrono::milliseconds>{1min, 2min, 3min, 4min, 5min, 6min, 7min, 8min,
                                                             9min, 10min, 11min, 11min + 5s, 12min + 5s});
}

TEST_CASE("access::Lease is due when its time ends") {
    Extended it(std::nullopt);
    const access::Lease short_one(it.context, it.options, access::Target{"x", *Uuid::parse(k_id)},
                                  k_start + 30s, 10, std::nullopt);
    CHECK(short_one.due() == k_start + 30s);
}

TEST_CASE("access::Lease does nothing before it is due") {
    Extended it;
    CHECK(it.clock.sleep(30s));
    it.lease.act();
    CHECK(it.looks.empty());
    CHECK(it.network.posts.empty());
    SECTION("not where an extend was refused a moment ago") {
        it.network.answer(403, "{}");
        it.go_on(k_start + 8min + 10s);
        it.lease.act();
        CHECK(it.network.posts.size() == 1);
    }
    SECTION("and extends nothing without --keep-alive") {
        Extended kept(std::nullopt);
        kept.go_on(k_start + 9min + 10s);
        kept.lease.act();
        CHECK(kept.network.posts.empty());
    }
}

TEST_CASE("access::Lease bounds how long it looks and extends") {
    Extended it;
    std::vector<std::chrono::milliseconds> bounds;
    const auto note = [&] { bounds.push_back(it.deadline()); };
    it.network.connections = [&](const http::Request&) {
        note();
        return test::ListingTransport::list(test::active_until(k_id, it.listed));
    };
    it.network.on_post = note;
    SECTION("a poll takes five seconds at most") {
        it.go_on(k_start + 1min);
        REQUIRE(bounds.size() == 1);
        CHECK(bounds.front() <= 5s);
        CHECK(bounds.front() > 2s);
        CHECK(it.deadline() == 1h);
    }
    SECTION("an extend as long as there is access") {
        it.accept();
        it.go_on(k_start + 8min);
        CHECK(bounds.back() <= 2min);
        CHECK(bounds.back() > 1min);
        CHECK(it.deadline() == 1h);
    }
    SECTION("an extend a second, at least") {
        access::Lease last(it.context, it.options, access::Target{"x", *Uuid::parse(k_id)}, k_start + 1ms, 10,
                           k_start + 8h);
        it.accept();
        last.act();
        REQUIRE(bounds.size() == 1);
        CHECK(bounds.front() <= 1s);
        CHECK(bounds.front() > 1ms);
    }
}

TEST_CASE("access::Lease tries on more often towards the end, every five seconds at most") {
    Extended it;
    std::vector<TimePoint> tries;
    it.network.on_post = [&] { tries.push_back(it.clock.now()); };
    constexpr std::size_t k_tries = 11;
    for (std::size_t i = 0; i < k_tries; ++i) {
        it.network.answer(403, "{}");
    }
    it.go_on(k_start + 9min + 59s + 500ms);
    REQUIRE(tries.size() == k_tries);
    CHECK(tries[1] - tries[0] == 30s);
    CHECK(tries[2] - tries[1] == 22500ms);
    CHECK(tries[k_tries - 1] - tries[k_tries - 2] == 5s);
}

TEST_CASE("access::Lease whose extend was lost, and which can read no list") {
    Extended it;
    it.readable = false;
    it.network.lose();
    it.go_on(k_start + 8min + 1s);
    REQUIRE(it.network.posts.size() == 1);
    CHECK(it.told("was not extended and ends in 2 min: ") == 1);
    SECTION("sends no second one, since the first may have been carried out") {
        it.looks.clear();
        it.go_on(k_start + 9min + 59s);
        CHECK(it.network.posts.size() == 1);
        // It looks again once the list must show the extend, besides once a minute.
        CHECK(it.looks == std::vector<std::chrono::milliseconds>{9min, 9min + 5s});
    }
    SECTION("goes by the list once it can be read: it was carried out") {
        it.go_on(k_start + 9min + 4s);
        it.readable = true;
        it.listed = k_start + 20min;
        it.go_on(k_start + 18min - 1ms);
        CHECK(it.network.posts.size() == 1);
        it.accept();
        it.go_on(k_start + 18min + 5s);
        CHECK(it.network.posts.size() == 2);
    }
    SECTION("does not go by a list that shows nothing but access from before") {
        it.network.connections = [](const http::Request&) {
            return test::ListingTransport::list(test::connection_list(
                k_id, "Available",
                R"("activation":"2026-11-24T11:00:00Z","provisioned":"2026-11-24T11:00:00Z",)"
                R"("deactivation":"2026-11-24T11:30:00Z","deprovisioned":"2026-11-24T11:30:00Z")"));
        };
        it.go_on(k_start + 9min + 59s);
        CHECK(it.network.posts.size() == 1);
        CHECK_FALSE(it.lease.is_over());
    }
    SECTION("goes by the list once it can be read: it was not") {
        it.go_on(k_start + 9min + 4s);
        it.readable = true;
        it.accept();
        it.go_on(k_start + 9min + 5s);
        CHECK(it.network.posts.size() == 2);
    }
}

TEST_CASE("access::Lease ends") {
    Extended it(std::nullopt);
    SECTION("with its time, by the list") {
        it.network.connections = [](const http::Request&) {
            return test::ListingTransport::list(test::over_since(k_id, k_start + 10min));
        };
        it.clock.suspend(10min);
        it.lease.act();
        CHECK(it.lease.is_over());
        CHECK(it.lease.is_seen_over());
    }
    SECTION("with its time, where no list can be read") {
        it.network.connections = [](const http::Request&) { return test::ListingTransport::refuse(403); };
        it.go_on(k_start + 10min - 1ms);
        CHECK_FALSE(it.lease.is_over());
        it.go_on(k_start + 10min);
        CHECK(it.lease.is_over());
        CHECK_FALSE(it.lease.is_seen_over());
    }
    SECTION("with its time, where the list shows nothing of it") {
        it.network.connections = [](const http::Request&) { return test::ListingTransport::list("[]"); };
        it.go_on(k_start + 10min);
        CHECK(it.lease.is_over());
        CHECK_FALSE(it.lease.is_seen_over());
    }
    SECTION("later, where somebody else has extended it") {
        it.listed = k_start + 30min;
        it.go_on(k_start + 30min - 1ms);
        CHECK_FALSE(it.lease.is_over());
        it.go_on(k_start + 30min);
        CHECK(it.lease.is_over());
    }
    SECTION("once nobody knows when, nothing is extended, and that is said") {
        access::Lease unknown(it.context, it.options, access::Target{"y", *Uuid::parse(k_id)}, std::nullopt,
                              10, k_start + 8h);
        CHECK(it.told(" ends is not known, so it is not extended") == 1);
        CHECK(*unknown.due() == k_start + 1min);
    }
}
