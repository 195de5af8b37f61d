#include "io/table.hpp"

#include "support/catch.hpp"
#include "util/text.hpp"

using namespace jit::io;

TEST_CASE("io::render_table") {
    SECTION("columns line up under their titles, without blanks at the end") {
        CHECK(render_table({{"NAME"}, {"STATE"}}, {{"a", "ACTIVE"}, {"longer name", "x"}}, {}) ==
              "NAME         STATE\n"
              "a            ACTIVE\n"
              "longer name  x\n");
    }
    SECTION("wide and combining characters line up") {
        CHECK(render_table({{"NAME"}, {"S"}}, {{"本番", "1"}, {"Cafe\xCC\x81", "2"}}, {}) ==
              "NAME  S\n"
              "本番  1\n"
              "Cafe\xCC\x81  2\n");
    }
    SECTION("an empty cell is a dash") {
        CHECK(render_table({{"A"}, {"B"}}, {{"", "b"}}, {}) == "A  B\n-  b\n");
    }
    SECTION("text of the server cannot steer the terminal or break the line") {
        CHECK(render_table({{"A"}}, {{"x\x1b[2J\ny"}}, {}) == "A\nx�[2J y\n");
    }
    SECTION("nor forge another column by blanks, of whatever kind") {
        CHECK(render_table({{"A"}, {"B"}},
                           {{"x   ACTIVE", "1"}, {"y\u3000\u3000\u2003z\t\tw ", "2"}, {" \u00A0", "3"}},
                           {}) == "A         B\n"
                                  "x ACTIVE  1\n"
                                  "y z w     2\n"
                                  "-         3\n");
    }
    SECTION("a narrow terminal shortens what may shrink, from the right, and nothing wraps") {
        const std::string table =
            render_table({{"ID", true}, {"STATE"}, {"NOTE", true}},
                         {{"0123456789abcdefghij", "PROVISIONED", "0123456789"}}, {36, false});
        CHECK(table == "ID             STATE        NOTE\n"
                       "0123456789ab…  PROVISIONED  0123456…\n");
        for (std::size_t at = 0; at < table.size();) {
            const std::size_t end = table.find('\n', at);
            CHECK(jit::display_width(table.substr(at, end - at)) <= 36);
            at = end + 1;
        }
        CHECK(table.find("PROVISIONED") != std::string::npos);
        CHECK(table.find("…") != std::string::npos);
    }
    SECTION("a wide character is not cut in half") {
        const std::string table = render_table({{"N", true}}, {{"本番データベース"}}, {8, false});
        CHECK(table == "N\n本番デ…\n");
    }
    SECTION("titles are bold where colour is wanted") {
        CHECK(render_table({{"A"}}, {{"1"}}, {0, true}) == "\x1b[1mA\x1b[0m\n1\n");
    }
}

TEST_CASE("io::csv_line") {
    CHECK(csv_line({"a", "b c", ""}) == "a,b c,\n");
    CHECK(csv_line({"a,b", "say \"x\"", " pad"}) == "\"a,b\",\"say \"\"x\"\"\",\" pad\"\n");
    CHECK(csv_line({"line\nbreak\x1b[0m"}) == "line break�[0m\n");
}

TEST_CASE("io::csv_line leaves nothing for a spreadsheet to run") {
    for (const std::string text :
         {"=1+1", "+cmd", "-cmd", "@SUM(A1)", " =1", "\t=1", "\r\n@x", "\u00A0=1", "\u3000 +x", "＝1", "－1",
          "-", "--5", "-5 ", "+1.2.3", "-.5", "-5e3", "=5", "@5"}) {
        const std::string line = csv_line({"a", text, "b"});
        CHECK((line.rfind("a,'", 0) == 0 || line.rfind("a,\"'", 0) == 0));
    }
    SECTION("quotes come around the whole") {
        CHECK(csv_line({"=HYPERLINK(\"x\",\"y\")"}) == "\"'=HYPERLINK(\"\"x\"\",\"\"y\"\")\"\n");
    }
    SECTION("numbers stay numbers, and other text what it is") {
        CHECK(csv_line({"-5", "+49301234", "-0.5", "12", "a=b", "x-y", "'q", "2026-11-24T10:00:00Z"}) ==
              "-5,+49301234,-0.5,12,a=b,x-y,'q,2026-11-24T10:00:00Z\n");
    }
}

TEST_CASE("io::render_table leaves a column out that may go, before it shortens any") {
    const std::vector<jit::io::Column> columns = {{"NAME", true}, {"ID", false, true}};
    const std::vector<std::vector<std::string>> rows = {{"abcdefghijkl", "0123456789"}};
    CHECK(jit::io::render_table(columns, rows, {24, false}) ==
          "NAME          ID\nabcdefghijkl  0123456789\n");
    CHECK(jit::io::render_table(columns, rows, {23, false}) == "NAME\nabcdefghijkl\n");
    CHECK(jit::io::render_table(columns, rows, {5, false}) == "NAME\nabcd…\n");
}
