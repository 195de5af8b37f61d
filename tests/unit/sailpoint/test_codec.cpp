#include "sailpoint/codec.hpp"

#include "support/catch.hpp"
#include "util/text.hpp"

using namespace jit;
using namespace jit::sailpoint;

namespace {

const Uuid k_connection = *Uuid::parse("757fb803-9024-5861-e510-83a56e4c5bd3");

std::string nested(int levels) {
    const auto count = static_cast<std::size_t>(levels);
    return "{\"a\":" + std::string(count, '[') + std::string(count, ']') + "}";
}

} // namespace

TEST_CASE("sailpoint::encode_request") {
    SECTION("just what the contract asks for") {
        CHECK(encode_request({Operation::activate, k_connection, 60}) ==
              R"({"connectionId":"757fb803-9024-5861-e510-83a56e4c5bd3","activationPeriodMins":60})");
        CHECK(
            encode_request({Operation::extend, k_connection, 2147483647}) ==
            R"({"connectionId":"757fb803-9024-5861-e510-83a56e4c5bd3","activationPeriodExtensionMins":2147483647})");
        CHECK(encode_request({Operation::deactivate, k_connection, 60}) ==
              R"({"connectionId":"757fb803-9024-5861-e510-83a56e4c5bd3"})");
    }
    SECTION("origin and metadata are passed on, whatever they hold") {
        CHECK(
            encode_request(
                {Operation::deactivate, k_connection, 0, "sl\"ack", {{"a", "1"}, {"b\\", "é\n"}}}) ==
            R"({"connectionId":"757fb803-9024-5861-e510-83a56e4c5bd3","requestOrigin":"sl\"ack","metaData":)"
            R"({"a":"1","b\\":"é\n"}})");
    }
}

TEST_CASE("sailpoint::decode_acceptance") {
    SECTION("the contract's example") {
        const auto answer = decode_acceptance(
            R"({"id":"jit-activation-abc123","activationId":"8a9b0c1d-2e3f-4a5b-6c7d-8e9f0a1b2c3d",)"
            R"("connectionId":"757fb803-9024-5861-e510-83a56e4c5bd3","activationPeriodMins":120,"status":"CREATING",)"
            R"("startTime":"2025-10-11T21:23:15.000Z"})",
            Operation::activate);
        REQUIRE(answer);
        CHECK(answer->id == "jit-activation-abc123");
        CHECK(answer->activation_id == "8a9b0c1d-2e3f-4a5b-6c7d-8e9f0a1b2c3d");
        CHECK(answer->connection_id == "757fb803-9024-5861-e510-83a56e4c5bd3");
        CHECK(answer->minutes == "120");
        CHECK(answer->status == "CREATING");
        CHECK(format_rfc3339(*expiry_of(*answer)) == "2025-10-11T23:23:15Z");
    }
    SECTION("extend has its own name for the minutes") {
        CHECK(decode_acceptance(R"({"activationPeriodExtensionMins":5})", Operation::extend)->minutes == "5");
    }
    SECTION("fields that are missing, null or of another type are empty") {
        const auto answer = decode_acceptance(
            R"({"id":null,"activationId":["x"],"connectionId":{"a":1},"status":false,"startTime":12})",
            Operation::activate);
        REQUIRE(answer);
        CHECK(answer->id.empty());
        CHECK(answer->activation_id.empty());
        CHECK(answer->connection_id.empty());
        CHECK(answer->status == "false");
        CHECK(answer->start_time == "12");
        CHECK_FALSE(expiry_of(*answer));
    }
    SECTION("what is no JSON object is nothing") {
        for (const char* body : {"", " ", "null", "[]", "\"x\"", "1", "{", "{}x", "{\"a\":}", "<html></html>",
                                 "{\"a\":\"\xFF\"}", "{\"a\":\"\xC3\"}", "{'a':1}"}) {
            INFO(body);
            CHECK_FALSE(decode_acceptance(body, Operation::activate));
        }
        CHECK_FALSE(decode_acceptance(std::string_view("{}\0x", 4), Operation::activate));
    }
    SECTION("nesting is limited, and does not overflow the stack") {
        CHECK(decode_acceptance(nested(63), Operation::activate));
        CHECK_FALSE(decode_acceptance(nested(64), Operation::activate));
        CHECK_FALSE(decode_acceptance(nested(2000000), Operation::activate));
        CHECK_FALSE(decode_acceptance(std::string(2000000, '['), Operation::activate));
    }
}

