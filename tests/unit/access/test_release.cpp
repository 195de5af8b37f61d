#include "access/release.hpp"

#include "support/access_context.hpp"

#include <csignal>

using namespace jit;
using namespace std::chrono_literals;
using access::Grant;
using test::ListingTransport;

namespace {

constexpr const char* k_one = "c0ffee00-0000-4000-8000-000000000001";
constexpr const char* k_two = "c0ffee00-0000-4000-8000-000000000002";
const TimePoint k_start = *parse_rfc3339("2026-11-24T12:00:00Z");

struct Releasing : test::AccessContext {
    access::RequestOptions options;
    std::vector<Grant> grants;
    TimePoint over_at = TimePoint::max(); ///< from then on, the list shows that access is over

    explicit Releasing(std::vector<const char*> ids = {k_one},
                       access::GlobalOptions given = without_retries())
        : AccessContext(std::move(given)) {
        for (const char* const id : ids) {
            grants.push_back({access::Target{id, *Uuid::parse(id)}, k_start + 30min});
        }
        network.connections = [this](const http::Request& request) {
            const char* const id = request.url.find(k_two) != std::string::npos ? k_two : k_one;
            return ListingTransport::list(clock.now() >= over_at ? test::over_since(id, clock.now())
                                                                 : test::active_until(id, k_start + 30min));
        };
    }

    void accept(const char* id) {
        network.answer(202, concat({R"({"activationId":"a","connectionId":")", id,
                                    R"(","status":"DEPROVISIONING","startTime":"2026-11-24T12:00:00Z"})"}));
    }
    Result<void> release(std::chrono::seconds patience = 30s) {
        return access::release(context, options, grants, patience);
    }
};

} // namespace

TEST_CASE("access::release ends what was started") {
    Releasing it({k_one, k_two});
    it.accept(k_one);
    it.accept(k_two);
    CHECK(it.release());
    CHECK(it.network.posts.size() == 2);
    CHECK(it.network.posts.front().url == "https://acme.example/jit-activations/v1/deactivate");
    CHECK(it.body(0).find(k_one) != std::string::npos);
    CHECK(it.body(1).find(k_two) != std::string::npos);
    CHECK(it.grants.front().ended);
    CHECK(it.grants.back().ended);
    CHECK(it.console.err.text().empty());
    SECTION("what has ended is not ended once more") {
        CHECK(it.release());
        CHECK(it.network.posts.size() == 2);
    }
}

TEST_CASE("access::release goes on while access is on") {
    Releasing it;
    SECTION("a refusal is no end; the list that shows the end is") {
        it.over_at = k_start + 12s;
        for (int i = 0; i < 3; ++i) { // at 0 s, 5.5 s and 11.5 s: each is looked into for five seconds
            it.network.answer(404, "{}");
        }
        CHECK(it.release());
        CHECK(it.network.posts.size() == 3);
        CHECK(it.told("access has not ended yet: ") == 1);
        CHECK(it.told("; trying on for 25 s, Ctrl-C twice gives up") == 1);
    }
    SECTION("for as long as it may take, then it says how to end it") {
        for (int i = 0; i < 5; ++i) { // pauses of 0.5, 1, 2 and 4 s between them
            it.network.answer(404, "{}");
        }
        const auto done = it.release();
        REQUIRE_FALSE(done);
        CHECK(it.network.posts.size() == 5);
        CHECK(it.clock.now() >= k_start + 30s);
        CHECK(it.clock.now() <= k_start + 35s);
        CHECK(done.error().kind == ErrorKind::refused);
        CHECK(done.error().message.find(concat({"ACCESS TO ", k_one, " WAS NOT ENDED: deactivate of "})) ==
              0);
        CHECK(done.error().hint.find(
                  concat({"end it yourself: jit deactivate -e ", k_one, "\nit ends by itself at "})) == 0);
        CHECK(it.told("access has not ended yet") == 1);
    }
    SECTION("the other one is ended meanwhile") {
        Releasing both({k_one, k_two});
        both.network.answer(403, "{}");
        both.accept(k_two);
        const auto done = both.release();
        REQUIRE_FALSE(done);
        CHECK_FALSE(both.grants.front().ended);
        CHECK(both.grants.back().ended);
        CHECK(done.error().message.find(k_two) == std::string::npos);
        CHECK(done.error().hint.find(k_two) == std::string::npos);
    }
}

