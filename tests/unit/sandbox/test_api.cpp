#include "support/catch.hpp"
#include "unit/sandbox/practice_client.hpp"

#include <vector>

using namespace jit;
using namespace jit::sandbox;
using namespace jit::sandbox::test;
using namespace std::chrono_literals;

namespace {

/// The members' names of a JSON object, in order.
std::vector<std::string> members(const std::string& json) {
    const auto document = parse_json(json);
    std::vector<std::string> names;
    if (document && document->IsObject()) {
        for (auto it = document->MemberBegin(); it != document->MemberEnd(); ++it) {
            names.emplace_back(view(it->name));
        }
    }
    return names;
}

bool is_tracking_id(const std::string& text) {
    return text.size() == 32 && text.find_first_not_of("0123456789abcdef") == std::string::npos;
}

Request without(Request request, std::string_view header) {
    std::erase_if(request.headers, [header](const auto& field) { return field.first == header; });
    return request;
}

Request with(Request request, const std::string& header, const std::string& value) {
    request = without(std::move(request), header);
    request.headers.emplace_back(header, value);
    return request;
}

} // namespace

TEST_CASE("sandbox::api answers") {
    PracticeClient client;

    SECTION("activate answers the contract's fields and no others") {
        const auto response = client.activate(k_prod_db_admin, 60);
        CHECK(response.status == 202);
        CHECK(header_of(response, "Content-Type") == "application/json");
        CHECK(members(response.body) == std::vector<std::string>{"id", "activationId", "connectionId",
                                                                 "activationPeriodMins", "status",
                                                                 "startTime"});
        CHECK(json_at(response.body, "/id").starts_with("jit-activation-"));
        CHECK(Uuid::parse(json_at(response.body, "/activationId")));
        CHECK(json_at(response.body, "/activationId").size() == 36);
        CHECK(json_at(response.body, "/connectionId") == k_prod_db_admin);
        CHECK(json_at(response.body, "/activationPeriodMins") == "60");
        CHECK(json_at(response.body, "/startTime") == "2026-11-24T12:00:00Z");
    }
    SECTION("extend and deactivate answer the contract's fields and no others") {
        (void)client.activate(k_prod_db_admin, 60);
        CHECK(members(client.extend(k_prod_db_admin, 5).body) ==
              std::vector<std::string>{"id", "activationId", "connectionId", "activationPeriodExtensionMins",
                                       "status", "startTime"});
        CHECK(members(client.deactivate(k_prod_db_admin).body) ==
              std::vector<std::string>{"id", "activationId", "connectionId", "status", "startTime"});
    }
    SECTION("an error has the API's shape") {
        const auto response = client.post("activate", R"({"activationPeriodMins":60})");
        CHECK(response.status == 400);
        CHECK(header_of(response, "Content-Type") == "application/json");
        CHECK(members(response.body) ==
              std::vector<std::string>{"detailCode", "trackingId", "messages", "causes"});
        CHECK(json_at(response.body, "/detailCode") == "400.1 Bad Request Content");
        CHECK(is_tracking_id(json_at(response.body, "/trackingId")));
        CHECK(json_at(response.body, "/messages") ==
              R"([{"locale":"en-US","localeOrigin":"DEFAULT","text":"The request was syntactically correct )"
              R"(but its content is semantically invalid."}])");
        CHECK(json_at(response.body, "/causes") ==
              R"([{"locale":"en-US","localeOrigin":"DEFAULT","text":"connectionId is required."}])");
        CHECK(json_at(client.post("activate", "{}").body, "/trackingId") !=
              json_at(response.body, "/trackingId"));
    }
    SECTION("an unknown path is a 404, a wrong method a 405 that names the right one") {
        const auto unknown = client.get("/entitlement-connections/v2");
        CHECK(unknown.status == 404);
        CHECK(json_at(unknown.body, "/detailCode") == "404 Not found");
        CHECK(cause(unknown) == "There is no /entitlement-connections/v2 here.");
        const auto wrong = client.get("/jit-activations/v1/activate");
        CHECK(wrong.status == 405);
        CHECK(header_of(wrong, "Allow") == "POST");
        CHECK(client.get("/oauth/token").status == 405);
        CHECK(header_of(client.send({"POST", "/sandbox/journal", "", {}, "", 1}), "Allow") == "GET, DELETE");
        CHECK(client.get("/sandbox/other").status == 404);
    }
}

