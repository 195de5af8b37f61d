#include "util/words.hpp"

#include "support/catch.hpp"

using namespace jit;

TEST_CASE("util::split_words") {
    using Words = std::vector<std::string>;
    CHECK(split_words("op read op://a/b") == Words{"op", "read", "op://a/b"});
    CHECK(split_words("  a\t'b c'\n\"d 'e'\" ") == Words{"a", "b c", "d 'e'"});
    CHECK(split_words(R"(a\ b "c\"d" 'e\f' "" x''y)") == Words{"a b", "c\"d", "e\\f", "", "xy"});
    CHECK(split_words("a; rm $HOME `b` | c") == Words{"a;", "rm", "$HOME", "`b`", "|", "c"});
    const std::string with_nul("a\0b", 3);
    CHECK(split_words(with_nul) == Words{with_nul});
    for (const char* line : {"", "  ", "a 'b", "a \"b"}) {
        CHECK_FALSE(split_words(line));
    }
}