TEST_CASE("access::release does not try again what would fail again") {
    for (const auto& [status, kind] :
         {std::pair(403, ErrorKind::forbidden), {401, ErrorKind::unauthenticated}}) {
        Releasing it({k_one, k_two});
        it.grants.front().expires = k_start + 10min;
        it.network.answer(status, "{}");
        it.network.answer(status, "{}");
        const auto done = it.release();
        REQUIRE_FALSE(done);
        CHECK(done.error().kind == kind);
        CHECK(it.network.posts.size() == 2);
        CHECK(done.error().message.find(concat({"ACCESS TO ", k_one, ", ", k_two, " WAS NOT ENDED: "})) == 0);
        CHECK(done.error().hint.find(concat({"jit deactivate -e ", k_one, " -e ", k_two})) !=
              std::string::npos);
        CHECK(done.error().hint.find("in 30 min") != std::string::npos); // the later one
        CHECK(it.told("trying on") == 0);
    }
    SECTION("where one end is not known, none is told") {
        Releasing it({k_one, k_two});
        it.grants.back().expires.reset();
        it.network.answer(403, "{}");
        it.network.answer(403, "{}");
        CHECK(it.release().error().hint.find("by itself") == std::string::npos);
    }
}

TEST_CASE("access::release says that access had ended before") {
    Releasing it;
    it.over_at = k_start;
    it.network.answer(404, "{}");
    SECTION("where it was seen to be on") {
        it.grants.front().usable = true;
        CHECK(it.release());
        CHECK(it.told(" had ended before: its time was over, or somebody has ended it") == 1);
    }
    SECTION("not where it never was") {
        CHECK(it.release());
        CHECK(it.told("had ended before") == 0);
    }
    SECTION("not where an earlier try may have ended it") {
        it.grants.front().usable = true;
        it.grants.front().lost = true;
        CHECK(it.release());
        CHECK(it.told("had ended before") == 0);
    }
}

TEST_CASE("access::release tries on with pauses up to four seconds") {
    Releasing it;
    for (int i = 0; i < 6; ++i) {
        it.network.answer(429, "{}"); // which tells nothing of access, so nothing is looked at
    }
    it.accept(k_one);
    CHECK(it.release());
    CHECK(it.clock.slept == std::vector<std::chrono::milliseconds>{500ms, 1s, 2s, 4s, 4s, 4s});
}

TEST_CASE("access::release believes no list that may not know yet of access that was just started") {
    Releasing it;
    it.network.connections = [](const http::Request&) {
        return ListingTransport::list(test::connection_list(k_one, "Available", ""));
    };
    SECTION("so it tries on") {
        it.grants.front().started = k_start;
        it.network.answer(404, "{}");
        it.accept(k_one);
        CHECK(it.release(5min));
        CHECK(it.network.posts.size() == 2);
    }
    SECTION("and believes it of access that was started long ago") {
        it.network.answer(404, "{}");
        CHECK(it.release());
        CHECK(it.network.posts.size() == 1);
    }
}

TEST_CASE("access::release bounds each try, so that there is time for another one and for the others") {
    const auto bound = [](const test::AccessContext& it) { return it.interrupt.poll_time(1h); };
    SECTION("half of the time for one") {
        Releasing it;
        it.accept(k_one);
        it.network.on_post = [&] {
            CHECK(bound(it) <= 15s);
            CHECK(bound(it) > 11s);
        };
        CHECK(it.release(30s));
        CHECK(bound(it) == 1h);
    }
    SECTION("a quarter for each of two") {
        Releasing it({k_one, k_two});
        it.accept(k_one);
        it.accept(k_two);
        std::vector<std::chrono::milliseconds> bounds;
        it.network.on_post = [&] { bounds.push_back(bound(it)); };
        CHECK(it.release(40s));
        REQUIRE(bounds.size() == 2);
        CHECK(bounds[0] <= 10s);
        CHECK(bounds[0] > 7s);
        CHECK(bounds[1] <= 20s); // the first one is done
        CHECK(bounds[1] > 14s);
    }
    SECTION("a second, at least") {
        Releasing it;
        it.accept(k_one);
        it.network.on_post = [&] {
            CHECK(bound(it) <= 1s);
            CHECK(bound(it) > 10ms);
        };
        CHECK(it.release(0s));
    }
    SECTION("a try that takes longer is given up, and its answer is lost") {
        Releasing it;
        int waits = 0;
        it.network.gives_answer = [&] {
            if (++waits > 1) {
                it.clock.interrupted = false;
                return true;
            }
            it.interrupt.raise(SIGALRM);
            it.clock.interrupted = true;
            return false;
        };
        it.accept(k_one);
        it.network.answer(403, "{}");
        const auto done = it.release();
        REQUIRE_FALSE(done);
        CHECK(it.told("access has not ended yet: deactivate of " + std::string(k_one) +
                      " was sent, but not answered in time; trying on") == 1);
        CHECK(it.grants.front().lost);
        CHECK(done.error().kind == ErrorKind::forbidden); // the second try was made
        CHECK(it.network.posts.size() == 2);
    }
    SECTION("so nobody knows what became of the last one") {
        Releasing it;
        it.network.gives_answer = [&] {
            it.interrupt.raise(SIGALRM);
            it.clock.interrupted = true;
            return false;
        };
        it.accept(k_one);
        const auto done = it.release(0s);
        REQUIRE_FALSE(done);
        CHECK(done.error().kind == ErrorKind::unknown_outcome);
    }
}

