#include "support/catch.hpp"
#include "json/error.hpp"
#include "json/object.hpp"
#include "json/properties.hpp"

using namespace jit;
using namespace jit::json;

namespace {

std::string one_line(std::string_view object, const std::vector<Member>& members = {}) {
    return encode_object(object, members, Layout::one_line);
}

} // namespace

TEST_CASE("json::encode_object") {
    SECTION("every field is kept as the service wrote it, and ours follow") {
        CHECK(one_line(R"({ "n": 12345678901234567890123, "f": 1.0, "x": [ {"y": null} ], "t": true })",
                       {{"entitlement", "A \"B\""}}) ==
              R"({"n":12345678901234567890123,"f":1.0,"x":[{"y":null}],"t":true,"entitlement":"A \"B\""})");
    }
    SECTION("a member that we add replaces the service's, with all that is in it") {
        CHECK(one_line(R"({"entitlement":{"a":{"entitlement":[1,{"b":2}]},"c":[3]},"z":{"entitlement":1}})",
                       {{"entitlement", "E"}}) == R"({"z":{"entitlement":1},"entitlement":"E"})");
        CHECK(one_line(R"({"entitlement":[[],[1]],"z":1})", {{"entitlement", "E"}}) ==
              R"({"z":1,"entitlement":"E"})");
        CHECK(one_line(R"({"entitlement":1,"entitlement":null,"z":1})", {{"entitlement", "E"}}) ==
              R"({"z":1,"entitlement":"E"})");
    }
    SECTION("for people it has lines") {
        CHECK(encode_object(R"({"a":1,"b":[]})", {{"c", "x"}}, Layout::indented) ==
              "{\n  \"a\": 1,\n  \"b\": [],\n  \"c\": \"x\"\n}");
    }
    SECTION("it is safe to show on a terminal, and still says the same") {
        CHECK(one_line("{\"a\":\"\xC2\x9B\xE2\x80\xAE\\u001b\"}") == R"({"a":"\u009b\u202e\u001B"})");
    }
}

TEST_CASE("json::encode_error") {
    SECTION("what is not known is left out") {
        CHECK(encode_error({ErrorKind::usage, "what"}, ExitCode::usage) ==
              R"({"error":{"code":2,"kind":"usage","message":"what"}})");
    }
    SECTION("all of it") {
        Error error{ErrorKind::rate_limited, "what\x1b", "do"};
        error.http_status = 429;
        error.detail_code = "d";
        error.tracking_id = "t";
        error.retry_after = std::chrono::seconds(7);
        CHECK(
            encode_error(error, ExitCode::rate_limited) ==
            R"({"error":{"code":6,"kind":"rate_limited","httpStatus":429,"detailCode":"d","message":"what�",)"
            R"("trackingId":"t","retryAfter":7,"hint":"do"}})");
    }
}

TEST_CASE("json::encode_properties") {
    const std::vector<Property> facts = {{"a", std::string("x\u202e"), "here"},
                                         {"b", true},
                                         {"c", std::int64_t{-2}},
                                         {"d", std::vector<std::string>{"one", "two"}}};
    CHECK(
        encode_properties(facts, Layout::one_line) ==
        R"({"a":{"value":"x\u202e","from":"here"},"b":{"value":true},"c":{"value":-2},"d":{"value":["one","two"]}})");
    CHECK(encode_properties({{"b", false}}, Layout::indented) ==
          "{\n  \"b\": {\n    \"value\": false\n  }\n}");
}
