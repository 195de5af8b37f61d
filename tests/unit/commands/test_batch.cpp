#include "base/text.hpp"
#include "support/program.hpp"

using namespace jit;
using http::Failure;
using test::Program;

namespace {

constexpr const char* k_one = "c0ffee00-0000-4000-8000-000000000001";
constexpr const char* k_two = "c0ffee00-0000-4000-8000-000000000002";
constexpr const char* k_three = "c0ffee00-0000-4000-8000-000000000003";
const Failure k_lost{Failure::Kind::no_answer, true, "the connection broke"};

std::string accepted(const std::string& id) {
    return cat({R"({"activationId":"a","connectionId":")", id,
                R"(","status":"CREATING","activationPeriodMins":60,"startTime":"2026-11-24T12:00:00Z"})"});
}

/// The history with one activation of a time and state.
std::string history(const std::string& time, const std::string& status = "PROVISIONED") {
    return cat({R"([{"id":"h1","activationInitiated":")", time, R"(","status":")", status, R"("}])"});
}

std::string connections(const std::string& expiration) {
    return cat(
        {R"([{"id":"c0ffee00000040008000000000000001","type":"JIT","entitlement":{"id":"e1"},)"
         R"("jit":{"activation":"2026-11-24T11:00:00Z","provisioned":"2026-11-24T11:00:01Z","expiration":")",
         expiration, R"("}}])"});
}

bool contains(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

std::size_t posts(const Program& it) {
    std::size_t count = 0;
    for (const http::Request& request : it.network.requests) {
        count += request.method == http::Method::post ? 1U : 0U;
    }
    return count;
}

} // namespace

TEST_CASE("commands::activate whose answer was lost") {
    Program it;
    const std::vector<std::string> words = {"activate", k_one, "-m", "60", "-o", "jsonl"};
    SECTION("it is running since: done, and sent once") {
        it.network.fail(k_lost);
        it.network.answer(200, history("2026-11-24T12:00:00Z"));
        CHECK(it.run(words) == 0);
        CHECK(posts(it) == 1);
        CHECK(it.out() == R"({"entitlement":"c0ffee00-0000-4000-8000-000000000001",)"
                          R"("entitlementName":"c0ffee00-0000-4000-8000-000000000001",)"
                          R"("connectionId":"c0ffee00-0000-4000-8000-000000000001","activationId":"h1",)"
                          R"("status":"PROVISIONED","expiresAt":"2026-11-24T13:00:00Z"})"
                          "\n");
        CHECK(contains(it.err(), "its state shows that it was carried out"));
    }
    SECTION("the list lags: it is looked at again") {
        it.network.answer(502, "<html>");
        it.network.answer(200, "[]");
        it.network.answer(503, "");
        it.network.answer(200, history("2026-11-24T12:00:01Z"));
        CHECK(it.run(words) == 0);
        CHECK(posts(it) == 1);
    }
    SECTION("for ten seconds it does not show: it is sent again") {
        it.network.fail(k_lost);
        for (int i = 0; i < 6; ++i) {
            it.network.answer(200, history("2026-11-24T10:00:00Z", "COMPLETE")); // an earlier one
        }
        it.network.answer(202, accepted(k_one));
        const TimePoint start = it.clock.now();
        CHECK(it.run(words) == 0);
        CHECK(posts(it) == 2);
        CHECK(it.clock.now() - start == std::chrono::seconds(10));
    }
    SECTION("sent again and refused, since the first one was carried out after all: done") {
        it.network.fail(k_lost);
        for (int i = 0; i < 6; ++i) {
            it.network.answer(200, "[]");
        }
        it.network.answer(400, R"({"detailCode":"400.1"})");
        it.network.answer(200, history("2026-11-24T12:00:00Z"));
        CHECK(it.run(words) == 0);
        CHECK(posts(it) == 2);
    }
    SECTION("no state can be read: nobody knows") {
        it.network.fail(k_lost);
        it.network.answer(403, "{}");
        it.network.answer(403, "{}");
        CHECK(it.run(words) == 9);
        CHECK(posts(it) == 1);
        CHECK(contains(it.err(), "it may or may not have been carried out; its state cannot be read: "));
        CHECK(contains(it.err(), "jit history -e c0ffee00-0000-4000-8000-000000000001"));
    }
    SECTION("without a try left it is not sent again") {
        it.network.fail(k_lost);
        for (int i = 0; i < 6; ++i) {
            it.network.answer(200, "[]");
        }
        CHECK(it.run({"activate", k_one, "-m", "60", "--retries", "0"}) == 9);
        CHECK(posts(it) == 1);
        CHECK(contains(it.err(), "its state shows nothing of it so far"));
    }
    SECTION("what has failed since is told as that") {
        it.network.fail(k_lost);
        it.network.answer(200, history("2026-11-24T12:00:00Z", "ERROR"));
        CHECK(it.run(words) == 11);
    }
    SECTION("an answer that is not the API's is looked into, and never sent again") {
        it.network.answer(202, "<html>");
        for (int i = 0; i < 6; ++i) {
            it.network.answer(200, "[]");
        }
        CHECK(it.run(words) == 8);
        CHECK(posts(it) == 1);
    }
}

