#include "support/program.hpp"
#include "util/text.hpp"

using namespace jit;
using test::Program;

namespace {

/// The list with the one connection "DB", whose times are these.
std::string list(const std::string& jit = "", const std::string& state = "x") {
    return concat(
        {R"([{"id":"c0ffee00000040008000000000000001","type":"JIT","source":{"name":"Pg"},)"
         R"("account":{"name":"robin"},"entitlement":{"id":"e1","displayName":"DB"},"state":{"value":")",
         state, R"("},"jit":{)", jit, "}}]"});
}

constexpr const char* k_active =
    R"("activation":"2026-11-24T11:00:00Z","provisioned":"2026-11-24T11:01:00Z",)"
    R"("expiration":"2026-11-24T12:20:00Z")";
constexpr const char* k_extended =
    R"("activation":"2026-11-24T11:00:00Z","provisioned":"2026-11-24T11:01:00Z",)"
    R"("expiration":"2026-11-24T13:00:00Z")";
constexpr const char* k_new = R"("activation":"2026-11-24T12:00:00Z","provisioned":"2026-11-24T12:00:01Z",)"
                              R"("expiration":"2026-11-24T13:00:00Z")";
constexpr const char* k_accepted =
    R"({"activationId":"a1","connectionId":"c0ffee00-0000-4000-8000-000000000001",)"
    R"("status":"CREATING","activationPeriodMins":60,"startTime":"2026-11-24T12:00:00Z"})";

} // namespace

TEST_CASE("commands::ensure") {
    Program it;
    const std::vector<std::string> words = {"ensure",          "DB", "-m", "60",
                                            "--min-remaining", "15", "-o", "jsonl"};
    SECTION("enough is left: nothing is sent") {
        it.network.answer(200, list(k_active));
        CHECK(it.run(words) == 0);
        CHECK(it.out() == R"({"entitlement":"DB","entitlementName":"DB",)"
                          R"("connectionId":"c0ffee00-0000-4000-8000-000000000001",)"
                          R"("status":"PROVISIONED","expiresAt":"2026-11-24T12:20:00Z","action":"none"})"
                          "\n");
    }
    SECTION("less is left: extended by what is missing, and seen") {
        it.network.answer(200, list(k_active));
        it.network.answer(202, R"({"status":"PROVISIONED","startTime":"2026-11-24T12:00:00Z"})");
        it.network.answer(200, list(k_active)); // lags
        it.network.answer(200, list(k_extended));
        CHECK(it.run({"ensure", "DB", "-m", "60", "--min-remaining", "30", "-o", "jsonl"}) == 0);
        CHECK(
            it.body(1) ==
            R"({"connectionId":"c0ffee00-0000-4000-8000-000000000001","activationPeriodExtensionMins":40})");
        CHECK(it.out().find(R"("expiresAt":"2026-11-24T13:00:00Z","action":"extend")") != std::string::npos);
    }
    SECTION("not active: activated, and usable when it returns; the second run sends nothing") {
        it.network.answer(200, list("", "Available"));
        it.network.answer(202, k_accepted);
        it.network.answer(200, list("", "Available")); // lags
        it.network.answer(200, list(k_new));
        CHECK(it.run(words) == 0);
        CHECK(it.out().find(R"("action":"activate")") != std::string::npos);
        it.network.answer(200, list("", "Available")); // another copy of the index
        it.network.answer(200, list(k_new));
        CHECK(it.run(words) == 0);
        CHECK(it.out().find(R"("action":"none")") != std::string::npos);
    }
    SECTION("refused, and then seen to be running: success") {
        it.network.answer(200, list("", "Available"));
        it.network.answer(400, R"({"detailCode":"400.1 Bad Request Content"})");
        it.network.answer(200, list("", "Available"));
        it.network.answer(200, list(k_new));
        it.network.answer(200, list(k_new));
        CHECK(it.run(words) == 0);
        CHECK(it.out().find(R"("action":"none")") != std::string::npos);
    }
    SECTION("refused for good") {
        it.network.answer(200, list("", "Available"));
        it.network.answer(400,
                          R"({"detailCode":"400.1 Bad Request Content","causes":[{"text":"too long"}]})");
        for (int i = 0; i < 3; ++i) {
            it.network.answer(200, list("", "Available"));
        }
        CHECK(it.run({"ensure", "DB", "-m", "60"}) == 5);
        CHECK(it.err().find("too long") != std::string::npos);
    }
    SECTION("what must be left by itself: the minutes that are asked for, at most 15") {
        const auto sent = [](const char* end, std::vector<std::string> more) {
            Program one;
            one.network.answer(
                200, list(concat({R"("activation":"2026-11-24T11:00:00Z",)"
                                  R"("provisioned":"2026-11-24T11:01:00Z","expiration":"2026-11-24T)",
                                  end, "Z\""})));
            more.insert(more.begin(), {"ensure", "DB", "--dry-run", "-o", "jsonl", "-m"});
            CHECK(one.run(more) == 0);
            return one.out().find("activationPeriodExtensionMins") != std::string::npos;
        };
        CHECK(sent("12:14:59", {"60"}));
        CHECK_FALSE(sent("12:15:00", {"60"}));
        CHECK(sent("12:04:59", {"5"}));
        CHECK_FALSE(sent("12:05:00", {"5"}));
        CHECK_FALSE(sent("12:00:07", {"60", "--min-remaining", "0"}));
        CHECK(sent("12:15:00", {"60", "--min-remaining", "16"}));
    }
    SECTION("more must be left than is asked for") {
        it.network.answer(200, list(k_active));
        CHECK(it.run({"ensure", "DB", "-m", "10", "--min-remaining", "15"}) == 2);
    }
}

