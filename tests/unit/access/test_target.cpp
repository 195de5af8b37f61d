#include "access/target.hpp"

#include "support/fakes.hpp"
#include "util/text.hpp"

using namespace jit;
using test::variables;

namespace {

constexpr const char* k_id = "c0ffee00-0000-4000-8000-000000000001";

/// An entry of the list of connections.
std::string entry(const std::string& digits, const std::string& name, const std::string& source,
                  const std::string& value = "v", const std::string& type = "JIT") {
    return concat({R"({"id":"c0ffee00000040008000)", std::string(12 - digits.size(), '0'), digits,
                   R"(","type":")", type, R"(","source":{"name":")", source,
                   R"("},"account":{"name":"robin"},"entitlement":{"displayName":")", name, R"(","value":")",
                   value, R"(","id":"e)", digits, R"("}})"});
}

struct Fixture {
    test::FakeTransport network;
    test::FakeClock clock;
    test::FakeConsole console;
    Interrupt interrupt;
    test::TemporaryDirectory home;
    access::GlobalOptions options;
    std::optional<access::Context> context;

    Result<std::vector<access::Target>> resolve(const std::vector<std::string>& words,
                                                const access::ResolveOptions& wanted = {}) {
        options.non_interactive = true;
        context.emplace(options,
                        variables({{"SAIL_BASE_URL", "https://acme.example"},
                                   {"SAIL_ACCESS_TOKEN", "tokentoken"},
                                   {"HOME", home.path()}}),
                        console.console, clock, interrupt, &network);
        return access::resolve_targets(*context, words, wanted);
    }
    void list(const std::vector<std::string>& entries) {
        std::string text;
        for (const std::string& one : entries) {
            text += concat({text.empty() ? "[" : ",", one});
        }
        network.answer(200, text + "]");
    }
    void aliases(const std::string& yaml) { home.write(".config/jit/config.yaml", "aliases:\n" + yaml); }
};

} // namespace

TEST_CASE("access::resolve_targets takes connection IDs as they are") {
    Fixture it;
    const auto targets =
        it.resolve({"C0FFEE00000040008000000000000001", k_id, "c0ffee00-0000-4000-8000-000000000002"});
    REQUIRE(targets);
    REQUIRE(targets->size() == 2); // each connection once
    CHECK(targets->front().connection.str() == k_id);
    CHECK(targets->front().title() == k_id);
    CHECK(targets->front().by_id);
}

TEST_CASE("access::resolve_targets finds names") {
    Fixture it;
    it.list({entry("1", "Prod DB Admin", "Postgres", "pg_admin"), entry("2", "Reporting Reader", "Postgres"),
             entry("3", "Reporting Reader", "AWS"), entry("4", "prod db admins", "AD"),
             entry("5", "Prod DB Admin", "AD", "x", "STANDING"), entry("6", "a/b", "c")});
    const auto found = [&it](const std::string& word) -> std::string {
        const auto targets = it.resolve({word});
        return targets ? targets->front().connection.str().substr(35)
                       : "code " + std::to_string(static_cast<int>(targets.error().kind));
    };
    SECTION("by display name in any case") {
        CHECK(found("prod DB admin") == "1");
    }
    SECTION("by value") {
        CHECK(found("PG_Admin") == "1");
    }
    SECTION("by source and name") {
        CHECK(found("aws/reporting reader") == "3");
    }
    SECTION("a slash in a name is no source") {
        CHECK(found("A/B") == "6");
    }
    SECTION("never by a part") {
        const auto targets = it.resolve({"prod db"});
        REQUIRE_FALSE(targets);
        CHECK(targets.error().kind == ErrorKind::refused);
        CHECK(targets.error().hint == "did you mean \"Prod DB Admin\" or \"prod db admins\"?");
    }
    SECTION("not the first of several") {
        const auto targets = it.resolve({"Reporting Reader"});
        REQUIRE_FALSE(targets);
        CHECK(targets.error().kind == ErrorKind::refused);
        CHECK(targets.error().message ==
              "\"Reporting Reader\" matches 2 of your connections; nothing was sent");
        CHECK(targets.error().hint.find(
                  "c0ffee00-0000-4000-8000-000000000003  AWS/Reporting Reader (v), account robin") !=
              std::string::npos);
    }
    SECTION("many in one poll-up, each once") {
        const auto targets = it.resolve({"PG_ADMIN", "Prod DB Admin", "AWS/Reporting Reader"});
        REQUIRE(targets);
        CHECK(targets->size() == 2);
        CHECK(it.network.requests.size() == 1);
        CHECK(it.network.requests.front().url.find("filters=type%20eq%20%22JIT%22") != std::string::npos);
    }
}

TEST_CASE("access::resolve_targets puts entitlements in the place of aliases") {
    SECTION("of an ID: no poll-up") {
        Fixture it;
        it.aliases(concat({"  Prod: ", k_id, "\n"}));
        const auto targets = it.resolve({"PROD"});
        REQUIRE(targets);
        CHECK(targets->front().connection.str() == k_id);
    }
    SECTION("but never in the place of an ID") {
        for (const char* const name : {k_id, "C0FFEE00000040008000000000000001"}) {
            Fixture it;
            it.aliases(
                concat({"  ", name, ": {entitlement: c0ffee00-0000-4000-8000-000000000002, minutes: 5}\n"}));
            const auto targets = it.resolve({name});
            REQUIRE(targets);
            CHECK(targets->front().connection.str() == k_id);
            CHECK_FALSE(targets->front().minutes);
        }
    }
    SECTION("of several, with minutes") {
        Fixture it;
        it.aliases(concat({"  oncall: {entitlements: [Prod DB Admin, ", k_id, "], minutes: 30}\n"}));
        it.list({entry("2", "Prod DB Admin", "Postgres")});
        const auto targets = it.resolve({"oncall"});
        REQUIRE(targets);
        REQUIRE(targets->size() == 2);
        CHECK(targets->front().minutes == 30);
        CHECK(targets->front().title() == "Prod DB Admin");
    }
    SECTION("a broken one is refused") {
        for (const char* const bad :
             {"  x: {minutes: 5}\n", "  x: []\n", "  x: \"\"\n", "  x: {entitlement: {a: b}}\n"}) {
            Fixture it;
            it.aliases(bad);
            CHECK(it.resolve({"x"}).error().kind == ErrorKind::usage);
        }
    }
}

TEST_CASE("access::resolve_targets without anything to go by") {
    Fixture it;
    CHECK(it.resolve({}).error().kind == ErrorKind::usage);
    CHECK(it.resolve({" "}).error().kind == ErrorKind::usage);
}

TEST_CASE("access::resolve_targets does not act on what has no UUID") {
    Fixture it;
    it.network.answer(200, R"([{"id":"7","type":"JIT","entitlement":{"name":"x"}}])");
    CHECK(it.resolve({"x"}).error().kind == ErrorKind::server);
}
