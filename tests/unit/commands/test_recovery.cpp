#include "support/program.hpp"

using namespace jit;
using test::Program;

namespace {

constexpr const char* k_id = "c0ffee00-0000-4000-8000-000000000001";
constexpr const char* k_token = R"({"access_token":"token-of-this-test","expires_in":43200})";

http::Failure lost() {
    return {http::Failure::Kind::no_answer, true, "the connection was reset"};
}

/// From here on a token is to be got, and the first one is.
void get_a_token(Program& it) {
    it.values.erase("SAIL_ACCESS_TOKEN");
    it.values.insert(
        {{"SAIL_CLIENT_ID", "client-of-this-test"}, {"SAIL_CLIENT_SECRET", "secret-of-this-test"}});
    it.network.answer(200, k_token);
}

} // namespace

TEST_CASE("commands::find_out does not say of the look what would be read of the request") {
    Program it;
    get_a_token(it);
    it.network.answer(202, "{}");
    REQUIRE(it.run({"extend", k_id, "-m", "60", "-q"}) == 0); // the token is kept
    it.network.fail(lost());
    it.network.answer(401, "{}");
    it.network.answer(401, "{}"); // to the request for another token
    CHECK(it.run({"extend", k_id, "-m", "60"}) == 9);
    CHECK(
        it.err().find("it may or may not have been carried out; its state cannot be read: the token request "
                      "was refused: HTTP 401\n") != std::string::npos);
}

TEST_CASE("commands::deactivate whose answer was lost may have been carried out, whatever comes of it then") {
    Program it;
    it.network.fail(lost());
    SECTION("a refusal") {
        it.network.answer(403, "{}");
    }
    SECTION("the rate limit") {
        it.network.answer(429, "{}");
    }
    SECTION("no connection") {
        it.network.fail({http::Failure::Kind::unreachable, false, "cannot connect"});
    }
    for (int i = 0; i < 6; ++i) {
        it.network.answer(200, "[]");
    }
    CHECK(it.run({"deactivate", k_id, "--retries", "1"}) == 9);
    CHECK(it.err().find("; it may or may not have been carried out; its state shows nothing") !=
          std::string::npos);
    CHECK(it.err().find("nothing was changed") == std::string::npos);
}

TEST_CASE("commands::deactivate whose answer was lost, and then its token refused") {
    Program it;
    get_a_token(it);
    it.network.answer(202, "{}");
    REQUIRE(it.run({"deactivate", k_id, "-q"}) == 0); // the token is kept
    it.network.fail(lost());
    it.network.answer(401, "{}");
    SECTION("nothing is running any more: done") {
        it.network.answer(200, R"({"access_token":"another-of-this-test","expires_in":43200})");
        it.network.answer(404, "{}");
        CHECK(it.run({"deactivate", k_id, "--retries", "1"}) == 0);
    }
    SECTION("no token: nobody knows") {
        for (int i = 0; i < 2; ++i) {
            it.network.answer(401, "{}"); // to the request for another token, and to that of the look
        }
        CHECK(it.run({"deactivate", k_id, "--retries", "1"}) == 9);
        CHECK(it.err().find("it may or may not have been carried out") != std::string::npos);
    }
}

TEST_CASE("commands::activate that is sent again does not forget the try before") {
    Program it;
    it.network.fail(lost());
    for (int i = 0; i < 6; ++i) {
        it.network.answer(200, "[]");
    }
    it.network.answer(403, "{}");
    SECTION("its state cannot be read") {
        for (int i = 0; i < 6; ++i) {
            it.network.answer(503, "{}");
        }
        CHECK(it.run({"activate", k_id, "-m", "60"}) == 9);
        CHECK(it.err().find("it may or may not have been carried out; its state cannot be read") !=
              std::string::npos);
    }
    SECTION("its state shows it after all") {
        it.network.answer(
            200, R"([{"id":"a1","status":"PROVISIONED","activationInitiated":"2026-11-24T12:00:00Z"}])");
        CHECK(it.run({"activate", k_id, "-m", "60"}) == 0);
    }
    SECTION("its state shows nothing") {
        for (int i = 0; i < 6; ++i) {
            it.network.answer(200, "[]");
        }
        CHECK(it.run({"activate", k_id, "-m", "60"}) == 4);
    }
}
