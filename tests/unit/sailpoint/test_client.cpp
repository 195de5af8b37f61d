#include "sailpoint/operations.hpp"

#include "support/fakes.hpp"

using namespace jit;
using namespace jit::sailpoint;
using http::Failure;

namespace {

const Uuid k_connection = *Uuid::parse("757fb803-9024-5861-e510-83a56e4c5bd3");
constexpr const char* k_name = "757fb803-9024-5861-e510-83a56e4c5bd3";

class FakeTokens final : public TokenSource {
public:
    [[nodiscard]] Result<Secret> token() override { return next; }
    [[nodiscard]] std::string when_refused() const override { return "get another"; }
    [[nodiscard]] bool renew(const Secret& refused) override {
        refusals.emplace_back(refused.reveal());
        return std::exchange(has_another, false);
    }
    Result<Secret> next = Secret("tokentoken");
    bool has_another = false;
    std::vector<std::string> refusals;
};

struct Fixture {
    test::FakeTransport transport;
    FakeTokens tokens;
    test::FakeClock clock;
    Client client{transport, tokens, "https://acme.example", clock};

    Result<Acceptance> start(Operation operation = Operation::activate) {
        Operations operations(client);
        operations.begin(0, {operation, k_connection, 60});
        for (;;) {
            REQUIRE(operations.size() == 1);
            if (auto done = operations.wait({})) {
                CHECK(operations.size() == 0);
                return std::move(done->result);
            }
        }
    }
    Error error(Operation operation = Operation::activate) {
        auto result = start(operation);
        REQUIRE_FALSE(result);
        return result.error();
    }
};

bool contains(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

} // namespace

TEST_CASE("sailpoint::start") {
    SECTION("the request, to the byte") {
        Fixture it;
        it.transport.answer(202, R"({"status":"CREATING"})");
        const auto answer = it.start();
        REQUIRE(answer);
        CHECK(answer->status == "CREATING");
        const http::Request& request = it.transport.requests.front();
        CHECK(request.method == http::Method::post);
        CHECK(request.url == "https://acme.example/jit-activations/v1/activate");
        CHECK(request.bearer.reveal() == "tokentoken");
        CHECK(request.body.reveal() ==
              R"({"connectionId":"757fb803-9024-5861-e510-83a56e4c5bd3","activationPeriodMins":60})");
        REQUIRE(request.headers.size() == 3);
        CHECK(request.headers[0].value == "application/json");
        CHECK(request.headers[1].value == "application/json");
        CHECK(request.headers[2].name == "X-SailPoint-Experimental");
        CHECK(request.headers[2].value == "true");
    }
    SECTION("without a token nothing is sent") {
        Fixture it;
        it.tokens.next = usage_error("no token");
        CHECK(it.error().message == "no token");
        CHECK(it.transport.requests.empty());
    }
    SECTION("each status has its code, and says that nothing was changed") {
        const std::vector<std::pair<int, ErrorKind>> codes = {
            {400, ErrorKind::refused}, {401, ErrorKind::unauthenticated}, {403, ErrorKind::forbidden},
            {404, ErrorKind::refused}, {409, ErrorKind::refused},         {412, ErrorKind::refused},
            {418, ErrorKind::refused}, {422, ErrorKind::refused},         {429, ErrorKind::rate_limited}};
        for (const auto& [status, code] : codes) {
            INFO(status);
            Fixture it;
            it.transport.answer(status, R"({"message":"why."})", {{"Retry-After", "9"}});
            const Error error = it.error();
            CHECK(error.kind == code);
            CHECK(error.http_status == status);
            CHECK(error.message == "activate of " + std::string(k_name) + " was refused: HTTP " +
                                       std::to_string(status) + ": why; nothing was changed");
            CHECK_FALSE(error.hint.empty());
        }
    }
    SECTION("the API's error: detail code, cause, tracking ID") {
        Fixture it;
        it.transport.answer(
            400,
            R"({"detailCode":"400.1 Bad","trackingId":"e7ea","causes":[{"text":"because"}],"messages":[]})");
        const Error error = it.error();
        CHECK(error.message ==
              "activate of " + std::string(k_name) +
                  " was refused: HTTP 400, 400.1 Bad: because (tracking ID e7ea); nothing was changed");
        CHECK(error.detail_code == "400.1 Bad");
        CHECK(error.tracking_id == "e7ea");
    }
    SECTION("hints tell what to do next") {
        Fixture missing;
        missing.transport.answer(404, R"({"detailCode":"404 Not found"})");
        const Error error = missing.error(Operation::extend);
        CHECK(contains(error.message, "HTTP 404 Not found;"));
        CHECK(contains(error.hint, "jit activate -e " + std::string(k_name)));

        Fixture forbidden;
        forbidden.transport.answer(403, R"({"detailCode":"403 Forbidden"})");
        CHECK(
            contains(forbidden.error(Operation::deactivate).hint, "idn:jit-activation-workflow:deactivate"));

        Fixture refused;
        refused.transport.answer(401, R"({"error":"expired"})");
        CHECK(refused.error().hint == "get another");

        Fixture limited;
        limited.transport.answer(429, "", {{"Retry-After", "9"}});
        CHECK(contains(limited.error().hint, "in 9 s"));

        Fixture later;
        later.transport.answer(429, "", {{"Retry-After", "Tue, 24 Nov 2026 12:00:30 GMT"}});
        CHECK(later.error().retry_after == std::chrono::seconds(30));

        Fixture elsewhere;
        elsewhere.transport.answer(404, "<html>");
        CHECK(contains(elsewhere.error(Operation::deactivate).hint, "base URL"));
    }
    SECTION("5xx leaves open what was done") {
        for (const int status : {500, 502, 503, 504}) {
            Fixture it;
            it.transport.answer(status, "<html>");
            const Error error = it.error();
            CHECK(error.kind == ErrorKind::unknown_outcome);
            CHECK(error.http_status == status);
            CHECK(contains(error.message, "it may or may not have been carried out"));
            CHECK(contains(error.hint, "before you send it again"));
        }
    }
    SECTION("what is not the API's answer is not taken for success") {
        const std::vector<std::pair<int, const char*>> answers = {
            {200, "{}"},
            {201, "{}"},
            {200, R"({"connectionId":"00000000-0000-0000-0000-000000000000"})"},
            {200, "<html>"},
            {204, ""},
            {302, ""},
            {202, ""},
            {202, "<html>"},
            {202, "[]"},
            {202, R"({"connectionId":"00000000-0000-0000-0000-000000000000"})"},
            {202, R"({"connectionId":"x"})"}};
        for (const auto& [status, body] : answers) {
            INFO(status << " " << body);
            Fixture it;
            it.transport.answer(status, body);
            const Error error = it.error();
            CHECK(error.kind == ErrorKind::server);
            CHECK(error.http_status == status);
            CHECK(contains(error.message, "is not the API's"));
            CHECK(contains(error.message, "it may or may not have been carried out"));
        }
    }
    SECTION("200 and 201 that name the connection are as good as 202") {
        for (const int status : {200, 201}) {
            Fixture it;
            it.transport.answer(status, R"({"connectionId":"757fb803-9024-5861-e510-83a56e4c5bd3"})");
            CHECK(it.start());
        }
    }
    SECTION("a refusal that says that one is under way already") {
        Fixture it;
        it.transport.answer(400, R"({"messages":[{"text":"Access is already active."}]})");
        CHECK(it.error().already_under_way);
        Fixture other;
        other.transport.answer(400, R"({"messages":[{"text":"The maximum is 60 minutes."}]})");
        CHECK_FALSE(other.error().already_under_way);
    }
    SECTION("the connection may be spelled in another way") {
        Fixture it;
        it.transport.answer(202, R"({"connectionId":"757FB80390245861E51083A56E4C5BD3"})");
        CHECK(it.start());
    }
    SECTION("no connection: nothing was sent") {
        for (const auto kind : {Failure::Kind::unreachable, Failure::Kind::permanent}) {
            Fixture it;
            it.transport.fail({kind, false, "cannot reach it", "check it"});
            const Error error = it.error();
            CHECK(error.kind == ErrorKind::unreachable);
            CHECK(error.message == "activate of " + std::string(k_name) +
                                       " was not sent: cannot reach it; nothing was changed");
            CHECK(error.hint == "check it");
        }
    }
    SECTION("no answer: nobody knows") {
        Fixture it;
        it.transport.fail({Failure::Kind::no_answer, true, "reset", "", 202});
        const Error error = it.error();
        CHECK(error.kind == ErrorKind::unknown_outcome);
        CHECK(error.http_status == 202);
        CHECK(error.message ==
              "activate of " + std::string(k_name) +
                  " was sent, but reset (HTTP 202); it may or may not have been carried out");
    }
    SECTION("an answer that is not HTTP, or too large") {
        Fixture it;
        it.transport.fail({Failure::Kind::bad_answer, true, "garbage"});
        CHECK(it.error().kind == ErrorKind::server);
    }
    SECTION("interrupted before and after it was sent") {
        Fixture before;
        before.transport.fail({Failure::Kind::interrupted, false, ""});
        CHECK(before.error().message ==
              "interrupted before activate of " + std::string(k_name) + " was sent; nothing was changed");
        Fixture after;
        after.transport.fail({Failure::Kind::interrupted, true, ""});
        const Error error = after.error();
        CHECK(error.kind == ErrorKind::interrupted);
        CHECK(error.message == "interrupted after activate of " + std::string(k_name) +
                                   " was sent; it may or may not have been carried out");
        CHECK_FALSE(error.hint.empty());
    }
}

TEST_CASE("sailpoint::request_token") {
    test::FakeTransport transport;
    const test::FakeClock clock;
    const auto request = [&] {
        return request_token(transport, "https://acme.example", Secret("id"), Secret("s&cr=t/+"), clock);
    };
    SECTION("the request, to the byte") {
        transport.answer(200, R"({"access_token":"tokentoken","token_type":"bearer","expires_in":9})",
                         {{"Date", "Tue, 24 Nov 2026 12:00:05 GMT"}});
        const auto token = request();
        REQUIRE(token);
        CHECK(token->token.reveal() == "tokentoken");
        CHECK(token->lifetime == std::chrono::seconds(9));
        CHECK(token->server_time == parse_rfc3339("2026-11-24T12:00:05Z"));
        const http::Request& sent = transport.requests.front();
        CHECK(sent.url == "https://acme.example/oauth/token");
        CHECK(sent.body.reveal() ==
              "grant_type=client_credentials&client_id=id&client_secret=s%26cr%3Dt%2F%2B");
        CHECK(sent.confidential);
        CHECK(sent.bearer.empty());
    }
    SECTION("refused credentials: 400 and 401") {
        for (const int status : {400, 401}) {
            test::FakeTransport refusing;
            refusing.answer(status, R"({"error":"invalid_client","error_description":"Bad client"})");
            const auto token =
                request_token(refusing, "https://acme.example", Secret("id"), Secret("secret"), clock);
            REQUIRE_FALSE(token);
            CHECK(token.error().kind == ErrorKind::unauthenticated);
            CHECK(contains(token.error().message, "Bad client"));
            CHECK(contains(token.error().hint, "client ID and secret"));
        }
    }
    SECTION("a lost token request has changed nothing, so its outcome is known") {
        transport.fail({Failure::Kind::no_answer, true, "reset"});
        const auto token = request();
        CHECK(token.error().kind == ErrorKind::server);
    }
    SECTION("5xx, and a 200 that has no token") {
        transport.answer(503, "");
        CHECK(request().error().kind == ErrorKind::server);
        transport.answer(200, "<html>sign in</html>");
        CHECK(request().error().kind == ErrorKind::server);
    }
}

TEST_CASE("sailpoint::start sends again, once, where a token is refused and there is another") {
    Fixture it;
    it.tokens.has_another = true;
    SECTION("and it is accepted") {
        it.transport.answer(401, "");
        it.transport.answer(202, R"({"status":"CREATING"})");
        CHECK(it.start());
        CHECK(it.transport.requests[0].body.reveal() == it.transport.requests[1].body.reveal());
    }
    SECTION("and that is refused as well") {
        it.transport.answer(401, "");
        it.transport.answer(401, "");
        CHECK(it.error().kind == ErrorKind::unauthenticated);
    }
    SECTION("no other status does that") {
        it.transport.answer(403, "");
        CHECK(it.error().kind == ErrorKind::forbidden);
        it.tokens.refusals.emplace_back("tokentoken");
    }
    CHECK(it.tokens.refusals == std::vector<std::string>{"tokentoken"});
}

TEST_CASE("sailpoint::Client::service_now") {
    Fixture it; // whose machine is 40 minutes ahead
    it.transport.answer(202, "{}", {{"Date", "Tue, 24 Nov 2026 11:20:00 GMT"}});
    (void)it.start();
    const TimePoint told = *parse_rfc3339("2026-11-24T11:20:00Z");
    CHECK(it.client.service_now() == told);
    it.clock.step(std::chrono::hours(-2));
    CHECK(it.client.service_now() == told);
    it.clock.suspend(std::chrono::hours(1));
    CHECK(it.client.service_now() == told + std::chrono::hours(1));
}
