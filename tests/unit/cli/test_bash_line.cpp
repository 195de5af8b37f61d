#include "cli/bash_line.hpp"

#include "support/catch.hpp"

using namespace jit;
using cli::bash_completion;
using cli::parse_bash_line;

namespace {

constexpr std::string_view k_breaks = " \t\n\"'><=;|&(:";

} // namespace

TEST_CASE("cli::parse_bash_line") {
    SECTION("words are what a program would get") {
        const auto line = parse_bash_line("jit  act -e 'a \\ b' \"c \\\" \\d\" e\\ f ", k_breaks);
        CHECK(line.words == std::vector<std::string>{"jit", "act", "-e", "a \\ b", "c \" \\d", "e f"});
        CHECK(line.current.empty());
        CHECK(line.kept.empty());
    }
    SECTION("what readline replaces is the word, or what stands behind a break in it, or an open quote") {
        struct Case {
            std::string line;
            std::string current;
            std::string kept;
            char quote;
        };
        for (const Case& each :
             {Case{"jit Pro", "Pro", "Pro", '\0'}, Case{"jit a\\ b", "a b", "a\\ b", '\0'},
              Case{"jit \"a b", "a b", "a b", '"'}, Case{"jit 'a \"b", "a \"b", "a \"b", '\''},
              Case{"jit --output=js", "--output=js", "js", '\0'}, Case{"jit a:\\:b", "a::b", "\\:b", '\0'},
              Case{"jit 'a:b", "a:b", "a:b", '\''}, Case{"jit 'it'\\''s", "it's", "s", '\''},
              Case{"jit \"a\"\\ b", "a b", "\"a\"\\ b", '\0'}, Case{"jit a\\", "a", "a", '\0'},
              Case{"jit \"", "", "", '"'}, Case{"", "", "", '\0'}}) {
            INFO(each.line);
            const auto line = parse_bash_line(each.line, k_breaks);
            CHECK(line.current == each.current);
            CHECK(line.kept == each.kept);
            CHECK(line.quote == each.quote);
        }
    }
}

TEST_CASE("cli::bash_completion keeps what was typed, and quotes the rest as it must be there") {
    const auto completed = [](const std::string& line, std::string_view word) {
        return bash_completion(parse_bash_line(line, k_breaks), word);
    };
    CHECK(completed("jit ", "Prod DB") == "Prod\\ DB");
    CHECK(completed("jit pro", "Prod DB") == "prod\\ DB");
    CHECK(completed("jit --output=js", "--output=json") == "json");
    CHECK(completed("jit \"", "a $b `c` \\d \"e\" f") == "a \\$b \\`c\\` \\\\d \\\"e\\\" f");
    CHECK(completed("jit '", "it's $x") == "it'\\''s $x");
    CHECK(completed("jit ", "本番 DB") == "本番\\ DB");
    SECTION("history is not expanded in double quotes") {
        CHECK(completed("jit \"", "a! b") == "a\"'!'\" b");
    }
    SECTION("a quote at the end is not taken for the one that closes") {
        CHECK(completed("jit \"", "say \"so\"") == "say \\\"so\\\"\"");
        CHECK(completed("jit '", "the team's'") == "the team'\\''s'\\'''");
    }
}