TEST_CASE("access::release whose last try could not be sent in time") {
    access::GlobalOptions options;
    options.retries = 1;
    Releasing it({k_one}, options);
    it.network.answer(429, "{}");
    it.clock.on_sleep = [&] {
        it.interrupt.raise(SIGALRM);
        it.clock.interrupted = true;
    };
    const auto done = it.release(0s);
    REQUIRE_FALSE(done);
    CHECK(done.error().kind == ErrorKind::unreachable);
}

TEST_CASE("access::release says that a try could not be sent in time") {
    for (const bool lost : {false, true}) {
        access::GlobalOptions options;
        options.retries = 1;
        Releasing it({k_one}, options);
        it.grants.front().lost = lost;
        it.network.answer(429, "{}"); // the pause before the next try is what the deadline ends
        it.clock.on_sleep = [&] {
            it.clock.on_sleep = [&] { it.clock.interrupted = false; };
            it.interrupt.raise(SIGALRM);
            it.clock.interrupted = true;
        };
        it.network.answer(403, "{}");
        CHECK_FALSE(it.release());
        CHECK(it.told("could not be sent in time; trying on") == 1);
        CHECK(it.grants.front().lost == lost);
    }
}

TEST_CASE("access::release remembers that a try may have ended access") {
    Releasing it;
    it.grants.front().usable = true;
    it.network.lose(); // the first try, after which the list shows access for a minute
    it.network.answer(404, "{}");
    it.over_at = k_start + 61s;
    CHECK(it.release(5min));
    CHECK(it.grants.front().lost);
    CHECK(it.told("had ended before") == 0);
}

TEST_CASE("access::release does not try again what was accepted and has failed") {
    Releasing it;
    it.network.answer(202, concat({R"({"activationId":"a","connectionId":")", k_one,
                                   R"(","status":"ERROR","startTime":"2026-11-24T12:00:00Z"})"}));
    const auto done = it.release();
    REQUIRE_FALSE(done);
    CHECK(done.error().kind == ErrorKind::not_provisioned);
    CHECK(it.network.posts.size() == 1);
}

TEST_CASE("access::release gives up only for a second Ctrl-C") {
    Releasing it;
    it.network.answer(404, "{}");
    siginfo_t key{};
    key.si_code = 128; // SI_KERNEL: from the terminal
    int signals = 0;
    SECTION("two of them") {
        it.clock.on_sleep = [&] { it.interrupt.on_signal(SIGINT, key), ++signals; };
        const auto done = it.release(1h);
        REQUIRE_FALSE(done);
        CHECK(signals == 2);
        CHECK(done.error().kind == ErrorKind::interrupted);
        CHECK(done.error().message.find("WAS NOT ENDED: given up: ") != std::string::npos);
    }
    SECTION("two of them between two tries") {
        Releasing patient;
        it.over_at = k_start;
        patient.network.answer(429, "{}"); // which tells nothing of access: nothing is looked at
        patient.clock.on_sleep = [&] {
            patient.interrupt.on_signal(SIGINT, key);
            patient.interrupt.on_signal(SIGINT, key);
        };
        const auto done = patient.release(1h);
        REQUIRE_FALSE(done);
        CHECK(done.error().kind == ErrorKind::interrupted);
        CHECK(it.release());
    }
    SECTION("no other signal") {
        it.over_at = k_start + 6s;
        it.network.answer(404, "{}");
        it.clock.on_sleep = [&] { it.interrupt.on_signal(SIGTERM, key), ++signals; };
        CHECK(it.release());
        CHECK(signals > 2);
    }
}