TEST_CASE("commands::extend whose answer was lost is never sent again") {
    Program it;
    SECTION("the end before it is not known") {
        it.network.fail(k_lost);
        it.network.answer(200, connections("2026-11-24T12:30:00Z"));
        CHECK(it.run({"extend", k_one, "-m", "60", "--utc"}) == 9);
        CHECK(posts(it) == 1);
        CHECK(contains(
            it.err(),
            "access now ends 2026-11-24 12:30:00 UTC, in 30 min, by the list, which may lag behind"));
    }
    SECTION("the end before it is known from here") {
        it.network.answer(202, accepted(k_one));
        CHECK(it.run({"activate", k_one, "-m", "60"}) == 0);
        it.network.fail(k_lost);
        it.network.answer(200, connections("2026-11-24T13:00:00Z"));
        it.network.answer(200, connections("2026-11-24T14:00:00Z"));
        CHECK(it.run({"extend", k_one, "-m", "60", "--utc"}) == 9);
        CHECK(posts(it) == 2);
        CHECK(contains(it.err(), "access now ends 2026-11-24 14:00:00 UTC, in "));
        CHECK(contains(it.err(), ", so it was carried out\n"));
    }
}

TEST_CASE("commands::deactivate whose answer was lost is sent again") {
    Program it;
    SECTION("nothing is running any more: done") {
        it.network.fail(k_lost);
        it.network.answer(404, R"({"detailCode":"404"})");
        CHECK(it.run({"deactivate", k_one, "-o", "jsonl"}) == 0);
        CHECK(it.out() == R"({"entitlement":"c0ffee00-0000-4000-8000-000000000001",)"
                          R"("entitlementName":"c0ffee00-0000-4000-8000-000000000001",)"
                          R"("connectionId":"c0ffee00-0000-4000-8000-000000000001"})"
                          "\n");
        CHECK(contains(it.err(), "nothing is running there now"));
    }
    SECTION("nothing was running in the first place: refused") {
        it.network.answer(404, R"({"detailCode":"404"})");
        it.network.answer(200, "[]"); // is it the ID of an entitlement?
        CHECK(it.run({"deactivate", k_one}) == 5);
    }
    SECTION("every answer is lost, and the state tells") {
        it.network.fail(k_lost);
        it.network.answer(500, "{}");
        it.network.answer(200, history("2026-11-24T12:00:00Z", "PROVISIONED"));
        it.network.answer(
            200,
            R"([{"activationInitiated":"2026-11-24T11:00:00Z","deprovisionStart":"2026-11-24T12:00:00Z","status":"DEPROVISIONING"}])");
        CHECK(it.run({"deactivate", k_one, "--retries", "1"}) == 0);
        CHECK(posts(it) == 2);
    }
}

