#include "access/pending_change.hpp"
#include "access/wait.hpp"

#include "access/access_cache.hpp"
#include "support/fakes.hpp"
#include "util/text.hpp"

using namespace jit;
using access::Access;
using access::StateReader;
using sailpoint::Operation;
using sailpoint::Phase;
using test::variables;
using namespace std::chrono_literals;

namespace {

const Uuid k_connection = *Uuid::parse("c0ffee00-0000-4000-8000-000000000001");
constexpr const char* k_activation = "8a9b0c1d-2e3f-4a5b-6c7d-8e9f0a1b2c3d";
const TimePoint k_start = *parse_rfc3339("2026-11-24T12:00:00Z");

std::string history(const std::string& status, const std::string& more = "",
                    const std::string& id = k_activation) {
    return concat({R"([{"id":")", id, R"(","status":")", status, "\"", more, "}]"});
}

std::string connections(const std::string& jit, const std::string& state = "x") {
    return concat(
        {R"([{"id":"c0ffee00000040008000000000000001","type":"JIT","entitlement":{"id":"e1"},"state":{"value":")",
         state, R"("},"jit":)", jit, "}]"});
}

struct Fixture {
    test::FakeTransport network;
    test::FakeClock clock;
    test::FakeConsole console;
    Interrupt interrupt;
    test::TemporaryDirectory home;
    access::Context context{{},
                            variables({{"SAIL_BASE_URL", "https://acme.example"},
                                       {"SAIL_ACCESS_TOKEN", "tokentoken"},
                                       {"XDG_CACHE_HOME", home.path()}}),
                            console.console,
                            clock,
                            interrupt,
                            &network};
    access::Target target{"x", k_connection};
    std::optional<Access> last;

    Result<void> wait(Operation operation, std::chrono::seconds timeout = 60s,
                      StateReader::Source first = StateReader::Source::history) {
        access::PendingChange expected{operation, k_activation, k_start};
        return access::wait_until_done(context, target, expected, {timeout, first}, last);
    }
};

using Sleeps = std::vector<std::chrono::milliseconds>;

} // namespace

