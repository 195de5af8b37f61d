#include "sandbox/rate_limit.hpp"
#include "support/catch.hpp"
#include "unit/sandbox/practice_client.hpp"

using namespace jit;
using namespace jit::sandbox;
using namespace jit::sandbox::test;
using namespace std::chrono_literals;

TEST_CASE("sandbox::rate_limit") {
    SECTION("the request after the last that passes is told when to come back") {
        PracticeClient client;
        for (int i = 0; i < 100; ++i) {
            CHECK(client.deactivate(k_prod_db_admin).status == 404);
            client.now += 50ms;
        }
        const auto refused = client.deactivate(k_prod_db_admin); // 5 s after the first
        CHECK(refused.status == 429);
        CHECK(refused.body == R"({"message": " Rate Limit Exceeded "})");
        CHECK(header_of(refused, "Retry-After") == "5");
        client.now += 5s - 1ms;
        CHECK(header_of(client.deactivate(k_prod_db_admin), "Retry-After") == "1");
        client.now += 1ms;
        CHECK(client.deactivate(k_prod_db_admin).status == 404);
        CHECK(client.deactivate(k_prod_db_admin).status == 429);
    }
    SECTION("a refused request is not carried out and does not count") {
        Behaviour behaviour;
        behaviour.rate_limit = 1;
        PracticeClient client(behaviour);
        CHECK(client.activate(k_prod_db_admin, 60).status == 202);
        for (int i = 0; i < 5; ++i) {
            client.now += 1s;
            CHECK(client.deactivate(k_prod_db_admin).status == 429);
        }
        CHECK(client.state() == "PROVISIONED");
        client.now = noon() + 10s;
        CHECK(client.deactivate(k_prod_db_admin).status == 202);
    }
    SECTION("the budget is one client's, whatever its token, and token requests do not count") {
        Behaviour behaviour;
        behaviour.rate_limit = 1;
        PracticeClient client(behaviour);
        CHECK(client.deactivate(k_prod_db_admin).status == 404);
        CHECK(client.deactivate(k_prod_db_admin).status == 429);
        client.login(0);
        client.login(0);
        CHECK(client.deactivate(k_prod_db_admin).status == 429);
        client.login(1); // another client
        CHECK(client.deactivate(k_prod_db_admin).status != 429);
    }
    SECTION("a client that exceeds it repeatedly waits longer each time, if that is switched on") {
        RateLimiter limiter(1, true);
        TimePoint now = noon();
        for (const auto expected : {60s, 300s, 600s, 1200s, 1200s}) {
            for (int violated = 1; violated <= 3; ++violated) {
                CHECK_FALSE(limiter.refuse(0, now));
                const auto wait = limiter.refuse(0, now + 1ms);
                CHECK(limiter.refuse(0, now + 2ms)); // the same interval
                CHECK(wait == (violated < 3 ? 10s : expected));
                now += *wait + 1s;
            }
            now += 120s;
        }
        CHECK_FALSE(limiter.refuse(1, noon()));
    }
    SECTION("three times over a longer stretch is not again and again") {
        RateLimiter limiter(1, true);
        TimePoint now = noon();
        for (int i = 0; i < 9; ++i, now += 61s) {
            CHECK_FALSE(limiter.refuse(0, now));
            CHECK(limiter.refuse(0, now + 1ms) == 10s);
        }
    }
    SECTION("the time scale does not touch it") {
        Behaviour behaviour;
        behaviour.rate_limit = 1;
        behaviour.pace.time_scale = 3600;
        PracticeClient client(behaviour);
        (void)client.deactivate(k_prod_db_admin);
        CHECK(header_of(client.deactivate(k_prod_db_admin), "Retry-After") == "10");
    }
    SECTION("0 means any number") {
        Behaviour behaviour;
        behaviour.rate_limit = 0;
        PracticeClient client(behaviour);
        for (int i = 0; i < 300; ++i) {
            REQUIRE(client.deactivate(k_prod_db_admin).status == 404);
        }
    }
    SECTION("many tokens keep their budgets apart") {
        RateLimiter limiter(1);
        for (std::uint64_t token = 0; token < 5000; ++token) {
            REQUIRE_FALSE(limiter.refuse(token, noon() + std::chrono::milliseconds(token)));
        }
        CHECK(limiter.refuse(4999, noon() + 5s) == std::optional(10s));
        CHECK(limiter.refuse(0, noon() + 5s) == std::optional(5s));
    }
}
