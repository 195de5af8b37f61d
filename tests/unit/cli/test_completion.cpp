#include "cli/completion.hpp"

#include "support/program.hpp"

using namespace jit;
using cli::Completion;
using cli::Fit;
using test::Program;

namespace {

constexpr const char* k_list =
    R"([{"id":"c0ffee00-0000-4000-8000-000000000001","type":"JIT","source":{"name":"Postgres"},)"
    R"("entitlement":{"displayName":"Prod DB Admin"},"state":{"value":"Available"}},)"
    R"({"id":"c0ffee00-0000-4000-8000-000000000002","type":"JIT","source":{"name":"AWS"},)"
    R"("entitlement":{"displayName":"Prod Reader"},"state":{"value":"Active"},)"
    R"("jit":{"activation":"2026-11-24T11:00:00Z","provisioned":"2026-11-24T11:00:00Z",)"
    R"("expiration":"2026-11-24T12:42:00Z"}}])";

struct Asked {
    Completion::Kind kind;
    std::vector<std::string> words;
    std::vector<std::string> descriptions;
    bool stale;
};

Asked ask(Program& it, const std::vector<std::string>& words, const std::string& current,
          Fit fit = Fit::beginning) {
    cli::CommandTree tree;
    cli::build(tree);
    std::optional<access::Context> context;
    const cli::ProcessContext process{test::variables(it.values), it.console.console, it.clock, it.interrupt,
                                      &it.network};
    const Completion completion = cli::complete(tree, context, process, words, current, fit);
    Asked asked{completion.kind, {}, {}, completion.stale};
    for (const auto& candidate : completion.candidates) {
        asked.words.push_back(candidate.word);
        asked.descriptions.push_back(candidate.description);
    }
    CHECK(it.err().empty());
    return asked;
}

using Words = std::vector<std::string>;

} // namespace

TEST_CASE("cli::complete offers commands, options and values") {
    Program it;
    CHECK(ask(it, {}, "ext").words == Words{"extend"});
    CHECK(ask(it, {"-o", "json"}, "act").words == Words{"activate"});
    CHECK(ask(it, {"auth"}, "lo").words == Words{"login", "logout"});
    CHECK(ask(it, {"help"}, "he").words.empty());
    CHECK(ask(it, {"extend"}, "--min").words == Words{"--minutes"});
    CHECK(ask(it, {"deactivate"}, "--min").words.empty());
    CHECK(ask(it, {"policy"}, "--out").words == Words{"--output"});
    CHECK(ask(it, {"list", "--state"}, "a").words == Words{"available", "active"});
    CHECK(ask(it, {"list"}, "--state=a").words == Words{"--state=available", "--state=active"});
    CHECK(ask(it, {"-qo"}, "j").words == Words{"json", "jsonl"});
    CHECK(ask(it, {"--color"}, "").words == Words{"auto", "always", "never"});
    CHECK(ask(it, {"completion"}, "").words == Words{"bash", "zsh", "fish"});
    CHECK(ask(it, {"activate", "--minutes"}, "").words.empty());
    CHECK(ask(it, {"--config"}, "").kind == Completion::Kind::files);
    CHECK(ask(it, {"--ca-file=x", "list"}, "--ca-file=").kind == Completion::Kind::files);
}

TEST_CASE("cli::complete offers names") {
    Program it;
    SECTION("none are known, and it is time to look") {
        CHECK(ask(it, {"activate"}, "").words.empty());
        CHECK(ask(it, {"activate"}, "").stale);
        CHECK_FALSE(ask(it, {"activate", "--no-cache"}, "").stale);
        CHECK_FALSE(ask(it, {"activate"}, "--").stale);
    }
    it.network.answer(200, k_list);
    REQUIRE(it.run({"list", "-q"}) == 0);
    SECTION("as each command can use them") {
        CHECK(ask(it, {"activate"}, "").words == Words{"Prod DB Admin"});
        CHECK(ask(it, {"extend"}, "").words == Words{"Prod Reader"});
        CHECK(ask(it, {"extend", "-e"}, "").descriptions == Words{"42 min left, AWS"});
        CHECK(ask(it, {"status"}, "").words == Words{"Prod DB Admin", "Prod Reader"});
        CHECK(ask(it, {"status", "Prod Reader"}, "").words == Words{"Prod DB Admin"});
        CHECK(ask(it, {"status", "--", "x"}, "").words == Words{"Prod DB Admin", "Prod Reader"});
    }
    SECTION("that begin so, in their case or any other, or by their source") {
        CHECK(ask(it, {"status"}, "Prod R").words == Words{"Prod Reader"});
        CHECK(ask(it, {"status"}, "prod r").words == Words{"Prod Reader"});
        CHECK(ask(it, {"status"}, "aws/").words == Words{"AWS/Prod Reader"});
        CHECK(ask(it, {"status"}, "Admin").words.empty());
        CHECK(ask(it, {"status"}, "admin", Fit::anywhere).words == Words{"Prod DB Admin"});
    }
    SECTION("of whom and where the line says") {
        CHECK(ask(it, {"status", "--base-url", "https://other.example"}, "").words.empty());
    }
    SECTION("as long as they are new") {
        CHECK_FALSE(ask(it, {"activate"}, "").stale);
        CHECK(it.clock.sleep(std::chrono::minutes(11)));
        CHECK(ask(it, {"activate"}, "").stale);
        CHECK(ask(it, {"activate"}, "").words == Words{"Prod DB Admin"});
        CHECK(it.clock.sleep(std::chrono::hours(1)));
        CHECK(ask(it, {"activate"}, "").words == Words{"Prod DB Admin", "Prod Reader"});
    }
}
