#include "support/catch.hpp"
#include "unit/sandbox/practice_client.hpp"

using namespace jit;
using namespace jit::sandbox;
using namespace jit::sandbox::test;
using namespace std::chrono_literals;

namespace {

/// The last two digits of each row's connection ID.
std::string numbers(const Response& response) {
    std::string text;
    for (const std::string& id : column(response, "/id")) {
        text += concat({text.empty() ? "" : " ", id.substr(id.size() - 2)});
    }
    return text;
}

} // namespace

TEST_CASE("sandbox::connection_list") {
    PracticeClient client;
    const auto filtered = [&](const std::string& filter) {
        return numbers(client.list(k_my_connections, {{"filters", filter}}));
    };
    const auto sorted = [&](const std::string& sorters) {
        return numbers(client.list(k_my_connections, {{"sorters", sorters}}));
    };

    SECTION("a hit has the contract's members") {
        const auto response = client.list(k_my_connections, {{"limit", "1"}});
        CHECK(header_of(response, "X-Total-Count").empty());
        CHECK(
            response.body ==
            R"([{"id":"c0ffee00000040008000000000000001",)"
            R"("identity":{"id":"1d000000000000000000000000000001","type":"IDENTITY","name":"Robin Ops",)"
            R"("alias":"robin.ops"},"account":{"id":"acc00000000000000000000000000001","name":"robin.ops"},)"
            R"("entitlement":{"id":"e7000000000000000000000000000001","name":"pg_prod_admin",)"
            R"("displayName":"Prod DB Admin","description":"Prod DB Admin on Postgres Production",)"
            R"("attribute":"role","value":"pg_prod_admin","sourceSchemaObjectType":"group",)"
            R"("privilegeLevel":{"effective":"HIGH"}},)"
            R"("source":{"id":"50000000000000000000000000000001","name":"Postgres Production"},)"
            R"("state":{"value":"Available","changed":"2026-01-05T08:00:00Z"},"jit":{},"standalone":false,)"
            R"("type":"JIT"}])");
    }
    SECTION("only a connection of type JIT has times") {
        const auto response = client.list(k_my_connections, {{"filters", R"(type in ("STANDING","na"))"}});
        CHECK(numbers(response) == "12 13");
        CHECK(column(response, "/jit") == std::vector<std::string>{"", ""});
        CHECK(column(response, "/state/value") == std::vector<std::string>{"Available", "Available"});
    }
    SECTION("everybody sees their own, in the order of the IDs") {
        CHECK(numbers(client.list(k_my_connections)) == "01 02 03 04 05 06 07 08 09 10 11 12 13 14 15");
        CHECK(numbers(PracticeClient({}, k_reader).list(k_my_connections)) == "71");
        CHECK(numbers(PracticeClient({}, k_alex).list(k_connections)) ==
              "01 02 03 04 05 06 07 08 09 10 11 12 13 14 15 21 22 31 41 51 61 62 71");
    }
    SECTION("filters pick") {
        CHECK(filtered(
                  R"(source.name eq "AWS Production" and entitlement.privilegeLevel.effective eq "HIGH")") ==
              "06 07");
        CHECK(filtered(R"(source.name co "postgres" and entitlement.value co "READ")") == "02");
        CHECK(filtered(R"(entitlement.value eq "PRACTICE\\Tier 0 \"Red\" Operators")") == "11");
        CHECK(filtered("standalone eq true") == "06");
        CHECK(filtered(R"(entitlement.id in ("e7000000000000000000000000000003","x"))") == "03");
        CHECK(filtered(R"(identity.name eq "Sam Other")").empty());
        CHECK(filtered(R"(account.name eq "robin.ops" and type eq "NA")") == "13");
        CHECK(client.list(k_my_connections, {{"filters", R"(id eq "c0ffee00000040008000000000000001")"}})
                  .status == 400);
        CHECK(client.list(k_my_connections, {{"filters", R"(entitlement.displayName eq "x")"}}).status ==
              400);
        CHECK(client.list(k_my_connections, {{"filters", R"(jit.provisioned gt "2026-01-01T00:00:00Z")"}})
                  .status == 400);
    }
    SECTION("sorters sort, and the ID settles what they leave open") {
        CHECK(sorted("-id") == "15 14 13 12 11 10 09 08 07 06 05 04 03 02 01");
        CHECK(sorted("source.name") == "03 06 07 13 15 08 09 10 11 12 14 01 02 04 05");
        CHECK(sorted("-source.name") == "01 02 04 05 08 09 10 11 12 14 03 06 07 13 15");
        CHECK(sorted("entitlement.displayName").starts_with("06 05 04 10 08"));
        CHECK(sorted("-standalone,type,-id").starts_with("06 15 14 11"));
        CHECK(client.list(k_my_connections, {{"sorters", "entitlement.value"}}).status == 400);
    }
    SECTION("pages follow each other, by offset and by searchAfter") {
        const auto page = [&](const std::vector<std::pair<std::string, std::string>>& parameters) {
            return numbers(client.list(k_my_connections, parameters));
        };
        CHECK(page({{"limit", "4"}, {"offset", "4"}}) == "05 06 07 08");
        CHECK(page({{"limit", "4"}, {"offset", "14"}}) == "15");
        CHECK(page({{"limit", "4"}, {"offset", "15"}}).empty());
        CHECK(page({{"limit", "0"}}).empty());
        CHECK(
            page({{"limit", "2"}, {"sorters", "id"}, {"searchAfter", "c0ffee00000040008000000000000013"}}) ==
            "14 15");
        CHECK(
            page({{"limit", "2"}, {"sorters", "-id"}, {"searchAfter", "c0ffee00000040008000000000000003"}}) ==
            "02 01");
        CHECK(page({{"limit", "3"},
                    {"sorters", "source.name,id"},
                    {"searchAfter", "AWS Production,c0ffee00000040008000000000000013"}}) == "15 08 09");
        CHECK(page({{"sorters", "source.name"}, {"searchAfter", "Active Directory"}}) == "01 02 04 05");
    }
    SECTION("count tells how many meet the filters, whatever the page") {
        const auto response =
            client.list(k_my_connections, {{"limit", "1"},
                                           {"offset", "2"},
                                           {"count", "true"},
                                           {"filters", R"(source.name eq "AWS Production")"}});
        CHECK(header_of(response, "X-Total-Count") == "5");
        CHECK(numbers(response) == "07");
    }
}

TEST_CASE("sandbox::connection_list follows the workflow") {
    PracticeClient client;
    const auto row = [&](const std::string& number, const std::string& pointer) {
        const auto response = client.list(k_my_connections);
        return json_at(response.body, concat({"/", std::to_string(std::stoi(number) - 1), pointer}));
    };

    SECTION("state and times go with an activation, and the times stay behind it") {
        (void)client.activate(k_prod_db_admin, 60);
        CHECK(row("01", "/state") == R"({"value":"Activating","changed":"2026-11-24T12:00:00Z"})");
        CHECK(row("01", "/jit") ==
              R"({"activation":"2026-11-24T12:00:00Z","expiration":"2026-11-24T13:00:00Z"})");
        client.now += 3s;
        CHECK(row("01", "/state") == R"({"value":"Active","changed":"2026-11-24T12:00:02Z"})");
        client.now += 57s;
        (void)client.deactivate(k_prod_db_admin);
        CHECK(row("01", "/state") == R"({"value":"Deactivating","changed":"2026-11-24T12:01:00Z"})");
        client.now += 1h;
        CHECK(row("01", "/state") == R"({"value":"Available","changed":"2026-11-24T12:01:02Z"})");
        CHECK(row("01", "/jit") ==
              R"({"activation":"2026-11-24T12:00:00Z","provisioned":"2026-11-24T12:00:02Z",)"
              R"("deactivation":"2026-11-24T12:01:00Z","deprovisioned":"2026-11-24T12:01:02Z",)"
              R"("expiration":"2026-11-24T13:00:00Z"})");
        (void)client.activate(k_prod_db_admin, 5);
        CHECK(row("01", "/jit") ==
              R"({"activation":"2026-11-24T13:01:00Z","expiration":"2026-11-24T13:06:00Z"})");
    }
    SECTION("frictions, an error and a revocation show as well") {
        (void)client.activate(k_payroll_approver, 60);
        (void)client.activate(k_quarantine, 60);
        (void)client.activate(k_prod_db_admin, 60);
        client.now += 5s;
        (void)client.steer(k_prod_db_admin, "revoke");
        CHECK(row("14", "/state/value") == "AwaitingFrictions");
        CHECK(row("14", "/jit") == R"({"activation":"2026-11-24T12:00:00Z"})");
        CHECK(row("15", "/state") == R"({"value":"Available","changed":"2026-11-24T12:00:02Z"})");
        CHECK(row("01", "/state/value") == "Available");
        CHECK(row("01", "/jit/deactivation") == "2026-11-24T12:00:05Z");
        CHECK(row("01", "/jit/deprovisioned") == "2026-11-24T12:00:05Z");
        (void)client.deactivate(k_payroll_approver);
        CHECK(row("14", "/state/value") == "Available");
        CHECK(row("14", "/jit/deactivation") == "2026-11-24T12:00:05Z");
    }
    SECTION("they can be filtered and sorted by; null comes last") {
        (void)client.activate(k_prod_db_admin, 60);
        client.now += 1min;
        (void)client.activate("c0ffee00-0000-4000-8000-000000000003", 30);
        client.now += 1s;
        const auto ask = [&](const std::string& name, const std::string& value) {
            return numbers(client.list(k_my_connections, {{"limit", "4"}, {name, value}}));
        };
        CHECK(ask("filters", R"(state.value eq "ACTIVE")") == "01");
        CHECK(ask("filters", R"(state.value co "activ")") == "01 03");
        CHECK(ask("filters", R"(jit.expiration lt "2026-11-24T14:00:00+01:00")") == "03");
        CHECK(ask("filters", R"(jit.activation ge "2026-11-24T12:00:00Z")") == "01 03");
        CHECK(ask("filters", R"(jit.provision le "2026-11-24T12:00:02Z")") == "01");
        CHECK(ask("filters", R"(jit.deprovision gt "2026-01-01T00:00:00Z")").empty());
        CHECK(ask("sorters", "jit.expiration") == "03 01 02 04");
        CHECK(ask("sorters", "-jit.expiration") == "01 03 02 04");
        CHECK(numbers(client.list(k_my_connections,
                                  {{"limit", "2"},
                                   {"sorters", "jit.expiration,id"},
                                   {"searchAfter", ",c0ffee00000040008000000000000013"}})) == "14 15");
    }
    SECTION("a list may be behind") {
        Behaviour behaviour;
        behaviour.list_lag = 120s;
        behaviour.pace.time_scale = 60; // the lag is workflow time, so two seconds
        PracticeClient late(behaviour);
        const auto state = [&] { return json_at(late.list(k_my_connections).body, "/0/state/value"); };
        (void)late.activate(k_prod_db_admin, 60);
        late.now += 1999ms;
        CHECK(state() == "Available");
        CHECK(late.list(k_my_history).body == "[]");
        late.now += 1ms;
        CHECK(state() == "Activating");
        (void)late.extend(k_prod_db_admin, 60);
        CHECK(json_at(late.list(k_my_connections).body, "/0/jit/expiration") == "2026-11-24T12:01:00Z");
        late.now += 1s;
        CHECK(state() == "Active");
        (void)late.deactivate(k_prod_db_admin);
        late.now += 1999ms;
        CHECK(state() == "Active");
        CHECK(json_at(late.list(k_my_connections).body, "/0/jit/expiration") == "2026-11-24T12:02:00Z");
        CHECK(json_at(late.list(k_my_history).body, "/0/status") == "PROVISIONED");
        late.now += 1ms;
        CHECK(state() == "Deactivating");
        // A new activation is not seen before its time, nor does it hide the one before.
        late.now += 1s;
        CHECK(late.activate(k_prod_db_admin, 60).status == 202);
        CHECK(json_at(late.list(k_my_connections).body, "/0/jit/deprovisioned") ==
              "2026-11-24T12:00:03.033Z");
    }
}
