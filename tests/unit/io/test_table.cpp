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
    SECTION("a wide character is not cut in half") {
        CHECK(render_table({{"N", Yields::shortened}}, {{"本番データベース"}}, {8}) == "N\n本番デ…\n");
    }
    SECTION("no titles") {
        CHECK(render_table({{"NAME"}}, {{"a"}}, {0, true, false}) == "a\n");
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

TEST_CASE("io::render_table on a narrow terminal") {
    const std::vector<Column> columns = {{"NAME", Yields::shortened},
                                         {"SOURCE", Yields::second},
                                         {"ACCOUNT", Yields::first},
                                         {"STATE"},
                                         {"ID", Yields::third}};
    const std::vector<std::vector<std::string>> rows = {
        {"Prod DB Admin", "Active Directory", "robin", "active", "0123456789"},
        {"Staging", "Active Directory", "robin", "ended", "9876543210"}};
    const auto titles = [](const std::string& table) { return table.substr(0, table.find('\n')); };
    SECTION("the account goes first, then the source, then the ID, the names never as a whole") {
        CHECK(titles(render_table(columns, rows, {60})) ==
              "NAME           SOURCE            ACCOUNT  STATE   ID");
        CHECK(titles(render_table(columns, rows, {52})) == "NAME           SOURCE            STATE   ID");
        CHECK(titles(render_table(columns, rows, {48})) == "NAME           ACCOUNT  STATE   ID");
        CHECK(titles(render_table(columns, rows, {33})) == "NAME           STATE   ID");
        CHECK(titles(render_table(columns, rows, {30})) == "NAME           ACCOUNT  STATE");
        CHECK(titles(render_table(columns, rows, {21})) == "NAME           STATE");
    }
    SECTION("the names are shortened last") {
        CHECK(render_table(columns, rows, {18}) == "NAME        STATE\n"
                                                   "Prod DB A…  active\n"
                                                   "Staging     ended\n");
    }
    SECTION("a column by which rows differ stays") {
        CHECK(render_table({{"NAME", Yields::shortened}, {"SOURCE", Yields::second}, {"STATE"}},
                           {{"Admin", "Directory A", "active"}, {"Admin", "Directory B", "active"}}, {26}) ==
              "NAME   SOURCE       STATE\n"
              "Admin  Directory A  active\n"
              "Admin  Directory B  active\n");
    }
    SECTION("names that begin alike are cut in the middle") {
        CHECK(render_table({{"NAME", Yields::shortened}},
                           {{"Production Database Reader"}, {"Production Database Writer"}},
                           {12}) == "NAME\nProduc…eader\nProduc…riter\n");
    }
    SECTION("and are wider than the terminal where they would still look alike") {
        const std::string table =
            render_table({{"NAME", Yields::shortened}},
                         {{"Production 1 Database Admin"}, {"Production 2 Database Admin"}}, {12});
        CHECK(table == "NAME\nProduction 1 Databa…\nProduction 2 Databa…\n");
    }
    SECTION("but not where the table will be drawn over") {
        CHECK(render_table({{"NAME", Yields::shortened}}, {{"aaaaaaaaaaaaaa1"}, {"aaaaaaaaaaaaaa2"}},
                           {6, false, true, true}) == "NAME\naaaaa…\naaaaa…\n");
    }
}
