#include "sandbox/tokens.hpp"
#include "support/catch.hpp"
#include "unit/sandbox/practice_client.hpp"

using namespace jit;
using namespace jit::sandbox;
using namespace jit::sandbox::test;

namespace {

/// The payload of a JWT.
std::string payload_of(const std::string& jwt) {
    const std::size_t first = jwt.find('.') + 1;
    const std::string part = jwt.substr(first, jwt.rfind('.') - first);
    constexpr std::string_view k_alphabet =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    std::string out;
    unsigned bits = 0;
    unsigned held = 0;
    for (const char c : part) {
        bits = bits << 6U | static_cast<unsigned>(k_alphabet.find(c));
        held += 6;
        if (held >= 8) {
            held -= 8;
            out.push_back(static_cast<char>(bits >> held & 0xFFU));
        }
    }
    return out;
}

} // namespace

TEST_CASE("sandbox::oauth") {
    PracticeClient client;
    const Pat pat = builtin_data().identities[0].pat;
    const std::string credentials = "client_id=" + pat.client_id + "&client_secret=" + pat.client_secret;
    const std::string form = "grant_type=client_credentials&" + credentials;

    SECTION("a PAT gets a bearer token that says how long it lives") {
        const auto response = client.token_request(form);
        CHECK(response.status == 200);
        CHECK(json_at(response.body, "/token_type") == "bearer");
        CHECK(json_at(response.body, "/expires_in") == "43200");
        CHECK(header_of(response, "Cache-Control") == "no-store");
    }
    SECTION("the token's payload names the user, the tenant, the scopes and the times") {
        const std::string payload = payload_of(client.token);
        CHECK(json_at(payload, "/user_name") == "robin.ops");
        CHECK(json_at(payload, "/org") == "practice");
        CHECK(json_at(payload, "/pod") == "sandbox");
        CHECK(json_at(payload, "/identity_id") == "1d000000000000000000000000000001");
        CHECK(json_at(payload, "/scope") == R"(["sp:scopes:all"])");
        CHECK(json_at(payload, "/iat") == "1795521600");
        CHECK(json_at(payload, "/exp") == "1795564800");
        CHECK(json_at(payload, "/jti").size() == 36);
    }
    SECTION("the lifetime can be set") {
        Behaviour behaviour;
        behaviour.token_lifetime = std::chrono::seconds(5);
        PracticeClient brief(behaviour);
        CHECK(json_at(brief.token_request(form).body, "/expires_in") == "5");
        CHECK(brief.activate(k_prod_db_admin, 1).status == 202);
        brief.now += std::chrono::seconds(5);
        CHECK(brief.activate(k_prod_db_admin, 1).status == 401);
        brief.login(0);
        CHECK(brief.activate("c0ffee00-0000-4000-8000-000000000002", 1).status == 202);
    }
    SECTION("without user context the token names no user") {
        const std::string payload = payload_of(PracticeClient({}, 4).token);
        CHECK(json_at(payload, "/user_name").empty());
        CHECK(json_at(payload, "/identity_id").empty());
        CHECK(json_at(payload, "/org") == "practice");
    }
    SECTION("each token is another one") {
        const std::string first = client.token;
        client.login(0);
        CHECK(client.token != first);
    }
    SECTION("values may be percent-encoded") {
        CHECK(client.token_request("grant_type=client%5Fcredentials&" + credentials).status == 200);
    }
    SECTION("a refusal has the shape of RFC 6749") {
        const auto check = [&](const std::string& body, int status, const std::string& expected) {
            const auto response = client.token_request(body);
            CHECK(response.status == status);
            CHECK(response.body == expected);
        };
        check("grant_type=client_credentials&client_id=" + pat.client_id + "&client_secret=wrong", 401,
              R"({"error":"invalid_client","error_description":"Bad client credentials"})");
        check("grant_type=client_credentials&client_id=x&client_secret=" + pat.client_secret, 401,
              R"({"error":"invalid_client","error_description":"Bad client credentials"})");
        check(
            "grant_type=password&" + credentials, 400,
            R"({"error":"unsupported_grant_type","error_description":"The grant type must be client_credentials"})");
        check(credentials, 400,
              R"({"error":"invalid_request","error_description":"Missing form parameter: grant_type"})");
        check("grant_type=client_credentials&client_id=x", 400,
              R"({"error":"invalid_request","error_description":"Missing form parameter: client_secret"})");
        check(form + "&client_id=x", 400,
              R"({"error":"invalid_request","error_description":"Repeated form parameter: client_id"})");
        for (const char* const type : {"application/json", "multipart/form-data; boundary=x", ""}) {
            CHECK(json_at(client.token_request(form, type).body, "/error_description") ==
                  "The body must be application/x-www-form-urlencoded or multipart/form-data");
        }
    }
    SECTION("the parameters may be in a multipart body, in the query, or some in each") {
        const auto part = [](const std::string& head, const std::string& value) {
            return "--b-1\r\n" + head + "\r\n\r\n" + value + "\r\n";
        };
        const auto named = [&part](const std::string& name, const std::string& value) {
            return part("Content-Disposition: form-data; name=\"" + name + "\"", value);
        };
        const std::string multipart = "multipart/form-data; boundary=b-1";
        const std::string body =
            named("grant_type", "client_credentials") +
            part("Content-Type: text/plain\r\ncontent-disposition:form-data;name=client_id", pat.client_id) +
            named("client_secret", pat.client_secret) + "--b-1--\r\n";
        CHECK(client.token_request(body, multipart).status == 200);
        CHECK(client
                  .token_request("preamble\r\n" + body + "epilogue",
                                 "Multipart/Form-Data; charset=x; boundary=\"b-1\"")
                  .status == 200);
        CHECK(client.token_request(named("grant_type", "") + "--b-1--", multipart).status == 400);
        CHECK(client.token_request(body, "multipart/form-data; boundary=other").status == 400);
        CHECK(client.token_request(body.substr(0, body.size() - 20), multipart).status == 400);

        const auto ask = [&client](const std::string& query, const Headers& headers,
                                   const std::string& text) {
            return client.send({"POST", "/oauth/token", query, headers, text, 1}).status;
        };
        CHECK(ask(form, {}, "") == 200);
        CHECK(ask(form, {{"Content-Type", "application/json"}}, "") == 200);
        CHECK(ask("grant_type=client_credentials", {{"Content-Type", "application/x-www-form-urlencoded"}},
                  credentials) == 200);
        CHECK(ask(form, {{"Content-Type", "application/x-www-form-urlencoded"}}, "client_id=x") == 400);
        CHECK(ask(credentials, {}, "") == 400);
        CHECK(client.get("/sandbox/journal").body.find(pat.client_secret) == std::string::npos);
    }
}

TEST_CASE("sandbox::base64url") {
    // The test vectors of RFC 4648, 10, and the two characters that differ from plain base64.
    CHECK(base64url("").empty());
    CHECK(base64url("f") == "Zg");
    CHECK(base64url("fo") == "Zm8");
    CHECK(base64url("foo") == "Zm9v");
    CHECK(base64url("foobar") == "Zm9vYmFy");
    CHECK(base64url("\xfb\xff") == "-_8");
}
