#include "support/catch.hpp"
#include "unit/sandbox/practice_client.hpp"

using namespace jit;
using namespace jit::sandbox;
using namespace jit::sandbox::test;
using namespace std::chrono_literals;

namespace {

constexpr std::string_view k_reporting = "c0ffee00-0000-4000-8000-000000000002";

} // namespace

TEST_CASE("sandbox::history documents") {
    PracticeClient client;
    const auto member = [&](const std::string& name) {
        return json_at(client.list(k_my_history, {{"limit", "1"}}).body, "/0/" + name);
    };

    SECTION("a document has all members of the contract, and null for what has not happened") {
        const std::string id = json_at(client.activate(k_prod_db_admin, 60).body, "/activationId");
        CHECK(
            client.list(k_my_history).body ==
            concat(
                {R"([{"id":")", id,
                 R"(","tenantId":"7e000000000000000000000000000001",)"
                 R"("identityId":"1d000000000000000000000000000001",)"
                 R"("accountId":"acc00000000000000000000000000001",)"
                 R"("entitlementId":"e7000000000000000000000000000001",)"
                 R"("sourceId":"50000000000000000000000000000001",)"
                 R"("connectionId":"c0ffee00-0000-4000-8000-000000000001","identityName":"Robin Ops",)"
                 R"("entitlementName":"Prod DB Admin","sourceDisplayName":"Postgres Production",)"
                 R"("status":"ACTIVATING","error":null,"policyDisplayNames":[],)"
                 R"("policyFrictionOutcome":null,"policyMatchDetails":null,"summary":null,"frictions":null,)"
                 R"("activationInitiated":"2026-11-24T12:00:00Z","provisionStart":null,)"
                 R"("provisionCompleted":null,"deprovisionStart":null,"deprovisionComplete":null,)"
                 R"("provisionDurationMins":null,"deprovisionDurationMins":null,"activationDetails":null,)"
                 R"("activationDuration":null,"provisioningDetails":null}])"}));
    }
    SECTION("it follows the workflow") {
        Behaviour behaviour;
        behaviour.pace.provision_delay = 60s;
        client = PracticeClient(behaviour);
        (void)client.activate(k_prod_db_admin, 60);
        CHECK(member("status") == "ACTIVATING");
        client.now += 15s;
        CHECK(member("status") == "PROVISIONING");
        CHECK(member("provisionStart") == "2026-11-24T12:00:15Z");
        client.now += 45s;
        CHECK(member("status") == "PROVISIONED");
        CHECK(member("provisionCompleted") == "2026-11-24T12:01:00Z");
        CHECK(member("provisionDurationMins") == "0.75");
        client.now += 59min;
        CHECK(member("status") == "DEPROVISIONING");
        CHECK(member("deprovisionStart") == "2026-11-24T13:00:00Z");
        client.now += 1min;
        CHECK(member("status") == "COMPLETE");
        CHECK(member("deprovisionComplete") == "2026-11-24T13:01:00Z");
        CHECK(member("deprovisionDurationMins") == "1.0");
    }
    SECTION("an error has its text") {
        (void)client.activate(k_quarantine, 60);
        CHECK(member("error") == "null");
        client.now += 2s;
        CHECK(member("status") == "ERROR");
        CHECK(member("error") == "Upstream provisioning failed after 3 retries (503)");
        CHECK(member("provisionCompleted") == "null");
    }
    SECTION("frictions are told of from when they are asked for") {
        (void)client.activate(k_payroll_approver, 60);
        CHECK(member("frictions") == "null");
        client.now += 1s;
        CHECK(member("status") == "AWAITING_FRICTIONS");
        CHECK(member("policyDisplayNames") == R"(["Justified Access"])");
        CHECK(member("policyMatchDetails") == R"(["b0117000-0000-4000-8000-000000000001"])");
        CHECK(member("policyFrictionOutcome") == "null");
        CHECK(member("frictions") ==
              R"([{"type":"TICKET","bypassAllowed":false,"submittedData":null,"status":"PENDING"},)"
              R"({"type":"JUSTIFICATION","bypassAllowed":false,"submittedData":null,"status":"PENDING"}])");
        CHECK(member("summary") ==
              R"({"policyMatches":[{"policyId":"b0117000-0000-4000-8000-000000000001",)"
              R"("policyName":"Justified Access"}],"reauthentication":null,)"
              R"("justification":{"required":true,"bypassed":false},)"
              R"("serviceNowTicket":{"required":true,"bypassed":false,"ticketReference":null}})");
        (void)client.steer(k_payroll_approver, "frictions");
        CHECK(member("status") == "PROVISIONING");
        CHECK(member("policyFrictionOutcome") == "SUCCESS_ENFORCED");
        CHECK(member("frictions/0/submittedData") == "INC0012345");
        CHECK(member("frictions/1/status") == "COMPLETE");
        CHECK(member("summary/serviceNowTicket/ticketReference") == "INC0012345");
    }
    SECTION("each end has its word") {
        (void)client.activate(k_payroll_approver, 60);
        client.now += 1s;
        (void)client.deactivate(k_payroll_approver);
        CHECK(member("status") == "CANCELLED");
        CHECK(member("policyFrictionOutcome") == "CANCELLED");
        client.now += 1s;
        (void)client.activate(k_payroll_approver, 60);
        client.now += 1h;
        CHECK(member("status") == "TIMED_OUT");
        CHECK(member("policyFrictionOutcome") == "TIMED_OUT");
        (void)client.activate(k_prod_db_admin, 60);
        client.now += 10s;
        (void)client.steer(k_prod_db_admin, "revoke");
        CHECK(member("status") == "REVOKED");
        CHECK(member("deprovisionComplete") == member("deprovisionStart"));
    }
}

