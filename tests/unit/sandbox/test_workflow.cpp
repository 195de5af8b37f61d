#include "sandbox/workflow.hpp"
#include "support/catch.hpp"
#include "unit/sandbox/practice_client.hpp"

#include <limits>

using namespace jit;
using namespace jit::sandbox;
using namespace jit::sandbox::test;
using namespace std::chrono_literals;

TEST_CASE("sandbox::workflow") {
    Behaviour behaviour;

    SECTION("an activation goes through its states as time passes") {
        PracticeClient client;
        const auto activated = client.activate(k_prod_db_admin, 60);
        CHECK(status_word(activated) == "CREATING");
        const TimePoint start = client.now;
        const auto state_after = [&](TimePoint::duration passed) {
            client.now = start + passed;
            return client.state();
        };
        CHECK(state_after(0s) == "CREATING");
        CHECK(state_after(499ms) == "CREATING");
        CHECK(state_after(500ms) == "ACTIVATING");
        CHECK(state_after(1999ms) == "ACTIVATING");
        CHECK(state_after(2s) == "PROVISIONED");
        CHECK(state_after(60min - 1ms) == "PROVISIONED");
        CHECK(state_after(60min) == "DEPROVISIONING");
        CHECK(state_after(60min + 1999ms) == "DEPROVISIONING");
        CHECK(state_after(60min + 2s) == "COMPLETED");
    }
    SECTION("the delay can be set, to nothing as well") {
        behaviour.pace.provision_delay = 0s;
        PracticeClient client(behaviour);
        CHECK(status_word(client.activate(k_prod_db_admin, 1)) == "CREATING");
        CHECK(client.state() == "PROVISIONED");
        client.now += 1min;
        CHECK(client.state() == "COMPLETED");
    }
    SECTION("with a time scale of 3600 an hour passes in a second, in real timestamps") {
        behaviour.pace.time_scale = 3600;
        behaviour.pace.provision_delay = 360s;
        PracticeClient client(behaviour);
        (void)client.activate(k_prod_db_admin, 60);
        CHECK(client.state("startTime") == "2026-11-24T12:00:00Z");
        CHECK(client.state("expiration") == "2026-11-24T12:00:01Z");
        CHECK(client.state("minutes") == "60");
        client.now += 99ms;
        CHECK(client.state() == "ACTIVATING");
        client.now += 1ms;
        CHECK(client.state() == "PROVISIONED");
        client.now = noon() + 1s;
        CHECK(client.state() == "DEPROVISIONING");
        client.now += 100ms;
        CHECK(client.state() == "COMPLETED");
    }
    SECTION("an extension moves the expiration and keeps the identifiers") {
        PracticeClient client;
        const auto activated = client.activate(k_prod_db_admin, 60);
        client.now += 30min;
        const auto extended = client.extend(k_prod_db_admin, 15);
        CHECK(extended.status == 202);
        CHECK(status_word(extended) == "PROVISIONED");
        CHECK(json_at(extended.body, "/activationPeriodExtensionMins") == "15");
        CHECK(json_at(extended.body, "/startTime") == "2026-11-24T12:30:00Z");
        CHECK(json_at(extended.body, "/id") == json_at(activated.body, "/id"));
        CHECK(json_at(extended.body, "/activationId") == json_at(activated.body, "/activationId"));
        CHECK(client.state("minutes") == "75");
        CHECK(client.state("expiration") == "2026-11-24T13:15:00Z");
        client.now = noon() + 75min - 1ms;
        CHECK(client.state() == "PROVISIONED");
        client.now = noon() + 75min;
        CHECK(client.state() == "DEPROVISIONING");
    }
    SECTION("deactivation ends it at once, then it is deprovisioned and completed") {
        PracticeClient client;
        (void)client.activate(k_prod_db_admin, 60);
        client.now += 10min;
        const auto ended = client.deactivate(k_prod_db_admin);
        CHECK(ended.status == 202);
        CHECK(status_word(ended) == "DEPROVISIONING");
        CHECK(json_at(ended.body, "/startTime") == "2026-11-24T12:10:00Z");
        CHECK(json_at(ended.body, "/activationPeriodMins").empty());
        CHECK(client.state() == "DEPROVISIONING");
        client.now += 2s;
        CHECK(client.state() == "COMPLETED");
    }
    SECTION("it can be ended before it is provisioned") {
        PracticeClient client;
        (void)client.activate(k_prod_db_admin, 60);
        client.now += 1s;
        CHECK(client.deactivate(k_prod_db_admin).status == 202);
        client.now += 1s;
        CHECK(client.state() == "DEPROVISIONING");
    }
    SECTION("nothing can be activated twice, nor while it is being deprovisioned") {
        PracticeClient client;
        (void)client.activate(k_prod_db_admin, 1);
        const auto again = client.activate(k_prod_db_admin, 1);
        CHECK(again.status == 400);
        CHECK(cause(again) == "An activation workflow is already under way for entitlement connection "
                              "c0ffee00-0000-4000-8000-000000000001 (status CREATING).");
        client.now += 1min;
        CHECK(cause(client.activate(k_prod_db_admin, 1)).find("(status DEPROVISIONING)") !=
              std::string::npos);
        client.now += 2s;
        const auto fresh = client.activate(k_prod_db_admin, 1);
        CHECK(fresh.status == 202);
        CHECK(json_at(fresh.body, "/activationId") != client.state("activationId"));
    }
    SECTION("what is not running can be neither extended nor deactivated") {
        PracticeClient client;
        const std::string text =
            "No activation is running for entitlement connection c0ffee00-0000-4000-8000-000000000001.";
        for (int round = 0; round < 3; ++round) { // never activated, being deprovisioned, completed
            for (const auto& refused :
                 {client.extend(k_prod_db_admin, 5), client.deactivate(k_prod_db_admin)}) {
                CHECK(refused.status == 404);
                CHECK(cause(refused) == text);
            }
            if (round == 0) {
                (void)client.activate(k_prod_db_admin, 1);
                client.now += 1min;
            } else {
                client.now += 2s;
            }
        }
    }
    SECTION("connections do not disturb each other") {
        PracticeClient client;
        (void)client.activate(k_prod_db_admin, 60);
        CHECK(client.activate("c0ffee00-0000-4000-8000-000000000002", 30).status == 202);
        CHECK(client.deactivate("c0ffee00-0000-4000-8000-000000000002").status == 202);
        CHECK(client.state() == "CREATING");
    }
    SECTION("the largest period neither overflows nor ends early") {
        behaviour.max_minutes = std::numeric_limits<std::int32_t>::max();
        behaviour.pace.time_scale = 0.001;
        PracticeClient client(behaviour);
        CHECK(client.activate(k_prod_db_admin, std::numeric_limits<std::int32_t>::max()).status == 202);
        client.now += std::chrono::years(100);
        CHECK(client.state() == "PROVISIONED");
    }
}
