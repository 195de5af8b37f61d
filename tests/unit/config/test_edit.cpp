#include "config/edit.hpp"

#include "support/catch.hpp"

using namespace jit;

namespace {

const config::ClientCredentials k_pat{Secret("an-id"), Secret("a\"b\\c"), {}};

std::string with(const char* text, bool pat = false, const char* name = "acme") {
    const auto done =
        config::with_login(text, "c.yaml", {name, "https://new.example", pat ? &k_pat : nullptr});
    return done ? *done : done.error().message;
}

} // namespace

TEST_CASE("config::with_login") {
    SECTION("a new file") {
        CHECK(with("") ==
              "activeenvironment: acme\nenvironments:\n  acme:\n    baseurl: https://new.example\n");
        CHECK(with("# mine\n", true) ==
              "activeenvironment: acme\n# mine\nenvironments:\n  acme:\n    baseurl: https://new.example\n"
              "    pat: {clientid: \"an-id\", clientsecret: \"a\\\"b\\\\c\"}\n");
        CHECK(with("", false, "no") ==
              "activeenvironment: \"no\"\nenvironments:\n  \"no\":\n    baseurl: https://new.example\n");
    }
    SECTION("beside other environments, comments and settings") {
        CHECK(with("# top\nenvironments: # all\n    lab:  # the lab\n        baseurl: "
                   "https://lab.example\n\n# end\n"
                   "defaults: {minutes: 5}\nactiveenvironment: lab # for now\n") ==
              "# top\nenvironments: # all\n    acme:\n      baseurl: https://new.example\n"
              "    lab:  # the lab\n        baseurl: https://lab.example\n\n# end\n"
              "defaults: {minutes: 5}\nactiveenvironment: acme # for now\n");
        CHECK(with("---\nenvironments:\ndefaults:\n  minutes: 5") ==
              "---\nactiveenvironment: acme\nenvironments:\n  acme:\n    baseurl: https://new.example\n"
              "defaults:\n  minutes: 5\n");
    }
    SECTION("a byte order mark stays at the beginning") {
        CHECK(with("\xEF\xBB\xBF# mine\nactiveenvironment: lab\n") ==
              "\xEF\xBB\xBF# mine\nactiveenvironment: acme\nenvironments:\n  acme:\n    baseurl: "
              "https://new.example\n");
        CHECK(with("\xEF\xBB\xBF") ==
              "\xEF\xBB\xBF"
              "activeenvironment: acme\nenvironments:\n  acme:\n    baseurl: https://new.example\n");
    }
    SECTION("the active environment stays, where another is not to be it") {
        const auto done =
            config::with_login("activeenvironment: lab\nenvironments:\n  Acme:\n    authtype: oauth # sail\n",
                               "c.yaml", {"acme", "https://new.example", nullptr, false, true});
        REQUIRE(done);
        CHECK(*done == "activeenvironment: lab\nenvironments:\n  Acme:\n    baseurl: https://new.example\n"
                       "    authtype: pat # sail\n");
        const auto fresh =
            config::with_login("", "c.yaml", {"ä.b", "https://new.example", nullptr, false, true});
        REQUIRE(fresh);
        CHECK(*fresh == "environments:\n  \"ä.b\":\n    baseurl: https://new.example\n    authtype: pat\n");
    }
    SECTION("one that is there is changed, and keeps what else it has") {
        CHECK(with("ActiveEnvironment: acme\nenvironments:\n  Acme:\n   pat:\n     clientid: old\n"
                   "     # old one\n     clientsecret: old\n   baseurl: https://old.example # old\n"
                   "   client_cert: c.pem\n",
                   true) ==
              "ActiveEnvironment: acme\nenvironments:\n  Acme:\n   baseurl: https://new.example # old\n"
              "   pat: {clientid: \"an-id\", clientsecret: \"a\\\"b\\\\c\"}\n   client_cert: c.pem\n");
        CHECK(with("activeenvironment: acme\nenvironments:\n  acme:\n") ==
              "activeenvironment: acme\nenvironments:\n  acme:\n    baseurl: https://new.example\n");
        CHECK(with("activeenvironment: acme\nenvironments:\n  acme:\n    client_cert: c.pem\n") ==
              "activeenvironment: acme\nenvironments:\n  acme:\n    baseurl: https://new.example\n"
              "    client_cert: c.pem\n");
    }
    SECTION("a # in quotes begins no comment") {
        const std::string once = with("", false, "a #e");
        CHECK(once ==
              "activeenvironment: \"a #e\"\nenvironments:\n  \"a #e\":\n    baseurl: https://new.example\n");
        CHECK(with(once.c_str(), false, "a #e") == once);
        CHECK(with("activeenvironment: 'x #1'  # mine\n") ==
              "activeenvironment: acme # mine\nenvironments:\n  acme:\n    baseurl: https://new.example\n");
    }
    SECTION("a PAT that is kept elsewhere now is taken out") {
        CHECK(with("activeenvironment: acme\nenvironments:\n  acme:\n    baseurl: https://old.example\n"
                   "    pat: {clientid: a, clientsecret: b}\n") ==
              "activeenvironment: acme\nenvironments:\n  acme:\n    baseurl: https://new.example\n");
    }
    SECTION("what cannot be changed safely is left alone") {
        for (const char* text :
             {"environments: {acme: {baseurl: https://old.example}}\n",
              "environments:\n  acme: {baseurl: x}\n", "{activeenvironment: lab}\n", "a: [\n", "- a\n",
              "activeenvironment: >\n  lab\n", "environments: &e\n  lab: {baseurl: x}\nother: *e\n...\n"}) {
            INFO(text);
            CHECK(with(text) == "c.yaml is written in a way that jit does not change by itself");
        }
    }
}

TEST_CASE("config::without_pat") {
    const auto without_pat = [](const char* text) {
        const auto done = config::without_pat(text, "c.yaml", "acme");
        return done ? *done : done.error().message;
    };
    CHECK(without_pat("a: 1\n") == "a: 1\n");
    CHECK(without_pat(
              "environments:\n  acme:\n    pat:\n      clientid: a\n\n      clientsecret: b\n    # here\n"
              "    baseurl: x\n") == "environments:\n  acme:\n    # here\n    baseurl: x\n");
    CHECK(without_pat("environments:\n  acme:\n    pat: {clientid: a,\n      clientsecret: b}\n  lab:\n    "
                      "pat: {}\n") == "environments:\n  acme:\n  lab:\n    pat: {}\n");
    for (const char* text :
         {"environments: {acme: {pat: {clientid: a, clientsecret: b}}}\n",
          "environments: {acme: {pat: {accesstoken: a}}}\n",
          "environments:\n  acme:\n    pat: {clientid: a}\n    Pat: {clientsecret: b}\n"}) {
        INFO(text);
        CHECK(without_pat(text) == "c.yaml is written in a way that jit does not change by itself");
    }
}