TEST_CASE("commands::many targets") {
    Program it;
    const std::vector<std::string> words = {"activate", k_one, k_two, k_three, "-m", "60", "-o", "json"};
    SECTION("a mixture: each is told of in order, and the code is 10") {
        it.network.answer(202, accepted(k_one));
        it.network.answer(400, R"({"detailCode":"400.1","messages":[{"text":"too long"}]})");
        it.network.answer(202, accepted(k_three));
        CHECK(it.run(words) == 10);
        const std::size_t first = it.out().find(cat({"\"entitlement\": \"", k_one}));
        const std::size_t second = it.out().find(cat({"\"entitlement\": \"", k_two}));
        const std::size_t third = it.out().find(cat({"\"entitlement\": \"", k_three}));
        CHECK(first < second);
        CHECK(second < third);
        CHECK(third != std::string::npos);
        CHECK(contains(it.err(), "1 of 3 failed"));
    }
    SECTION("all or nothing: what was started is ended again, and what failed says why") {
        it.network.answer(202, accepted(k_one));
        it.network.answer(400, R"({"detailCode":"400.1"})");
        it.network.answer(202, accepted(k_three)); // it was on its way
        it.network.answer(202, accepted(k_one));
        it.network.answer(404, "{}"); // gone already
        std::vector<std::string> all = words;
        all.emplace_back("--all-or-nothing");
        CHECK(it.run(all) == 5);
        CHECK(posts(it) == 5);
        CHECK(it.network.requests[3].url == "https://acme.example/jit-activations/v1/deactivate");
        CHECK(contains(it.out(), "was activated, and ended again, since another one failed"));
        CHECK_FALSE(contains(it.out(), "\"ok\": true"));
        CHECK_FALSE(contains(it.out(), "expiresAt"));
    }
    SECTION("all or nothing: what cannot be ended is said, with the command") {
        it.network.answer(400, "{}");
        it.network.answer(202, accepted(k_two));
        it.network.answer(403, "{}");
        CHECK(it.run({"activate", k_one, k_two, "-m", "60", "--all-or-nothing"}) == 10);
        CHECK(contains(it.err(), cat({k_two, " was activated, and may still be active"})));
    }
    SECTION("all or nothing: what is not sent yet is not sent") {
        it.network.answer(400, "{}");
        CHECK(it.run({"activate", k_one, k_two, "-m", "60", "--all-or-nothing", "--parallel", "1"}) == 5);
        CHECK(contains(it.err(), cat({k_two, ": nothing was sent, since another one failed"})));
    }
    SECTION("a token that cannot be had is asked for once") {
        it.values.erase("SAIL_ACCESS_TOKEN");
        it.values["SAIL_CLIENT_ID"] = "id";
        it.values["SAIL_CLIENT_SECRET"] = "secretsecret";
        it.network.answer(400, R"({"error":"invalid_client"})");
        CHECK(it.run(words) == 3);
    }
    SECTION("deactivate --all ends what is on, and is content with nothing") {
        it.network.answer(200, connections("2026-11-24T12:30:00Z"));
        it.network.answer(202, accepted(k_one));
        CHECK(it.run({"deactivate", "--all", "-o", "jsonl"}) == 0);
        CHECK(contains(it.out(), "\"ok\":true"));
        it.network.answer(200, "[]");
        CHECK(it.run({"deactivate", "--all", "-o", "json", "--no-cache"}) == 0);
        CHECK(contains(it.out(), "[]\n"));
        CHECK(it.run({"deactivate", "--all", k_one}) == 2);
    }
    SECTION("a file's minutes go before --until, for an extend, too") {
        const std::string file = it.home.write("t", cat({R"({"minutes":7,"entitlement":")", k_one, "\"}\n"}));
        it.network.answer(200, connections("2026-11-24T12:30:00Z"));
        it.network.answer(202, accepted(k_one));
        CHECK(it.run({"extend", "--from-file", file, "--until", "2026-11-24T13:00Z", "-o", "json"}) == 0);
        CHECK(contains(it.body(1), "\"activationPeriodExtensionMins\":7"));
    }
    SECTION("a file of targets: its minutes go before the option's, and one target is a list, too") {
        const std::string file = it.home.write("t", cat({R"({"minutes":7,"entitlement":")", k_one, "\"}\n"}));
        it.network.answer(202, accepted(k_one));
        CHECK(it.run({"activate", "--from-file", file, "-m", "60", "-o", "json"}) == 0);
        CHECK(contains(it.body(0), "\"activationPeriodMins\":7"));
        CHECK(it.out().rfind("[\n", 0) == 0);
    }
}