TEST_CASE("access::wait_until_done") {
    Fixture it;
    SECTION("looks after a second, and then less and less often, until access is usable") {
        it.network.answer(200, "[]"); // not in the list yet
        it.network.answer(200, history("ACTIVATING"));
        it.network.answer(200, history("SOMETHING_NEW"));
        it.network.answer(200, history("PROVISIONED"));
        CHECK(it.wait(Operation::activate));
        CHECK(it.clock.slept == Sleeps{1000ms, 1500ms, 2250ms, 3375ms});
        CHECK(it.last->status == "PROVISIONED");
        CHECK(it.network.requests.front().url ==
              "https://acme.example/jit-activation-history/v1/"
              "current-identity?limit=1&sorters=-activationInitiated,id"
              "&filters=connectionId%20eq%20%22c0ffee00-0000-4000-8000-000000000001%22");
    }
    SECTION("an entry from before the request counts for nothing") {
        const std::string old = R"(,"activationInitiated":"2026-11-24T11:00:00Z")";
        it.network.answer(200, history("COMPLETE", old, "another"));
        it.network.answer(200, history("PROVISIONED", old, "another"));
        it.network.answer(200, history("ERROR", R"(,"error":"no room")"));
        const auto done = it.wait(Operation::activate);
        REQUIRE_FALSE(done);
        CHECK(done.error().kind == ErrorKind::not_provisioned);
        CHECK(
            done.error().message ==
            "activate of c0ffee00-0000-4000-8000-000000000001 was accepted, but has ended in ERROR: no room");
    }
    SECTION("waits for the person, and says so once") {
        it.network.answer(200, history("AWAITING_FRICTIONS"));
        it.network.answer(200, history("AWAITING_FRICTIONS"));
        it.network.answer(200, history("CANCELLED"));
        CHECK(it.wait(Operation::activate).error().kind == ErrorKind::not_provisioned);
        const std::string& said = it.console.err.text();
        CHECK(said.find("is waiting for you") != std::string::npos);
        CHECK(said.find("is waiting for you") == said.rfind("is waiting for you"));
    }
    SECTION("ends when the time is over") {
        it.network.answer(200, history("ACTIVATING"));
        it.network.answer(200, history("PROVISIONING"));
        const auto done = it.wait(Operation::activate, 2s);
        REQUIRE_FALSE(done);
        CHECK(done.error().kind == ErrorKind::wait_timeout);
        CHECK(done.error().message.find("after 2 s it was still starting") != std::string::npos);
    }
    SECTION("a fault of one poll is none of the wait") {
        it.network.answer(400, "{}");
        const auto done = it.wait(Operation::activate);
        CHECK(done.error().kind == ErrorKind::wait_timeout);
        CHECK(done.error().message.find("was accepted, but its state cannot be read: ") != std::string::npos);
        CHECK(done.error().message.find("HTTP 400") != std::string::npos);
        CHECK(done.error().message.find("nothing was changed") == std::string::npos);
        Fixture other;
        for (int i = 0; i < 4; ++i) { // with its three retries
            other.network.answer(503, "");
        }
        other.network.answer(200, history("PROVISIONED"));
        CHECK(other.wait(Operation::activate));
    }
    SECTION("without the history it reads the connections") {
        it.network.answer(403, "{}");
        it.network.answer(200, connections("{}", "Available"));
        it.network.answer(
            200, connections(R"({"activation":"2026-11-24T12:00:00Z",)"
                             R"("provisioned":"2026-11-24T12:00:02Z","expiration":"2026-11-24T13:00:00Z"})"));
        CHECK(it.wait(Operation::activate));
        CHECK(it.last->expires == parse_rfc3339("2026-11-24T13:00:00Z"));
        CHECK(it.network.requests[2].url.find("entitlement.id%20eq%20%22e1%22") != std::string::npos);
    }
    SECTION("without times the state's word counts, and a date of the state tells how old it is") {
        it.network.answer(403, "{}");
        it.network.answer(200, connections("null", "Available"));
        it.network.answer(200, connections("null", R"(Active","changed":"2026-11-24T11:00:00Z)"));
        it.network.answer(200, connections("null", R"(Active","changed":"2026-11-24T12:00:05Z)"));
        CHECK(it.wait(Operation::activate));
        CHECK(it.network.requests.size() == 4);
        Fixture undated;
        undated.network.answer(403, "{}");
        undated.network.answer(200, connections("{}", "Activating"));
        undated.network.answer(200, connections("{}", "Active"));
        CHECK(undated.wait(Operation::activate));
        CHECK_FALSE(undated.last->expires);
        Fixture ended;
        ended.network.answer(403, "{}");
        ended.network.answer(200, connections("{}", "Active"));
        ended.network.answer(200, connections("{}", "Available"));
        CHECK(ended.wait(Operation::deactivate));
    }
    SECTION("without either it says which scopes it takes") {
        it.network.answer(403, "{}");
        it.network.answer(412, "{}");
        const auto done = it.wait(Operation::activate);
        REQUIRE_FALSE(done);
        CHECK(done.error().kind == ErrorKind::wait_timeout);
        CHECK(done.error().message.find("was accepted, but its state cannot be read") != std::string::npos);
        CHECK(done.error().hint.find("idn:jit-activation-history-self:read") != std::string::npos);
        CHECK(done.error().hint.find("idn:entitlement-connections:read") != std::string::npos);
    }
    SECTION("deactivate: gone, and not by an older entry") {
        it.network.answer(200,
                          history("COMPLETE", R"(,"deprovisionComplete":"2026-11-24T11:00:00Z")", "older"));
        it.network.answer(200, history("PROVISIONED"));
        it.network.answer(200, history("DEPROVISIONING"));
        it.network.answer(200, history("COMPLETE"));
        CHECK(it.wait(Operation::deactivate));
        CHECK(it.network.requests.size() == 4);
    }
    SECTION("an interrupt ends it") {
        it.clock.interrupted = true;
        const auto done = it.wait(Operation::extend);
        REQUIRE_FALSE(done);
        CHECK(done.error().kind == ErrorKind::interrupted);
        CHECK(done.error().message.find("extend of") == 0);
    }
}

