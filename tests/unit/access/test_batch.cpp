#include "support/listing_transport.hpp"
#include "support/program.hpp"
#include "util/text.hpp"

using namespace jit;
using test::ListingTransport;
using test::Program;

namespace {

constexpr const char* k_one = "c0ffee00-0000-4000-8000-000000000001";
constexpr const char* k_two = "c0ffee00-0000-4000-8000-000000000002";
constexpr const char* k_three = "c0ffee00-0000-4000-8000-000000000003";

std::string accepted(const std::string& id) {
    return concat({R"({"activationId":"a","connectionId":")", id,
                   R"(","status":"CREATING","activationPeriodMins":60,"startTime":"2026-11-24T12:00:00Z"})"});
}

std::string connections(const std::string& expiration) {
    return concat(
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

TEST_CASE("access::many targets") {
    Program it;
    const std::vector<std::string> words = {"activate", k_one, k_two, k_three, "-m", "60", "-o", "json"};
    SECTION("a mixture: each is told of in order, and the code is 10") {
        it.network.answer(202, accepted(k_one));
        it.network.answer(400, R"({"detailCode":"400.1","messages":[{"text":"too long"}]})");
        it.network.answer(202, accepted(k_three));
        CHECK(it.run(words) == 10);
        const std::size_t first = it.out().find(concat({"\"entitlement\": \"", k_one}));
        const std::size_t second = it.out().find(concat({"\"entitlement\": \"", k_two}));
        const std::size_t third = it.out().find(concat({"\"entitlement\": \"", k_three}));
        CHECK(first < second);
        CHECK(second < third);
        CHECK(third != std::string::npos);
        CHECK(contains(it.err(), "1 of 3 failed"));
    }
    SECTION("all or nothing: what was started is ended again, and what failed says why") {
        it.network.answer(202, accepted(k_one));
        it.network.answer(400, R"({"detailCode":"400.1"})");
        it.network.answer(202, accepted(k_three)); // it was on its way
        it.network.answer(200, "[]");              // how it stands there, by the connections
        it.network.answer(200, "[]");              // and by the history
        it.network.answer(202, accepted(k_one));
        it.network.answer(202, accepted(k_three));
        std::vector<std::string> all = words;
        all.emplace_back("--all-or-nothing");
        CHECK(it.run(all) == 5);
        CHECK(posts(it) == 5);
        CHECK(it.network.requests[5].url == "https://acme.example/jit-activations/v1/deactivate");
        CHECK(contains(it.out(), "was activated, and ended again, since another one failed"));
        CHECK_FALSE(contains(it.out(), "\"ok\": true"));
        CHECK_FALSE(contains(it.out(), "expiresAt"));
    }
    SECTION("all or nothing: what cannot be ended is said, with the command") {
        it.network.answer(400, "{}");
        it.network.answer(202, accepted(k_two));
        it.network.answer(200, "[]");
        it.network.answer(200, "[]");
        it.network.answer(403, "{}");
        CHECK(it.run({"activate", k_one, k_two, "-m", "60", "--all-or-nothing"}) == 10);
        CHECK(contains(it.err(), concat({k_two, " was activated, and may still be active"})));
    }
    SECTION("all or nothing: what is not sent yet is not sent") {
        it.network.answer(400, "{}");
        it.network.answer(200, "[]");
        it.network.answer(200, "[]");
        CHECK(it.run({"activate", k_one, k_two, "-m", "60", "--all-or-nothing", "--parallel", "1"}) == 5);
        CHECK(contains(it.err(), concat({k_two, ": nothing was sent, since another one failed"})));
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
        const std::string file =
            it.home.write("t", concat({R"({"minutes":7,"entitlement":")", k_one, "\"}\n"}));
        it.network.answer(200, connections("2026-11-24T12:30:00Z"));
        it.network.answer(202, accepted(k_one));
        CHECK(it.run({"extend", "--from-file", file, "--until", "2026-11-24T13:00Z", "-o", "json"}) == 0);
        CHECK(contains(it.body(1), "\"activationPeriodExtensionMins\":7"));
    }
    SECTION("a file of targets: its minutes go before the option's, and one target is a list, too") {
        const std::string file =
            it.home.write("t", concat({R"({"minutes":7,"entitlement":")", k_one, "\"}\n"}));
        it.network.answer(202, accepted(k_one));
        CHECK(it.run({"activate", "--from-file", file, "-m", "60", "-o", "json"}) == 0);
        CHECK(contains(it.body(0), "\"activationPeriodMins\":7"));
        CHECK(it.out().rfind("[\n", 0) == 0);
    }
}

TEST_CASE("access::all or nothing believes no refusal of what it ends again") {
    test::ProgramOn<ListingTransport> it;
    const std::vector<std::string> words = {"activate",         k_one, k_two, "-m", "60",
                                            "--all-or-nothing", "-o",  "json"};
    it.network.answer(202, accepted(k_one));
    it.network.answer(400, R"({"detailCode":"400.1"})");
    SECTION("the list shows that access is on: tried again, and said") {
        it.network.connections = [](const http::Request&) {
            return ListingTransport::list(connections("2026-11-24T13:00:00Z"));
        };
        for (int i = 0; i < 4; ++i) {
            it.network.answer(404, i % 2 == 0 ? "<html>" : R"({"detailCode":"404 Not found"})");
        }
        CHECK(it.run(words) == 10);
        CHECK(contains(it.out(), concat({k_one, " was activated, and may still be active"})));
        CHECK_FALSE(contains(it.out(), "ended again"));
    }
    SECTION("a later try is accepted") {
        it.network.connections = [](const http::Request&) {
            return ListingTransport::list(connections("2026-11-24T13:00:00Z"));
        };
        it.network.answer(400, "<html>");
        it.network.answer(202, accepted(k_one));
        CHECK(it.run(words) == 5);
        CHECK(contains(it.out(), "was activated, and ended again"));
    }
    SECTION("the list shows nothing of it, which is no proof before it must know of it") {
        const TimePoint start = it.clock.now();
        it.network.connections = [&](const http::Request&) {
            return ListingTransport::list(it.clock.now() - start < std::chrono::seconds(30)
                                              ? R"([{"id":"c0ffee00000040008000000000000001","type":"JIT"}])"
                                              : connections("2026-11-24T13:00:00Z"));
        };
        for (int i = 0; i < 4; ++i) {
            it.network.answer(404, "<html>");
        }
        CHECK(it.run(words) == 10);
        CHECK(contains(it.out(), "may still be active"));
    }
    SECTION("the list shows that it has ended: done") {
        it.network.connections = [](const http::Request&) {
            return ListingTransport::list(
                R"([{"id":"c0ffee00000040008000000000000001","type":"JIT","jit":{"activation":"2026-11-24T12:00:00Z",)"
                R"("provisioned":"2026-11-24T12:00:00Z","deactivation":"2026-11-24T12:00:01Z",)"
                R"("deprovisioned":"2026-11-24T12:00:01Z"}}])");
        };
        it.network.answer(404, R"({"detailCode":"404 Not found"})");
        CHECK(it.run(words) == 5);
        CHECK(contains(it.out(), "was activated, and ended again"));
    }
}

TEST_CASE("access::an answer that is not the API's is looked into, and never sent again") {
    test::ProgramOn<ListingTransport> it;
    it.network.answer(202, "<html>");
    CHECK(it.run({"activate", k_one, "-m", "60"}) == 8);
    CHECK(it.network.posts.size() == 1);
}