TEST_CASE("sailpoint::expiry_of") {
    SECTION("the longest period there is") {
        Acceptance answer{"{}"};
        answer.start_time = "2026-11-24T12:00:00Z";
        answer.minutes = "2147483647";
        CHECK(format_rfc3339(*expiry_of(answer)) == "6109-12-17T14:07:00Z");
        answer.minutes = "2147483648";
        CHECK_FALSE(expiry_of(answer));
    }
    SECTION("an end that RFC 3339 cannot say is none") {
        Acceptance answer{"{}"};
        answer.start_time = "9999-12-31T23:00:00Z";
        answer.minutes = "59";
        CHECK(format_rfc3339(*expiry_of(answer)) == "9999-12-31T23:59:00Z");
        answer.minutes = "60";
        CHECK_FALSE(expiry_of(answer));
    }
}

TEST_CASE("sailpoint::is_failed") {
    for (const char* status : {"ERROR", "error", "INVALID", "REVOKED", "CANCELLED", "TIMED_OUT"}) {
        INFO(status);
        CHECK(is_failed(Operation::activate, status));
        CHECK(is_failed(Operation::extend, status));
    }
    for (const char* status : {"CREATING", "PROVISIONED", "COMPLETED", "SOMETHING_NEW", ""}) {
        INFO(status);
        CHECK_FALSE(is_failed(Operation::activate, status));
    }
    CHECK(is_failed(Operation::deactivate, "ERROR"));
    CHECK_FALSE(is_failed(Operation::deactivate, "REVOKED"));
}

TEST_CASE("sailpoint::decode_error") {
    SECTION("the API's shape: a cause says more than a message") {
        const ApiError error = decode_error(
            R"({"detailCode":"400.1 Bad Request Content","trackingId":"e7ea","messages":[{"locale":"en-US","text":"general"}],)"
            R"("causes":[{"text":"one"},{"text":" two "},{"text":""},{"locale":"x"},7,"three"]})");
        CHECK(error.detail_code == "400.1 Bad Request Content");
        CHECK(error.tracking_id == "e7ea");
        CHECK(error.text == "one; two; 7; three");
    }
    SECTION("without causes, the messages") {
        CHECK(decode_error(R"({"causes":[],"messages":[{"text":"general"}]})").text == "general");
        CHECK(decode_error(R"({"causes":null,"messages":[{"text":"general"}]})").text == "general");
    }
    SECTION("the other shapes") {
        CHECK(decode_error(R"({"error":"JWT validation failed: JWT is expired"})").text ==
              "JWT validation failed: JWT is expired");
        CHECK(decode_error(R"({"error":"invalid_client","error_description":"Bad client"})").text ==
              "Bad client");
        CHECK(decode_error(R"({"message":" Rate Limit Exceeded "})").text == "Rate Limit Exceeded");
    }
    SECTION("anything else is an empty error") {
        for (const char* body :
             {"", "<html>502</html>", "[]", "{}", R"({"detailCode":{},"messages":"x","causes":7})"}) {
            INFO(body);
            const ApiError error = decode_error(body);
            CHECK(error.detail_code.empty());
            CHECK(error.text.empty());
        }
    }
}

TEST_CASE("sailpoint::decode_token") {
    using namespace std::chrono_literals;
    CHECK(decode_token(R"({"access_token":"abc.def","expires_in":3})")->token.reveal() == "abc.def");
    CHECK(decode_token(R"({"access_token":"abc.def","expires_in":3})")->lifetime == 3s);
    for (const char* life : {"0", "-1", "1.5", "\"x\"", "null", "99999999999999999999"}) {
        CHECK(decode_token(concat({R"({"access_token":"abc.def","expires_in":)", life, "}"}))->lifetime ==
              std::nullopt);
    }
    for (const char* body :
         {"", "{}", R"({"access_token":null})", R"({"access_token":""})", R"({"access_token":["a"]})",
          R"({"access_token":true})", R"({"access_token":"a b"})", R"({"access_token":"a\r\nX-Evil: 1"})",
          R"({"access_token":"\u0000"})", R"({"access_token":"é"})"}) {
        INFO(body);
        CHECK_FALSE(decode_token(body));
    }
}