TEST_CASE("sandbox::history list") {
    PracticeClient client;
    (void)client.activate(k_prod_db_admin, 1);
    client.now += 1min;
    (void)client.activate(k_reporting, 60);
    client.now += 10s;
    (void)client.activate(k_prod_db_admin, 60);
    const auto connections = [&](const std::vector<std::pair<std::string, std::string>>& parameters) {
        const auto response = client.list(k_my_history, parameters);
        CHECK(response.status == 200);
        std::string text;
        for (int i = 0;; ++i) {
            const std::string id = json_at(response.body, concat({"/", std::to_string(i), "/connectionId"}));
            if (id.empty()) {
                return text;
            }
            text += id.back();
        }
    };
    const auto status = [&](const std::string& name, const std::string& value) {
        return client.list(k_my_history, {{name, value}}).status;
    };

    SECTION("the newest is first, unless it is asked for otherwise") {
        CHECK(connections({}) == "121");
        CHECK(connections({{"limit", "1"}}) == "1");
        CHECK(connections({{"sorters", "activationInitiated"}, {"limit", "2"}}) == "12");
        CHECK(connections({{"sorters", "provisionCompleted"}}) == "121"); // what is not, comes last
        CHECK(connections({{"sorters", "-status,id"}}) == "211");
        CHECK(status("sorters", "connectionId") == 400);
    }
    SECTION("searchAfter goes on") {
        const auto first =
            client.list(k_my_history, {{"limit", "2"}, {"sorters", "-activationInitiated,id"}});
        CHECK(connections({{"sorters", "-activationInitiated,id"},
                           {"searchAfter", concat({json_at(first.body, "/1/activationInitiated"), ",",
                                                   json_at(first.body, "/1/id")})}}) == "1");
        CHECK(connections(
                  {{"sorters", "activationInitiated"}, {"searchAfter", "2026-11-24T13:01:00+01:00"}}) == "1");
    }
    SECTION("filters are those of the contract") {
        CHECK(connections({{"filters", concat({"connectionId eq \"", k_reporting, "\""})}}) == "2");
        CHECK(connections({{"filters", R"(connectionId eq "c0ffee00000040008000000000000002")"}}).empty());
        CHECK(connections({{"filters", R"(status in ("COMPLETE","PROVISIONED"))"}}) == "21");
        CHECK(connections({{"filters", R"(status eq "complete")"}}).empty());
        CHECK(connections({{"filters", R"(activationInitiated gt "2026-11-24T12:00:00Z")"}}) == "12");
        CHECK(connections({{"filters", R"(sourceId eq "50000000000000000000000000000001")"}}) == "121");
        CHECK(connections({{"filters", R"(entitlementId in ("e7000000000000000000000000000002"))"}}) == "2");
        CHECK(connections({{"filters", R"(policyFrictionOutcome eq "SUCCESS_ENFORCED")"}}).empty());
        CHECK(status("filters", R"(sourceId in ("a"))") == 400);
        CHECK(status("filters", R"(connectionId in ("a"))") == 400);
        CHECK(status("filters", R"(id eq "a")") == 400);
        CHECK(status("filters", R"(identityId eq "a")") == 400); // only in the tenant's
    }
    SECTION("the tenant's history is of everybody") {
        client.login(k_alex);
        (void)client.activate("c0ffee00-0000-4000-8000-000000000061", 60);
        CHECK(connections({}) == "1");
        const auto all = client.list(k_history, {{"count", "true"}});
        CHECK(header_of(all, "X-Total-Count") == "4");
        const auto robins =
            client.list(k_history, {{"count", "true"},
                                    {"filters", R"(identityId eq "1d000000000000000000000000000001")"}});
        CHECK(header_of(robins, "X-Total-Count") == "3");
    }
}