TEST_CASE("access::shows") {
    Access access;
    access.expires = k_start + 1h;
    CHECK_FALSE(access::reflects(access, {Operation::extend, {}, {}, k_start + 2h}));
    CHECK(access::reflects(access, {Operation::extend, {}, {}, k_start + 1h}));
    CHECK_FALSE(access::reflects(access, {Operation::activate, {}, k_start}));
    access.activated = k_start - 5s;
    CHECK_FALSE(access::reflects(access, {Operation::activate, {}, k_start}));
    access.activated = k_start;
    CHECK(access::reflects(access, {Operation::activate, {}, k_start}));
    CHECK_FALSE(access::reflects(access, {Operation::deactivate, {}, k_start}));
    access.latest = k_start;
    CHECK(access::reflects(access, {Operation::deactivate, {}, k_start}));
    CHECK(access::reflects({}, {Operation::activate}));
}

TEST_CASE("access::matches") {
    Access access;
    access.phase = Phase::active;
    const access::PendingChange activation{Operation::activate, {}, k_start};
    CHECK_FALSE(access::reflects(access, activation));
    CHECK(access::matches(access, activation));
    CHECK_FALSE(access::matches(access, {Operation::deactivate, {}, k_start}));
    access.phase = Phase::available;
    CHECK_FALSE(access::matches(access, activation));
    CHECK(access::matches(access, {Operation::deactivate, {}, k_start}));
    access.activated = k_start - 1h; // of another activation
    CHECK_FALSE(access::matches(access, {Operation::deactivate, {}, k_start}));
}

TEST_CASE("access::AccessCache") {
    Fixture it;
    REQUIRE(it.context.settings());
    access::AccessRecord access{k_connection, "Prod DB Admin", Phase::active, k_start + 1h};
    access.operation = Operation::activate;
    access.since = access.sent_at = k_start;
    access::AccessCache::record(it.context, {access});
    SECTION("keeps what was noted") {
        const auto known = access::AccessCache::load(it.context);
        REQUIRE(known);
        REQUIRE(known->find(k_connection) != nullptr);
        CHECK(known->find(k_connection)->title == "Prod DB Admin");
        CHECK(known->find(k_connection)->expires == k_start + 1h);
        CHECK(known->find(k_connection)->since == k_start);
    }
    SECTION("a list that cannot know of it yet does not take it away; a later one does") {
        sailpoint::Connection entry;
        entry.id = "c0ffee00000040008000000000000001";
        entry.display_name = "Prod DB Admin";
        access::AccessCache::replace(it.context, {entry});
        CHECK(access::AccessCache::load(it.context)->find(k_connection) != nullptr);
        (void)it.clock.sleep(2min);
        access::AccessCache::replace(it.context, {entry});
        CHECK(access::AccessCache::load(it.context)->find(k_connection) == nullptr);
    }
    SECTION("settle takes the word of a list without times") {
        std::vector<access::Target> targets{{"x", k_connection, sailpoint::Connection{}}};
        targets.front().entry->state = "Active";
        CHECK(access::wait_for_consistency(it.context, targets));
        CHECK(it.clock.slept.empty());
    }
    SECTION("settle looks again while the list lags") {
        it.network.answer(200, connections("{}", "Available"));
        it.network.answer(200, connections(R"({"activation":"2026-11-24T12:00:00Z"})", "Activating"));
        std::vector<access::Target> targets{{"x", k_connection, sailpoint::Connection{}}};
        CHECK(access::wait_for_consistency(it.context, targets));
        CHECK(targets.front().entry->state == "Activating");
        CHECK(it.clock.slept == Sleeps{1000ms, 1000ms});
    }
}