TEST_CASE("sandbox::api checks who asks") {
    PracticeClient client;
    const std::string body =
        R"({"connectionId":"c0ffee00-0000-4000-8000-000000000001","activationPeriodMins":60})";
    const Request good = client.post_request("activate", body);

    SECTION("a request needs a token of this process, as the API words it") {
        const auto check = [&](const Request& request, const std::string& expected) {
            const auto response = client.send(request);
            CHECK(response.status == 401);
            CHECK(response.body == expected);
        };
        check(without(good, "Authorization"), R"({"error": "JWT validation failed: JWT is missing"})");
        check(with(good, "Authorization", "Basic QQ=="),
              R"({"error": "JWT validation failed: JWT is missing"})");
        check(with(good, "Authorization", "Bearer abc"),
              R"({"error": "JWT validation failed: JWT is malformed"})");
        check(with(good, "Authorization", "Bearer " + PracticeClient().token),
              R"({"error": "JWT validation failed: JWT signature is invalid"})");
        std::string altered = client.token;
        altered[altered.find('.') + 3] ^= 1;
        check(with(good, "Authorization", "Bearer " + altered),
              R"({"error": "JWT validation failed: JWT signature is invalid"})");
        client.now += 43200s;
        check(good, R"({"error": "JWT validation failed: JWT is expired"})");
    }
    SECTION("a token is good until the end of its lifetime") {
        client.now += 43200s - 1ms;
        CHECK(client.send(good).status == 202);
    }
    SECTION("the scheme may be written in any case") {
        CHECK(client.send(with(good, "authorization", "bearer " + client.token)).status == 202);
    }
    SECTION("the experimental header is required") {
        for (const Request& request :
             {without(good, "X-SailPoint-Experimental"), with(good, "X-SailPoint-Experimental", "false")}) {
            const auto response = client.send(request);
            CHECK(response.status == 400);
            CHECK(cause(response) ==
                  "The header X-SailPoint-Experimental: true is required for this experimental API.");
        }
        CHECK(client.send(with(good, "x-sailpoint-experimental", "TRUE")).status == 202);
    }
    SECTION("the three workflow scopes are enough for a pipeline") {
        PracticeClient pipeline({}, 1);
        const std::string own = "c0ffee00-0000-4000-8000-000000000021";
        CHECK(pipeline.activate(own, 60).status == 202);
        CHECK(pipeline.extend(own, 60).status == 202);
        CHECK(pipeline.deactivate(own).status == 202);
    }
    SECTION("a token without a fitting scope is refused, and told which would fit") {
        PracticeClient unscoped({}, 3);
        const auto refused = unscoped.activate("c0ffee00-0000-4000-8000-000000000041", 60);
        CHECK(refused.status == 403);
        CHECK(json_at(refused.body, "/detailCode") == "403 Forbidden");
        CHECK(cause(refused) ==
              "The access token has none of the scopes idn:jit-activation-workflow:activate, "
              "idn:jit-activation-workflow:manage.");
        CHECK(cause(unscoped.extend("c0ffee00-0000-4000-8000-000000000041", 60)).find(":extend") !=
              std::string::npos);
        CHECK(cause(unscoped.deactivate("c0ffee00-0000-4000-8000-000000000041")).find(":deactivate") !=
              std::string::npos);
    }
    SECTION("each operation has its scope, and manage is good for all") {
        TenantData data = builtin_data();
        const auto status = [&](const std::string& scope, const std::string& operation) {
            data.identities[0].pat.scopes = {scope};
            Api api(data, {});
            const Pat& pat = data.identities[0].pat;
            const auto token = api.handle({"POST",
                                           "/oauth/token",
                                           "",
                                           {{"Content-Type", "application/x-www-form-urlencoded"}},
                                           "grant_type=client_credentials&client_id=" + pat.client_id +
                                               "&client_secret=" + pat.client_secret,
                                           1},
                                          noon());
            return api
                .handle(with(client.post_request(operation, "{}"), "Authorization",
                             "Bearer " + json_at(token.body, "/access_token")),
                        noon())
                .status;
        };
        for (const std::string operation : {"activate", "extend", "deactivate"}) {
            CHECK(status("idn:jit-activation-workflow:manage", operation) == 400);
            for (const std::string scope : {"activate", "extend", "deactivate"}) {
                CHECK(status("idn:jit-activation-workflow:" + scope, operation) ==
                      (scope == operation ? 400 : 403));
            }
        }
    }
    SECTION("a token without user context is refused") {
        PracticeClient service({}, 4);
        const auto refused = service.activate("c0ffee00-0000-4000-8000-000000000051", 60);
        CHECK(refused.status == 403);
        CHECK(cause(refused) == "The access token has no user context.");
    }
}

