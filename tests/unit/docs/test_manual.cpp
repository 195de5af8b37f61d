#include "docs/manual.hpp"

#include "support/catch.hpp"

using namespace jit;

TEST_CASE("docs::mdoc_text keeps text from being read as requests") {
    CHECK(docs::mdoc_text("plain, as it is") == "plain, as it is");
    CHECK(docs::mdoc_text(".Sh is no section, \\ no escape") == "\\&.Sh is no section, \\e no escape");
    CHECK(docs::mdoc_text("`jit -e` is typed") == "\\fBjit \\-e\\fR is typed");
    SECTION("a sentence begins a line, and nothing typed is torn apart") {
        CHECK(docs::mdoc_text("One. 'Two'. `a. b`") == "One.\n\\&'Two'.\n\\fBa. b\\fR");
    }
}

TEST_CASE("docs::mdoc_arguments keeps words from being read as macros") {
    CHECK(docs::mdoc_arguments("jit -e \"Ar x\" | jq .a") ==
          "\\&jit \\&\\-e \\&\\(dqAr \\&x\\(dq \\&| \\&jq \\&.a");
}

TEST_CASE("docs::fill_in") {
    cli::CommandTree tree;
    cli::build(tree);
    SECTION("puts the lists of the command line in the place of their names") {
        CHECK(*docs::fill_in("a\n@DATE@\nb\n", tree, "May 1, 2030") == "a\n.Dd May 1, 2030\nb\n");
        CHECK(docs::fill_in("@COMMANDS@", tree, "")->find(".It Xr jit-auth-login 1\n") != std::string::npos);
    }
    SECTION("knows no others") {
        CHECK_FALSE(docs::fill_in("@COMANDS@\n", tree, ""));
    }
}

TEST_CASE("docs::command_pages has one page for each command and each group") {
    cli::CommandTree tree;
    cli::build(tree);
    const auto pages = docs::command_pages(tree, "May 1, 2030");
    CHECK(pages.size() == commands::all().size() + commands::groups().size());
    CHECK(pages.front().file == "jit-activate.1");
    CHECK(pages.front().text.find("\n.It Fl m , Fl -minutes Ar \\&N\n") != std::string::npos);
}