TEST_CASE("sailpoint::decode_kept_token") {
    const TimePoint issued = *parse_rfc3339("2026-11-24T12:00:00Z");
    const KeptToken kept{"https://a", Secret("id"), Secret("to.ken"), issued,
                         issued + std::chrono::hours(12)};
    const Secret text = encode_kept_token(kept);
    CHECK(text.reveal() == R"({"base_url":"https://a","client_id":"id","access_token":"to.ken",)"
                           R"("issued":1795521600,"expires":1795564800})");
    const auto read = decode_kept_token(text.reveal());
    REQUIRE(read);
    CHECK(read->base_url == kept.base_url);
    CHECK(read->client_id.reveal() == "id");
    CHECK(read->token.reveal() == "to.ken");
    CHECK(read->issued == kept.issued);
    CHECK(read->expires == kept.expires);
    for (std::size_t size = 0; size < text.size(); ++size) {
        CHECK_FALSE(decode_kept_token(text.reveal().substr(0, size)));
    }
    for (const char* broken :
         {"{}", "[]", R"({"access_token":"a b","issued":1,"expires":2})",
          R"({"access_token":"a","issued":"x","expires":2})", R"({"access_token":"a","issued":1})",
          R"({"access_token":{},"issued":1,"expires":2})",
          R"({"access_token":false,"issued":1,"expires":2})"}) {
        CHECK_FALSE(decode_kept_token(broken));
    }
}

TEST_CASE("sailpoint::decode_claims") {
    // {"user_name":"robin.ops","org":"acme","pod":"p1","identity_id":"2c","exp":1795564800,"scope":["a","b"]}
    const auto claims = decode_claims(
        Secret("x.eyJ1c2VyX25hbWUiOiJyb2Jpbi5vcHMiLCJvcmciOiJhY21lIiwicG9kIjoicDEiLCJpZGVudGl0eV9pZC"
               "I6IjJjIiwiZXhwIjoxNzk1NTY0ODAwLCJzY29wZSI6WyJhIiwiYiJdfQ.y"));
    REQUIRE(claims);
    CHECK(claims->user_name == "robin.ops");
    CHECK(claims->org == "acme");
    CHECK(claims->pod == "p1");
    CHECK(claims->identity_id == "2c");
    CHECK(claims->expires == parse_rfc3339("2026-11-25T00:00:00Z"));
    CHECK(claims->scopes == std::vector<std::string>{"a", "b"});
    SECTION("scopes in one text, as OAuth has them") { // {"scope":"a  b "}
        CHECK(decode_claims(Secret("x.eyJzY29wZSI6ImEgIGIgIn0.y"))->scopes ==
              std::vector<std::string>{"a", "b"});
    }
    SECTION("what is of another type is left out") { // {"user_name":[],"exp":"x","scope":{}}
        const auto odd = decode_claims(Secret("x.eyJ1c2VyX25hbWUiOltdLCJleHAiOiJ4Iiwic2NvcGUiOnt9fQ==.y"));
        REQUIRE(odd);
        CHECK(odd->user_name.empty());
        CHECK_FALSE(odd->expires);
        CHECK(odd->scopes.empty());
    }
    SECTION("what is no JWT") {
        for (const char* text : {"", "opaque", "a.b", "..", "a.!!!.c", "a.W10.c", "a.e30"}) {
            CHECK_FALSE(decode_claims(Secret(text)));
        }
    }
}

TEST_CASE("sailpoint::decode_printed_credentials") {
    const auto printed = decode_printed_credentials(R"({"client_id":"i","client_secret":"s","more":1})");
    REQUIRE(printed);
    CHECK(printed->client_id.reveal() == "i");
    CHECK(printed->client_secret.reveal() == "s");
    CHECK(decode_printed_credentials(R"({"client_secret":"s"})")->client_id.empty());
    for (const char* text : {"", "{}", "s", R"({"client_secret":""})", R"({"client_secret":["s"]})",
                             R"({"client_secret":true})"}) {
        CHECK_FALSE(decode_printed_credentials(text));
    }
}
