#include "support/catch.hpp"
#include "unit/sandbox/practice_client.hpp"

using namespace jit;
using namespace jit::sandbox;
using namespace jit::sandbox::test;

TEST_CASE("sandbox::reading needs its scope and user level") {
    struct Case {
        std::string path;
        std::string scope;
        std::string level; ///< empty: none
    };
    const std::vector<Case> cases = {
        {k_my_connections, "idn:entitlement-connections:read", ""},
        {k_connections, "idn:entitlement-connections:list", "ORG_ADMIN"},
        {k_my_history, "idn:jit-activation-history-self:read", ""},
        {k_history, "idn:jit-activation-history:read", "ORG_ADMIN"},
        {k_policy, "idn:jit-policy:read", "POLICY_ADMIN"},
        {k_policy, "idn:jit-policy:manage", "POLICY_ADMIN"},
    };
    TenantData data = builtin_data();
    const auto ask = [&data](const std::string& path) { return PracticeClient(data, {}, 0).list(path); };

    SECTION("each has its own, and no other will do") {
        data.identities[0].levels = {"ORG_ADMIN", "POLICY_ADMIN"};
        for (const Case& with : cases) {
            data.identities[0].pat.scopes = {with.scope};
            for (const Case& other : cases) {
                CHECK(ask(other.path).status == (with.path == other.path ? 200 : 403));
            }
        }
    }
    SECTION("the user level counts as well") {
        for (const Case& one : cases) {
            data.identities[0].pat.scopes = {one.scope};
            data.identities[0].levels = {"USER"};
            const auto refused = ask(one.path);
            CHECK(refused.status == (one.level.empty() ? 200 : 403));
            if (!one.level.empty()) {
                CHECK(cause(refused) == concat({"The user level ", one.level, " is required."}));
                data.identities[0].levels = {"USER", one.level};
                CHECK(ask(one.path).status == 200);
            }
        }
    }
    SECTION("what is missing is named") {
        data.identities[0].pat.scopes = {"idn:jit-policy:update"};
        CHECK(cause(ask(k_my_history)) ==
              "The access token does not have the scope idn:jit-activation-history-self:read.");
        CHECK(cause(ask(k_policy)) ==
              "The access token has none of the scopes idn:jit-policy:read, idn:jit-policy:manage.");
    }
    SECTION("of the built-in identities, robin is a plain user, alex an administrator") {
        PracticeClient robin;
        CHECK(robin.list(k_my_connections).status == 200);
        CHECK(robin.list(k_my_history).status == 200);
        PracticeClient alex({}, k_alex);
        for (const char* const path : {k_connections, k_history, k_policy}) {
            CHECK(robin.list(path).status == 403);
            CHECK(alex.list(path).status == 200);
        }
    }
    SECTION("reader may read connections, but not the history") {
        PracticeClient reader({}, k_reader);
        CHECK(reader.activate("c0ffee00-0000-4000-8000-000000000071", 60).status == 202);
        CHECK(reader.list(k_my_connections).status == 200);
        CHECK(reader.list(k_my_history).status == 403);
    }
}

TEST_CASE("sandbox::reading asks for the experimental header where the service does") {
    PracticeClient alex({}, k_alex);
    const auto without_header = [&](const std::string& path) {
        Request request = alex.get_request(path);
        request.headers.pop_back();
        return alex.send(request).status;
    };
    CHECK(without_header(k_my_connections) == 200);
    CHECK(without_header(k_connections) == 200);
    CHECK(without_header(k_my_history) == 400);
    CHECK(without_header(k_history) == 400);
    CHECK(without_header(k_policy) == 400);
}

TEST_CASE("sandbox::reading of what the tenant has not") {
    Behaviour behaviour;
    SECTION("without the feature, the connection lists answer 412") {
        behaviour.connections_feature = false;
        PracticeClient alex(behaviour, k_alex);
        for (const char* const path : {k_my_connections, k_connections}) {
            const auto response = alex.list(path);
            CHECK(response.status == 412);
            CHECK(response.body == R"({"message": " API/Feature not enabled for your organization."})");
        }
        CHECK(alex.list(k_my_history).status == 200);
    }
    SECTION("without the feature, the history answers 403") {
        behaviour.history_feature = false;
        PracticeClient alex(behaviour, k_alex);
        for (const char* const path : {k_my_history, k_history}) {
            const auto response = alex.list(path);
            CHECK(response.status == 403);
            CHECK(cause(response) ==
                  "The feature flag PSPM_858_JIT_ACCESS_ACTIVATION_HISTORY_SEARCH is disabled.");
        }
        CHECK(alex.list(k_my_connections).status == 200);
    }
}

TEST_CASE("sandbox::policy") {
    Behaviour behaviour;
    behaviour.max_minutes = 45;

    SECTION("it tells the maxima that hold") {
        PracticeClient alex(behaviour, k_alex);
        const auto policy = alex.list(k_policy);
        REQUIRE(policy.status == 200);
        const auto member = [&](const std::string& name) { return json_at(policy.body, "/" + name); };
        CHECK(member("maxActivationPeriodMins") == "45");
        CHECK(member("maxActivationPeriodExtensionMins") == "45");
        CHECK(member("defaultMaxActivationPeriodMins") == "45");
        CHECK(member("defaultMaxActivationPeriodExtensionMins") == "30");
        CHECK(member("id").size() == 36);
        CHECK(member("entitlementIds/0") == "e7000000-0000-0000-0000-000000000001");
        CHECK(member("notificationRecipients") == R"(["jit-owners@practice.example"])");
        CHECK(member("notificationTemplate") == "null");
        CHECK(member("applyToFutureAssignments") == "true");
        CHECK(alex.activate("c0ffee00-0000-4000-8000-000000000061", 46).status == 400);
        CHECK(alex.activate("c0ffee00-0000-4000-8000-000000000061", 45).status == 202);
    }
    SECTION("without one there is nothing to read, and no maximum") {
        behaviour.policy = false;
        PracticeClient alex(behaviour, k_alex);
        const auto missing = alex.list(k_policy);
        CHECK(missing.status == 404);
        CHECK(cause(missing) == "The policy has not been stored yet.");
        CHECK(alex.activate("c0ffee00-0000-4000-8000-000000000061", 100'000).status == 202);
        CHECK(alex.extend("c0ffee00-0000-4000-8000-000000000061", 100'000).status == 202);
    }
    SECTION("there is no other configuration") {
        PracticeClient alex(behaviour, k_alex);
        const auto other = alex.list("/jit-activation-config/v1/polices");
        CHECK(other.status == 400);
        CHECK(cause(other) == "There is no configuration of the type \"polices\", only \"policy\".");
        CHECK(alex.list("/jit-activation-config/v1/").status == 404);
        CHECK(alex.list("/jit-activation-config/v1/policy/x").status == 404);
        CHECK(header_of(alex.send({"PATCH", k_policy, "", {}, "", 1}), "Allow") == "GET");
    }
}