TEST_CASE("sandbox::api checks what is asked") {
    PracticeClient client;
    const std::string id = R"("connectionId":"c0ffee00-0000-4000-8000-000000000001")";
    const auto refused = [&](const std::string& operation, const std::string& body, int status = 400) {
        const auto response = client.post(operation, body);
        CHECK(response.status == status);
        return cause(response);
    };

    SECTION("the body must be JSON, and an object") {
        const auto broken = client.post("activate", "{");
        CHECK(broken.status == 400);
        CHECK(json_at(broken.body, "/detailCode") == "400.0 Bad Request Syntax");
        CHECK(client.post("activate", "").status == 400);
        CHECK(client.post("activate", "{\"a\":\"\xff\"}").status == 400);
        CHECK(client.post("activate", std::string(1 << 20, '[')).status == 400);
        CHECK(refused("activate", "[]") == "The body must be a JSON object.");
        CHECK(refused("activate", "null") == "The body must be a JSON object.");
    }
    SECTION("the body must be declared as JSON") {
        const Request good = client.post_request("activate", "{" + id + R"(,"activationPeriodMins":1})");
        for (const Request& request :
             {without(good, "Content-Type"), with(good, "Content-Type", "text/plain")}) {
            const auto response = client.send(request);
            CHECK(response.status == 400);
            CHECK(cause(response) == "Content-Type must be application/json.");
        }
        CHECK(client.send(with(good, "content-type", "Application/JSON; charset=utf-8")).status == 202);
    }
    SECTION("connectionId must be a UUID with hyphens") {
        const std::string form = "connectionId must be a UUID with hyphens: 8-4-4-4-12 hexadecimal digits.";
        for (const std::string operation : {"activate", "extend", "deactivate"}) {
            CHECK(refused(operation, "{}") == "connectionId is required.");
            CHECK(refused(operation, R"({"connectionId":7})") == "connectionId must be a string.");
            CHECK(refused(operation, R"({"connectionId":null})") == "connectionId must be a string.");
            CHECK(refused(operation, R"({"connectionId":""})") == form);
            CHECK(refused(operation, R"({"connectionId":"c0ffee00000040008000000000000001"})") == form);
            CHECK(refused(operation, R"({"connectionId":"c0ffee00-0000-4000-8000-00000000000g"})") == form);
            CHECK(refused(operation, R"({"connectionId":"{c0ffee00-0000-4000-8000-000000000001}"})") == form);
            CHECK(refused(operation, concat({"{", id, ",", id, "}"})) ==
                  "connectionId must not be repeated.");
        }
    }
    SECTION("connectionId may be in upper case, and is answered in lower case") {
        const auto response = client.activate("C0FFEE00-0000-4000-8000-000000000001", 60);
        CHECK(response.status == 202);
        CHECK(json_at(response.body, "/connectionId") == k_prod_db_admin);
    }
    SECTION("minutes must be whole, of 32 bits, and at least 1") {
        (void)client.activate(k_prod_db_admin, 60);
        for (const auto& [operation, field] :
             {std::pair<std::string, std::string>{"activate", "activationPeriodMins"},
              std::pair<std::string, std::string>{"extend", "activationPeriodExtensionMins"}}) {
            const auto answer = [&, op = operation, name = field](const std::string& value) {
                return refused(op, concat({"{", id, ",\"", name, "\":", value, "}"}));
            };
            CHECK(refused(operation, "{" + id + "}") == field + " is required.");
            for (const std::string value :
                 {"\"60\"", "60.0", "1.5", "null", "true", "2147483648", "1e2", "[60]"}) {
                CHECK(answer(value) == field + " must be a whole number that fits 32 bits.");
            }
            CHECK(answer("0") == field + " must be at least 1.");
            CHECK(answer("-5") == field + " must be at least 1.");
            CHECK(answer("60,\"" + field + "\":60") == field + " must not be repeated.");
        }
    }
    SECTION("the policy's maximum holds for a period, an extension and their total") {
        CHECK(refused("activate", "{" + id + R"(,"activationPeriodMins":481})") ==
              "activationPeriodMins is 481 minutes, more than the policy's maximum of 480.");
        CHECK(client.activate(k_prod_db_admin, 470).status == 202);
        CHECK(refused("extend", "{" + id + R"(,"activationPeriodExtensionMins":481})") ==
              "activationPeriodExtensionMins is 481 minutes, more than the policy's maximum of 480.");
        CHECK(refused("extend", "{" + id + R"(,"activationPeriodExtensionMins":11})") ==
              "The activation period with its extensions is 481 minutes, more than the policy's maximum of "
              "480.");
        CHECK(client.extend(k_prod_db_admin, 10).status == 202);
        CHECK(client.state("minutes") == "480");
    }
    SECTION("the policy's maximum can be set") {
        Behaviour behaviour;
        behaviour.max_minutes = 30;
        PracticeClient strict(behaviour);
        CHECK(strict.activate(k_prod_db_admin, 31).status == 400);
        CHECK(strict.activate(k_prod_db_admin, 30).status == 202);
    }
    SECTION("requestOrigin and metaData are checked where they are there") {
        const std::string start = "{" + id + R"(,"activationPeriodMins":1)";
        CHECK(refused("activate", start + R"(,"requestOrigin":1})") == "requestOrigin must be a string.");
        CHECK(refused("activate", start + R"(,"metaData":"x"})") == "metaData must be an object.");
        CHECK(refused("activate", start + R"(,"metaData":{"channelId":4}})") ==
              "metaData.channelId must be a string.");
        CHECK(client
                  .post("activate",
                        start + R"(,"requestOrigin":"cli","metaData":{"type":"cli","n":4},"more":1})")
                  .status == 202);
        CHECK(refused("deactivate", "{" + id + R"(,"metaData":[]})") == "metaData must be an object.");
        CHECK(refused("extend", "{" + id + R"(,"activationPeriodExtensionMins":1,"requestOrigin":null})") ==
              "requestOrigin must be a string.");
    }
    SECTION("the connection must exist, be the caller's, and be of type JIT") {
        const auto ask = [&](const std::string& digits, int status) {
            return refused("activate",
                           R"({"connectionId":"c0ffee00-0000-4000-8000-0000000000)" + digits +
                               R"(","activationPeriodMins":1})",
                           status);
        };
        CHECK(ask("99", 404) ==
              "Entitlement connection c0ffee00-0000-4000-8000-000000000099 was not found for the identity.");
        CHECK(ask("31", 404) ==
              "Entitlement connection c0ffee00-0000-4000-8000-000000000031 was not found for the identity.");
        CHECK(ask("12", 400) == "Entitlement connection c0ffee00-0000-4000-8000-000000000012 is of type "
                                "STANDING; only connections "
                                "of type JIT can be activated, extended or deactivated.");
        CHECK(ask("13", 400).find("is of type NA;") != std::string::npos);
    }
    SECTION("what is refused changes nothing") {
        (void)client.activate(k_prod_db_admin, 481);
        (void)client.activate("c0ffee00-0000-4000-8000-000000000012", 1);
        CHECK(client.get("/sandbox/activations").body == "[]");
        CHECK(client.journal("/applied") == "{}");
    }
}

TEST_CASE("sandbox::api tells what goes wrong") {
    Api api(builtin_data(), {}, FaultRules(0, {*parse_fault_rule("any@1:apply-reset")}));
    const Request asked{"GET", "/x", "", {}, "", 1};

    SECTION("a request is told its fault, and is in the journal with it") {
        const auto receipt = api.receive(asked, noon());
        REQUIRE(receipt.fault);
        CHECK(receipt.fault->applied);
        const Request look{"GET", "/sandbox/journal", "", {}, "", 2};
        CHECK_FALSE(api.receive(look, noon()).fault);
        CHECK(json_at(api.apply(look, noon()).body, "/requests/0/status") == "null");
        api.answered(receipt, 0);
        CHECK(json_at(api.apply(look, noon()).body, "/requests/0/status") == "0");
        CHECK(json_at(api.apply(look, noon()).body, "/requests/0/fault") == "apply-reset");
        CHECK_FALSE(api.receive(asked, noon()).fault);
    }
    SECTION("what cannot be read does not count") {
        api.refused(asked, 413, noon());
        CHECK(api.receive(asked, noon()).fault);
    }
}
