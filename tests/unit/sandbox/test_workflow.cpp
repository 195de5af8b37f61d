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
    SECTION("provisioning that fails ends in ERROR, and the connection can be activated again") {
        PracticeClient client;
        CHECK(client.activate(k_quarantine, 60).status == 202);
        client.now += 1999ms;
        CHECK(client.state() == "ACTIVATING");
        client.now += 1ms;
        CHECK(client.state() == "ERROR");
        CHECK(client.extend(k_quarantine, 5).status == 404);
        CHECK(client.deactivate(k_quarantine).status == 404);
        CHECK(client.activate(k_quarantine, 60).status == 202);
        client.now += 1s;
        CHECK(client.deactivate(k_quarantine).status == 202); // before it fails
        client.now += 2s;
        CHECK(json_at(client.get("/sandbox/activations").body, "/1/status") == "COMPLETED");
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

TEST_CASE("sandbox::workflow frictions") {
    PracticeClient client;
    const auto activated = client.activate(k_payroll_approver, 60);
    REQUIRE(activated.status == 202);
    CHECK(status_word(activated) == "CREATING");

    SECTION("an activation waits for them, and goes on when they are completed") {
        CHECK(client.state() == "CREATING");
        client.now += 500ms;
        CHECK(client.state() == "AWAITING_FRICTIONS");
        CHECK(client.state("expiration") == "null");
        client.now += 10min;
        CHECK(client.state() == "AWAITING_FRICTIONS");
        CHECK(client.activate(k_payroll_approver, 60).status == 400);
        const auto completed = client.steer(k_payroll_approver, "frictions");
        CHECK(completed.status == 200);
        CHECK(status_word(completed) == "ACTIVATING");
        // The rest of the delay, and the whole period, count from now.
        client.now += 1499ms;
        CHECK(client.state() == "ACTIVATING");
        client.now += 1ms;
        CHECK(client.state() == "PROVISIONED");
        CHECK(client.state("expiration") == "2026-11-24T13:10:00.500Z");
        CHECK(client.extend(k_payroll_approver, 5).status == 202);
        CHECK(client.deactivate(k_payroll_approver).status == 202);
        client.now += 2s;
        CHECK(client.state() == "COMPLETED");
    }
    SECTION("they may be completed before it has come to wait for them") {
        CHECK(client.steer(json_at(activated.body, "/activationId"), "frictions", R"({"outcome":"complete"})")
                  .status == 200);
        CHECK(client.state() == "CREATING");
        client.now += 2s;
        CHECK(client.state() == "PROVISIONED");
    }
    SECTION("they can be cancelled, and then it is over") {
        client.now += 1s;
        CHECK(status_word(client.steer(k_payroll_approver, "frictions", R"({"outcome":"cancel"})")) ==
              "CANCELLED");
        CHECK(client.extend(k_payroll_approver, 5).status == 404);
        CHECK(client.deactivate(k_payroll_approver).status == 404);
        CHECK(client.activate(k_payroll_approver, 60).status == 202);
    }
    SECTION("they run out of time") {
        client.now += 500ms + 15min - 1ms;
        CHECK(client.state() == "AWAITING_FRICTIONS");
        client.now += 1ms;
        CHECK(client.state() == "TIMED_OUT");
        const auto late = client.steer(k_payroll_approver, "frictions");
        CHECK(late.status == 400);
        CHECK(cause(late) == "The activation does not await frictions (status TIMED_OUT).");
        CHECK(client.activate(k_payroll_approver, 60).status == 202);
    }
    SECTION("meanwhile deactivate cancels it, and extend is refused") {
        client.now += 1s;
        const auto extended = client.extend(k_payroll_approver, 5);
        CHECK(extended.status == 400);
        CHECK(cause(extended) == "The activation for entitlement connection "
                                 "c0ffee00-0000-4000-8000-000000000014 awaits its frictions and cannot be "
                                 "extended.");
        const auto ended = client.deactivate(k_payroll_approver);
        CHECK(ended.status == 202);
        CHECK(status_word(ended) == "COMPLETED");
        CHECK(client.state() == "CANCELLED");
    }
    SECTION("the time for them is workflow time, and can be set") {
        Behaviour behaviour;
        behaviour.pace.friction_timeout = 60s;
        behaviour.pace.time_scale = 60;
        behaviour.pace.provision_delay = 0s;
        PracticeClient fast(behaviour);
        (void)fast.activate(k_payroll_approver, 60);
        fast.now += 999ms;
        CHECK(fast.state() == "AWAITING_FRICTIONS");
        fast.now += 1ms;
        CHECK(fast.state() == "TIMED_OUT");
    }
    SECTION("only who awaits them can complete them") {
        (void)client.activate(k_prod_db_admin, 60);
        CHECK(cause(client.steer(k_prod_db_admin, "frictions")) ==
              "The activation does not await frictions (status CREATING).");
        CHECK(client.steer("c0ffee00-0000-4000-8000-000000000002", "frictions").status == 404);
        CHECK(client.steer("nonsense", "frictions").status == 404);
        CHECK(client.steer(k_payroll_approver, "friction").status == 404);
        for (const std::string body :
             {"{}", "[]", "{", R"({"outcome":"x"})", R"({"outcome":1})", R"({"outcome":"cancel","a":1})"}) {
            CHECK(client.steer(k_payroll_approver, "frictions", body).status == 400);
        }
        CHECK(client.get("/sandbox/activations/" + std::string(k_payroll_approver) + "/frictions").status ==
              405);
        CHECK(client.state() == "CREATING");
    }
}

TEST_CASE("sandbox::workflow revocation") {
    PracticeClient client;
    (void)client.activate(k_prod_db_admin, 60);

    SECTION("what runs can be taken away, and then it is over at once") {
        client.now += 5min;
        CHECK(status_word(client.steer(k_prod_db_admin, "revoke")) == "REVOKED");
        CHECK(client.extend(k_prod_db_admin, 5).status == 404);
        CHECK(client.deactivate(k_prod_db_admin).status == 404);
        CHECK(client.steer(k_prod_db_admin, "revoke").status == 400);
        client.now += 2h;
        CHECK(client.state() == "REVOKED");
        CHECK(client.activate(k_prod_db_admin, 60).status == 202);
    }
    SECTION("so can what awaits its frictions") {
        (void)client.activate(k_payroll_approver, 60);
        client.now += 1s;
        CHECK(status_word(client.steer(k_payroll_approver, "revoke")) == "REVOKED");
        CHECK(client.activate(k_payroll_approver, 60).status == 202);
    }
    SECTION("what is ending anyway cannot") {
        client.now += 60min;
        CHECK(cause(client.steer(k_prod_db_admin, "revoke")) ==
              "The activation is not running (status DEPROVISIONING).");
    }
}