TEST_CASE("commands::by the service's clock") {
    Program it; // whose machine is 40 minutes ahead
    it.network.answer(200, list(k_active, "Active"), {{"Date", "Tue, 24 Nov 2026 11:20:00 GMT"}});
    CHECK(it.run({"list", "-o", "table"}) == 0);
    CHECK(it.out().find("1 h") != std::string::npos);
}

TEST_CASE("commands::ensure sits the lag out after an extend whose end it cannot know") {
    Program it;
    it.network.answer(202, R"({"status":"PROVISIONED","startTime":"2026-11-24T12:00:00Z"})");
    it.network.answer(200, list(k_active)); // the end from before, as well
    CHECK(it.run({"extend", "c0ffee00-0000-4000-8000-000000000001", "-m", "60", "-o", "csv"}) == 0);
    CHECK(it.out().find("13:20:00") == std::string::npos);
    for (int i = 0; i < 60; ++i) {
        it.network.answer(200, list(k_active)); // the end from before
    }
    it.network.answer(200, list(k_extended));
    CHECK(it.run({"ensure", "DB", "-m", "60", "--min-remaining", "45", "-o", "jsonl"}) == 0);
    CHECK(it.out().find(R"("action":"none")") != std::string::npos);
}

TEST_CASE("commands::deactivate is told in one set of words, whichever list was read") {
    Program it;
    it.network.answer(202, R"({"status":"DEPROVISIONING","startTime":"2026-11-24T12:00:00Z"})");
    it.network.answer(403, "{}"); // no history
    it.network.answer(200, list(concat({k_active, R"(,"deactivation":"2026-11-24T12:00:00Z",)",
                                        R"("deprovisioned":"2026-11-24T12:00:01Z")"}),
                                "Available"));
    CHECK(it.run({"deactivate", "c0ffee00-0000-4000-8000-000000000001", "--wait", "-o", "jsonl"}) == 0);
    CHECK(it.out().find(R"("status":"COMPLETE")") != std::string::npos);
}

TEST_CASE("commands::activate that has failed when it is accepted") {
    Program it;
    it.network.answer(202,
                      R"({"status":"ERROR","activationPeriodMins":60,"startTime":"2026-11-24T12:00:00Z"})");
    CHECK(it.run({"activate", "c0ffee00-0000-4000-8000-000000000001", "-m", "60", "-o", "jsonl"}) == 11);
    CHECK(it.out().find("expiresAt") == std::string::npos);
    const std::size_t before = it.out().size();
    CHECK(it.run({"status", "--short"}) == 0);
    CHECK(it.out().size() == before);
}

TEST_CASE("commands::extend up to a time") {
    Program it;
    it.network.answer(200, list(k_active));
    SECTION("adds what is missing") {
        CHECK(it.run({"extend", "DB", "--until", "2026-11-24T13:00Z", "--dry-run", "-o", "jsonl"}) == 0);
        CHECK(it.out().find(R"("activationPeriodExtensionMins":40})") != std::string::npos);
    }
    SECTION("sends nothing where it lasts as long") {
        CHECK(it.run({"extend", "DB", "--until", "2026-11-24T12:10Z", "-o", "jsonl"}) == 0);
        CHECK(it.out().find(R"("status":"PROVISIONED","expiresAt":"2026-11-24T12:20:00Z")") !=
              std::string::npos);
    }
}

TEST_CASE("commands::activate several") {
    Program it;
    it.network.answer(202, k_accepted);
    it.network.answer(403, R"({"detailCode":"403 Forbidden"})");
    CHECK(it.run({"activate", "c0ffee00-0000-4000-8000-000000000001", "c0ffee00-0000-4000-8000-000000000002",
                  "-m", "60", "-o", "jsonl"}) == 10);
    CHECK(it.out().find(R"("ok":true})") != std::string::npos);
    CHECK(it.out().find(R"("ok":false,"error":{"code":4,"kind":"forbidden","httpStatus":403,)") !=
          std::string::npos);
    CHECK(it.err().find("1 of 2 failed") != std::string::npos);
}

