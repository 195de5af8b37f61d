#include "sandbox/filter.hpp"
#include "support/catch.hpp"

using namespace jit;
using namespace jit::sandbox;

namespace {

/// The comparisons, each as `[field|operator|value…]`, quoted values in quotes.
std::string parsed(std::string_view text) {
    const auto comparisons = parse_filter(text);
    if (!comparisons) {
        return comparisons.error();
    }
    std::string out;
    for (const Comparison& comparison : *comparisons) {
        out += "[" + comparison.field + "|" + comparison.word;
        for (const FilterValue& value : comparison.values) {
            out += "|" + (value.quoted ? "\"" + value.text + "\"" : value.text);
        }
        out += "]";
    }
    return out;
}

} // namespace

TEST_CASE("sandbox::filter") {
    SECTION("comparisons are joined by and") {
        CHECK(parsed(R"(type eq "JIT")") == R"([type|eq|"JIT"])");
        CHECK(parsed(R"(a.b eq "x y" and standalone eq true and c gt 2026-01-01T00:00:00Z)") ==
              R"([a.b|eq|"x y"][standalone|eq|true][c|gt|2026-01-01T00:00:00Z])");
        CHECK(parsed("  a  co\t\"\"  ") == R"([a|co|""])");
        CHECK(parsed(R"(a eq "and" and and eq "b")") == R"([a|eq|"and"][and|eq|"b"])");
    }
    SECTION("in takes a list") {
        CHECK(parsed(R"-(a in ("x","y") and b in( true , "z, (w)" ))-") ==
              R"-([a|in|"x"|"y"][b|in|true|"z, (w)"])-");
    }
    SECTION("quotes and backslashes in a value are escaped") {
        CHECK(parsed(R"(a eq "Tier 0 \"Red\" \\ Operators")") == R"([a|eq|"Tier 0 "Red" \ Operators"])");
        CHECK(parsed(R"(a eq "\n")") == "expected \" or \\ behind \\ at character 8");
        CHECK(parsed("a eq \"\\") == "expected \" or \\ behind \\ at character 8");
    }
    SECTION("what is wrong is named with its place") {
        CHECK(parsed("") == "expected a field at character 1");
        CHECK(parsed("a") == "expected an operator at character 2");
        CHECK(parsed("a eq") == "expected a value at character 5");
        CHECK(parsed(R"(a eq "b)") == "expected the closing quote at character 8");
        CHECK(parsed(R"(a eq "b"x)") == "expected a space behind the value at character 9");
        CHECK(parsed(R"(a eq "b" or c eq "d")") == "expected \"and\" or the end at character 10");
        CHECK(parsed(R"(a eq "b" AND c eq "d")") == "expected \"and\" or the end at character 10");
        CHECK(parsed(R"(a eq "b" and)") == "expected a field at character 13");
        CHECK(parsed(R"-((a eq "b"))-") == "expected a field at character 1");
        CHECK(parsed(R"(a in "b")") == "expected \"(\" behind \"in\" at character 6");
        CHECK(parsed("a in ()") == "expected a value at character 7");
        CHECK(parsed(R"-(a in ("b" "c"))-") == "expected \",\" or \")\" at character 11");
        CHECK(parsed(R"-(a in ("b",))-") == "expected a value at character 11");
        CHECK(parsed(R"-(a in ("b")-") == "expected \",\" or \")\" at character 10");
    }
}
