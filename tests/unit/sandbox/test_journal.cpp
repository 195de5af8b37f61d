#include "sandbox/form.hpp"
#include "support/catch.hpp"
#include "unit/sandbox/practice_client.hpp"

using namespace jit;
using namespace jit::sandbox;
using namespace jit::sandbox::test;

TEST_CASE("sandbox::journal") {
    PracticeClient client;

    SECTION("a request is shown as it came, with its answer's status") {
        Request request =
            client.post_request("activate", R"({"connectionId":"c0ffee00-0000-4000-8000-000000000001",)"
                                            R"( "activationPeriodMins":5})");
        request.query = "a=1&b=%20";
        request.headers.emplace_back("x-twice", "1");
        request.headers.emplace_back("User-Agent", "test");
        request.headers.emplace_back("X-Twice", "2");
        request.connection = 7;
        client.now += std::chrono::milliseconds(250);
        (void)client.send(request);
        CHECK(
            client.journal("/requests/1") ==
            R"({"n":2,"time":"2026-11-24T12:00:00.250Z","connection":2,"method":"POST",)"
            R"("path":"/jit-activations/v1/activate","query":"a=1&b=%20",)"
            R"("headers":[["Authorization","Bearer <token 1>"],["X-SailPoint-Experimental","true"],)"
            R"(["Content-Type","application/json"],["x-twice","1"],["User-Agent","test"],["X-Twice","2"]],)"
            R"("body":"{\"connectionId\":\"c0ffee00-0000-4000-8000-000000000001\", \"activationPeriodMins\":5}",)"
            R"("status":202})");
    }
    SECTION("it holds no secret and no token") {
        (void)client.activate(k_prod_db_admin, 5);
        (void)client.token_request("client%5Fsecret=very&secret=1&client_secret=private&x");
        CHECK(client.journal("/requests/0/body") ==
              "grant_type=client_credentials&client_id=ca700000000000000000000000000001&client_secret=<"
              "secret>");
        CHECK(client.journal("/requests/2/body") ==
              "client%5Fsecret=<secret>&secret=1&client_secret=<secret>&x");
        const std::string all = client.get("/sandbox/journal").body;
        CHECK(all.find(client.token) == std::string::npos);
        CHECK(all.find("practice-only") == std::string::npos);
    }
    SECTION("a secret in the query is hidden as well") {
        (void)client.send({"POST", "/oauth/token", "client_secret=private&grant_type=x", {}, "", 1});
        CHECK(client.journal("/requests/1/query") == "client_secret=<secret>&grant_type=x");
    }
    SECTION("tokens are told apart") {
        const auto shown = [&](const std::string& authorization) {
            Request request = client.post_request("activate", "{}");
            request.headers[0].second = authorization;
            (void)client.send(request);
            std::string last;
            for (int i = 0;; ++i) {
                const std::string value = client.journal("/requests/" + std::to_string(i) + "/headers/0/1");
                if (value.empty()) {
                    return last;
                }
                last = value;
            }
        };
        const std::string first = client.token;
        client.login(1);
        CHECK(shown("Bearer " + client.token) == "Bearer <token 2>");
        CHECK(shown("bearer " + first) == "Bearer <token 1>");
        CHECK(shown("Bearer x.y.z") == "Bearer <unknown>");
        CHECK(shown("Basic Og==") == "<unknown>");
        client.now += std::chrono::hours(13);
        CHECK(shown("Bearer " + first) == "Bearer <token 1>");
    }
    SECTION("what was applied is counted by connection, what was refused is not") {
        CHECK(client.journal("/applied") == "{}");
        (void)client.activate(k_prod_db_admin, 5);
        (void)client.activate(k_prod_db_admin, 5);
        (void)client.extend(k_prod_db_admin, 5);
        (void)client.extend("C0FFEE00-0000-4000-8000-000000000001", 5);
        (void)client.deactivate(k_prod_db_admin);
        (void)client.deactivate(k_prod_db_admin);
        (void)client.activate("c0ffee00-0000-4000-8000-000000000002", 5);
        CHECK(client.journal("/applied") ==
              R"({"c0ffee00-0000-4000-8000-000000000001":{"activate":1,"extend":2,"deactivate":1},)"
              R"("c0ffee00-0000-4000-8000-000000000002":{"activate":1,"extend":0,"deactivate":0}})");
    }
    SECTION("connections are counted once a request comes that is not to /sandbox/") {
        CHECK(client.journal("/connections") == "1");
        (void)client.send({"GET", "/x", "", {}, "", 5});
        (void)client.send({"GET", "/x", "", {}, "", 5});
        (void)client.send({"GET", "/sandbox", "", {}, "", 6});
        (void)client.send({"GET", "/sandbox/nothing", "", {}, "", 7});
        (void)client.send({"GET", "/sandboxes", "", {}, "", 8});
        CHECK(client.journal("/connections") == "3");
        CHECK(client.journal("/requests/1/connection") == "2");
        CHECK(client.journal("/requests/2/connection") == "2");
        CHECK(client.journal("/requests/3/connection") == "3");
        CHECK(client.journal("/requests/3/status") == "404");
        CHECK(client.journal("/requests/4").empty());
    }
    SECTION("DELETE clears it and keeps the state of the tenant") {
        (void)client.activate(k_prod_db_admin, 5);
        const auto cleared = client.send({"DELETE", "/sandbox/journal", "", {}, "", 1});
        CHECK(cleared.status == 204);
        CHECK(cleared.body.empty());
        CHECK(client.get("/sandbox/journal").body == R"({"connections":0,"requests":[],"applied":{}})");
        CHECK(client.state() == "CREATING");
        (void)client.extend(k_prod_db_admin, 5);
        CHECK(client.journal("/requests/0/n") == "1");
        CHECK(client.journal("/requests/0/connection") == "1");
        CHECK(client.journal("/requests/0/headers/0/1") == "Bearer <token 1>");
    }
    SECTION("a request has no status until it is answered, and clearing meanwhile is harmless") {
        Api api(builtin_data(), {});
        const Request request{"GET", "/x", "", {}, "", 1};
        const auto receipt = api.receive(request, noon());
        const Request look{"GET", "/sandbox/journal", "", {}, "", 2};
        CHECK(json_at(api.handle(look, noon()).body, "/requests/0/status") == "null");
        (void)api.handle({"DELETE", "/sandbox/journal", "", {}, "", 2}, noon());
        const auto response = api.apply(request, noon());
        api.answered(receipt, response.status);
        CHECK(json_at(api.handle(look, noon()).body, "/requests") == "[]");
    }
    SECTION("bytes that are not UTF-8 do not break it") {
        (void)client.send({"GET", "/\xff", "", {{"X", "a\xc3("}}, std::string("\xed\xa0\x80\0z", 5), 1});
        CHECK(client.journal("/requests/1/path") == "/\xEF\xBF\xBD");
        CHECK(client.journal("/requests/1/headers") == "[[\"X\",\"a\xEF\xBF\xBD(\"]]");
        CHECK(client.journal("/requests/1/body") ==
              std::string("\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\0z", 11));
    }
}

TEST_CASE("sandbox::form") {
    using Fields = std::vector<std::pair<std::string, std::string>>;
    CHECK(parse_form("a=1&b=x%20y+z&c&=d&&e=%zz%4") ==
          Fields{{"a", "1"}, {"b", "x y z"}, {"c", ""}, {"", "d"}, {"e", "%zz%4"}});
    CHECK(parse_form("").empty());
    CHECK(form_decode("%41%2b%") == "A+%");
    CHECK(replace_form_value("a=1&s=2&", "s", "*") == "a=1&s=*&");
    CHECK(replace_form_value("s", "s", "*") == "s");
}