TEST_CASE("commands::list") {
    Program it;
    SECTION("in a table, with what is left") {
        it.network.answer(200, list(k_active, "Active"));
        CHECK(it.run({"list"}) == 0);
        CHECK(
            it.out() ==
            "ENTITLEMENT  SOURCE  ACCOUNT  STATE   ENDS              CONNECTION ID\n"
            "DB           Pg      robin    active  12:20, in 20 min  c0ffee00-0000-4000-8000-000000000001\n");
    }
    SECTION("what does not match is left out") {
        it.network.answer(200, list(k_active, "Active"));
        CHECK(it.run({"list", "--state", "available", "-o", "json"}) == 0);
        CHECK(it.out() == "[]\n");
        CHECK(it.err() == "jit: nothing matches; jit list without options shows all\n");
    }
    SECTION("the service's objects stay whole") {
        it.network.answer(200, list("", "Available"));
        CHECK(it.run({"list", "--search", "d", "--source", "pg", "-o", "jsonl"}) == 0);
        CHECK(it.out() == R"({"id":"c0ffee00000040008000000000000001","type":"JIT","source":{"name":"Pg"},)"
                          R"("account":{"name":"robin"},"entitlement":{"id":"e1","displayName":"DB"},)"
                          R"("state":{"value":"Available"},"jit":{},"entitlementName":"DB",)"
                          R"("connectionId":"c0ffee00-0000-4000-8000-000000000001","access":"available"})"
                          "\n");
    }
}

TEST_CASE("commands::status") {
    Program it;
    SECTION("something is active") {
        it.network.answer(200, list(k_active));
        CHECK(it.run({"status"}) == 0);
    }
    SECTION("nothing is") {
        it.network.answer(200, list("", "Available"));
        CHECK(it.run({"status"}) == 5);
        CHECK(it.out().empty());
    }
    SECTION("that one is not") {
        it.network.answer(200, list("", "Available"));
        CHECK(it.run({"status", "-e", "DB"}) == 5);
        CHECK(it.err().find("not active: DB") != std::string::npos);
    }
    SECTION("short, without a request, of what was done from here") {
        it.network.answer(202, k_accepted);
        CHECK(it.run({"activate", "c0ffee00-0000-4000-8000-000000000001", "-m", "60", "-o", "csv"}) == 0);
        const std::size_t before = it.out().size();
        CHECK(it.run({"status", "--short"}) == 0);
        CHECK(it.out().substr(before) == "c0ffee00-0000-4000-8000-000000000001 ~1 h\n");
        (void)it.clock.sleep(std::chrono::hours(2));
        CHECK(it.run({"status", "--short"}) == 0);
        CHECK(it.out().substr(before) == "c0ffee00-0000-4000-8000-000000000001 ~1 h\n");
    }
}

TEST_CASE("commands::history") {
    Program it;
    SECTION("asks the service for what it can filter") {
        it.network.answer(200, "[]");
        CHECK(it.run({"history", "--since", "1d", "--status", "error", "-e",
                      "c0ffee00000040008000000000000001", "--limit", "3"}) == 0);
        CHECK(it.network.requests.front().url ==
              "https://acme.example/jit-activation-history/v1/"
              "current-identity?limit=3&sorters=-activationInitiated,id"
              "&filters=activationInitiated%20ge%20%222026-11-23T12%3A00%3A00Z%22%20and%20status%20in%20%28%"
              "22ERROR%22%29"
              "%20and%20connectionId%20eq%20%22c0ffee00-0000-4000-8000-000000000001%22&count=true");
        CHECK(it.err().find("no activation matches") != std::string::npos);
    }
    SECTION("a name that is none of mine any more is looked for in the history itself") {
        it.network.answer(200, "[]");
        it.network.answer(200, R"([{"entitlementName":"Gone","status":"COMPLETE"},{"entitlementName":"DB"}])",
                          {{"X-Total-Count", "2"}});
        CHECK(it.run({"history", "gone", "-o", "jsonl"}) == 0);
        CHECK(it.out() == "{\"entitlementName\":\"Gone\",\"status\":\"COMPLETE\"}\n");
    }
    SECTION("an alias of several IDs") {
        it.values["JIT_CONFIG"] =
            it.home.write("c.yaml", "aliases: {two: [c0ffee00-0000-4000-8000-000000000001, "
                                    "c0ffee00-0000-4000-8000-000000000002]}");
        it.network.answer(200,
                          R"([{"id":"a","connectionId":"c0ffee00-0000-4000-8000-000000000002"},{"id":"b"}])",
                          {{"X-Total-Count", "2"}});
        CHECK(it.run({"history", "-e", "two", "-o", "jsonl"}) == 0);
        CHECK(it.out() == R"({"id":"a","connectionId":"c0ffee00-0000-4000-8000-000000000002",)"
                          R"("entitlementName":"c0ffee00-0000-4000-8000-000000000002"})"
                          "\n");
    }
    SECTION("what does not go together") {
        CHECK(it.run({"history", "--timeline", "-o", "json"}) == 2);
        CHECK(it.run({"history", "--identity", "x"}) == 2);
        CHECK(it.run({"history", "--since", "1h", "--until", "2h"}) == 2);
        CHECK(it.run({"history", "--since", "soon"}) == 2);
    }
}
