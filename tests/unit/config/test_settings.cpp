#include "config/settings.hpp"

#include "support/fakes.hpp"

#include <filesystem>
#include <sys/stat.h>

using namespace jit;
using config::OutputFormat;
using config::Overrides;
using test::variables;

namespace {

constexpr const char* k_ours = R"(
activeenvironment: acme
defaults: {minutes: 45, output: json}
environments:
  acme: {baseurl: "https://ours.example"}
)";

constexpr const char* k_theirs = R"(
activeenvironment: lab
environments:
  acme: {baseurl: "https://theirs.example", pat: {clientid: file-id-1, clientsecret: file-secret-1}}
  lab: {baseurl: "https://lab.example"}
)";

/// A home directory, and the environment that goes with it.
struct Home {
    test::TemporaryDirectory directory;
    std::map<std::string, std::string, std::less<>> values = {{"HOME", directory.path()}};

    std::string ours(const char* text = k_ours) const {
        return directory.write(".config/jit/config.yaml", text);
    }
    std::string theirs(const char* text = k_theirs) const {
        return directory.write(".sailpoint/config.yaml", text);
    }
    [[nodiscard]] Result<config::Settings> load(const Overrides& overrides = {}) const {
        return config::load(overrides, variables(values));
    }
    [[nodiscard]] std::string base_url(const Overrides& overrides = {}) const {
        const auto settings = load(overrides);
        REQUIRE(settings);
        return settings->base_url ? settings->base_url->value + " " + settings->base_url->origin.where
                                  : "none";
    }
    [[nodiscard]] std::string error(const Overrides& overrides = {}) const {
        const auto settings = load(overrides);
        REQUIRE_FALSE(settings);
        CHECK(settings.error().kind == ErrorKind::usage);
        return settings.error().message;
    }
};

} // namespace

TEST_CASE("config::load") {
    Home home;
    SECTION("nothing at all is no error") {
        const auto settings = home.load();
        REQUIRE(settings);
        CHECK(settings->environment.value == "default");
        CHECK(settings->output.value == OutputFormat::table);
        CHECK_FALSE(settings->base_url);
        CHECK_FALSE(settings->default_minutes);
        const auto missing = config::require_base_url(*settings);
        CHECK(missing.error().message == "no base URL is set");
        CHECK(missing.error().hint.find("environments.default.baseurl") != std::string::npos);
    }
    SECTION("where people sign in: as the file says beside the base URL, else as its host tells") {
        home.ours("environments:\n  default: {baseurl: 'https://acme.api.identitynow.com', "
                  "tenanturl: 'https://sso.acme.example/'}");
        CHECK(home.load()->ui_address == "https://sso.acme.example");
        home.ours("environments:\n  default: {baseurl: 'https://sso.acme.example', "
                  "tenanturl: 'https://acme.identitynow.com'}");
        CHECK(home.load()->ui_address == "https://acme.identitynow.com");
        home.values["SAIL_BASE_URL"] = "https://other.api.identitynow.com";
        CHECK(home.load()->ui_address == "https://other.identitynow.com");
        home.values["SAIL_BASE_URL"] = "https://other.example";
        CHECK(home.load()->ui_address.empty());
    }
    SECTION("neither is no home") {
        home.values.clear();
        CHECK(home.load());
    }
    SECTION("base URL: option, variable, our file, the vendor tool's") {
        const std::string theirs = home.theirs();
        CHECK(home.base_url() == "https://lab.example " + theirs + ":5");
        const std::string ours = home.ours();
        CHECK(home.base_url() == "https://ours.example " + ours + ":5");
        home.values["SAIL_BASE_URL"] = "https://variable.example/";
        CHECK(home.base_url() == "https://variable.example SAIL_BASE_URL");
        CHECK(home.base_url({{}, "https://option.example/"}) == "https://option.example --base-url");
    }
    SECTION("active environment: option, variable, our file, the vendor tool's; in any case") {
        home.theirs();
        CHECK(home.load()->environment.value == "lab");
        home.ours();
        CHECK(home.load()->environment.value == "acme");
        home.values["SAIL_ACTIVEENVIRONMENT"] = "Lab";
        CHECK(home.load()->environment.value == "lab");
        CHECK(home.load(Overrides{"ACME"})->environment.value == "acme");
        CHECK(home.load(Overrides{"ACME"})->environment.origin.where == "--env");
    }
    SECTION("output: option, variable, file") {
        home.ours();
        CHECK(home.load()->output.value == OutputFormat::json);
        home.values["JIT_OUTPUT"] = "CSV";
        CHECK(home.load()->output.value == OutputFormat::csv);
        CHECK(home.load({{}, {}, {}, "jsonl"})->output.value == OutputFormat::jsonl);
        CHECK(home.error({{}, {}, {}, "yaml"}) ==
              "--output: the output format must be table, json, jsonl or csv, not \"yaml\"");
    }
    SECTION("our file: --config, JIT_CONFIG, XDG_CONFIG_HOME, ~/.config") {
        home.ours();
        CHECK(home.load()->default_minutes->value == 45);
        home.directory.write("xdg/jit/config.yaml", "defaults: {minutes: 1}");
        home.values["XDG_CONFIG_HOME"] = "relative";
        CHECK(home.load()->default_minutes->value == 45);
        home.values["XDG_CONFIG_HOME"] = home.directory.path() + "/xdg";
        CHECK(home.load()->default_minutes->value == 1);
        home.values["JIT_CONFIG"] = home.directory.write("variable.yaml", "defaults: {minutes: 2}");
        CHECK(home.load()->default_minutes->value == 2);
        const std::string option = home.directory.write("option.yaml", "defaults: {minutes: 3}");
        CHECK(home.load({{}, {}, option})->default_minutes->value == 3);
        CHECK(home.error({{}, {}, home.directory.path() + "/none"}).find("No such file") !=
              std::string::npos);
    }
    SECTION("an environment that the command line names must exist") {
        CHECK(home.error(Overrides{"lab"}) ==
              "--env: there is no environment lab; no configuration file defines an environment");
        home.theirs();
        CHECK(home.error(Overrides{"labb"}) == "--env: there is no environment labb");
        CHECK(home.load(Overrides{"labb"}).error().hint == "did you mean lab? (there are: acme, lab)");
    }
    SECTION("--env and a SAIL_BASE_URL that disagree are not settled by a guess") {
        home.theirs();
        home.values["SAIL_BASE_URL"] = "https://production.example";
        CHECK(home.error(Overrides{"lab"}) ==
              "--env lab means https://lab.example, but SAIL_BASE_URL is set to "
              "https://production.example");
        home.values["SAIL_BASE_URL"] = "https://lab.example/";
        CHECK(home.base_url(Overrides{"lab"}) == "https://lab.example SAIL_BASE_URL");
        CHECK(home.base_url({"acme", "https://option.example"}) == "https://option.example --base-url");
    }
    SECTION("they may disagree where a variable, or nobody, names the environment, or where it is new") {
        home.theirs();
        home.values["SAIL_BASE_URL"] = "https://production.example";
        CHECK(home.base_url() == "https://production.example SAIL_BASE_URL");
        home.values["SAIL_ACTIVEENVIRONMENT"] = "acme";
        CHECK(home.base_url() == "https://production.example SAIL_BASE_URL");
        Overrides overrides{"lab"};
        overrides.new_environment = true;
        CHECK(home.base_url(overrides) == "https://production.example SAIL_BASE_URL");
    }
    SECTION("what our file has goes before what the vendor tool's has, and both count") {
        home.ours("activeenvironment: acme\n"
                  "defaults: {minutes: 45, wait: true, output: csv}\n"
                  "aliases: {a: Ours, b: Also ours}\n"
                  "environments: {acme: {baseurl: https://one.example, credential_command: ours, "
                  "pat: {clientid: our-id}, client_cert: ours.pem}}\n");
        const std::string theirs =
            home.theirs("activeenvironment: lab\n"
                        "defaults: {minutes: 5, wait: false, output: jsonl}\n"
                        "aliases: {a: Theirs, c: Also theirs}\n"
                        "environments: {acme: {baseurl: https://one.example, credential_command: theirs, "
                        "pat: {clientid: their-id}, client_cert: theirs.pem}, old: {}}\n");
        auto settings = home.load();
        REQUIRE(settings);
        CHECK(settings->environment.value == "acme");
        CHECK(settings->default_minutes->value == 45);
        CHECK(settings->default_wait->value);
        CHECK(settings->output.value == OutputFormat::csv);
        CHECK(settings->aliases.at("a").entitlements.front() == "Ours");
        CHECK(settings->aliases.size() == 3);
        CHECK((*settings->command)->words.front() == "ours");
        CHECK(settings->client_id->value.reveal() == "our-id");
        CHECK(settings->client_cert->value == "ours.pem");
        CHECK(*config::environment_names({}, variables(home.values)) ==
              std::vector<std::string>{"acme", "old"});

        home.ours("environments: {acme: {}}\n");
        home.values["SAIL_ACTIVEENVIRONMENT"] = "acme";
        settings = home.load();
        REQUIRE(settings);
        CHECK(settings->base_url->origin.where == theirs + ":4");
        CHECK(settings->default_minutes->value == 5);
        CHECK_FALSE(settings->default_wait->value);
        CHECK(settings->output.value == OutputFormat::jsonl);
        CHECK((*settings->command)->words.front() == "theirs");
        CHECK(settings->client_id->value.reveal() == "their-id");
        CHECK(settings->client_cert->value == "theirs.pem");
    }
    SECTION("a format in a file that is none is not repeated: it may be a secret in the wrong place") {
        const std::string ours = home.ours("defaults: {output: tables}\n");
        CHECK(home.error() == ours + ":1: the output format must be table, json, jsonl or csv");
        home.values["JIT_OUTPUT"] = "tables";
        CHECK(home.error() ==
              "JIT_OUTPUT: the output format must be table, json, jsonl or csv, not \"tables\"");
    }
    SECTION("what is missing is said of the environment that was chosen") {
        home.theirs("environments: {lab: {}}\n");
        CHECK(config::require_base_url(*home.load({"lab"})).error().message ==
              "no base URL is set for environment lab (from --env)");
        home.values["SAIL_BASE_URL"] = "https://acme.example";
        CHECK(*config::require_base_url(*home.load()) == "https://acme.example");
    }
    SECTION("the vendor tool's base URL of an environment") {
        CHECK_FALSE(*config::vendor_base_url(variables(home.values), "acme"));
        const std::string theirs = home.theirs();
        CHECK((*config::vendor_base_url(variables(home.values), "acme"))->value == "https://theirs.example");
        CHECK_FALSE(*config::vendor_base_url(variables(home.values), "other"));
        CHECK_FALSE(*config::vendor_base_url(variables({}), "acme"));
        home.theirs("environments: {acme: {baseurl: acme corp}}\n");
        CHECK(config::vendor_base_url(variables(home.values), "acme").error().message ==
              theirs + ":1: the base URL's host is missing or has characters that a host name cannot have");
    }
    SECTION("where our file is, or would be") {
        const auto own_file = [&home](const Overrides& overrides) {
            return config::own_file(overrides, variables(home.values)).value_or("none");
        };
        CHECK(own_file({}) == home.directory.path() + "/.config/jit/config.yaml");
        home.values["JIT_CONFIG"] = "variable.yaml";
        CHECK(own_file({}) == "variable.yaml");
        CHECK(own_file({{}, {}, "option.yaml"}) == "option.yaml");
        home.values.clear();
        CHECK(own_file({}) == "none");
    }
    SECTION("a bad base URL is named by its place") {
        const std::string theirs = home.theirs("environments: {default: {baseurl: acme corp}}");
        CHECK(home.error() ==
              theirs + ":1: the base URL's host is missing or has characters that a host name cannot have");
    }
    SECTION("a broken file is an error") {
        home.theirs("a: [");
        CHECK(home.error().find("not valid YAML") != std::string::npos);
    }
    SECTION("unknown keys of our file are warned of, those of the vendor tool's are not") {
        home.ours("foo: 1");
        home.theirs("bar: 1");
        CHECK(home.load()->warnings.size() == 1);
    }
}

TEST_CASE("config::credentials") {
    Home home;
    home.values["SAIL_ACTIVEENVIRONMENT"] = "acme";
    SECTION("all that are there are found, each with its origin") {
        const std::string theirs = home.theirs();
        home.values["SAIL_ACCESS_TOKEN"] = "tokentoken";
        home.values["SAIL_CLIENT_ID"] = "variable-id";
        home.values["SAIL_CLIENT_SECRET"] = "variable-secret";
        const auto settings = home.load();
        REQUIRE(settings);
        CHECK(settings->access_token->value.reveal() == "tokentoken");
        CHECK(settings->environment_pat->client_secret.reveal() == "variable-secret");
        CHECK((*settings->file_pat)->client_id.reveal() == "file-id-1");
        CHECK((*settings->file_pat)->origin.where == theirs + ":4");
    }
    SECTION("one of the two variables is no PAT, and that is told") {
        home.values["SAIL_CLIENT_ID"] = "variable-id";
        CHECK_FALSE(home.load()->environment_pat);
        CHECK(home.load()->warnings ==
              std::vector<std::string>{"SAIL_CLIENT_ID is ignored: SAIL_CLIENT_SECRET is not set"});
        home.values["SAIL_ACCESS_TOKEN"] = "tokentoken";
        CHECK(home.load()->warnings.empty());
        home.values.erase("SAIL_CLIENT_ID");
        home.values["SAIL_CLIENT_SECRET"] = "variable-secret";
        CHECK(home.load()->warnings.empty());
        home.values.erase("SAIL_ACCESS_TOKEN");
        CHECK_FALSE(home.load()->environment_pat);
        CHECK(home.load()->warnings ==
              std::vector<std::string>{"SAIL_CLIENT_SECRET is ignored: SAIL_CLIENT_ID is not set"});
    }
    SECTION("a file's secret goes to that file's base URL and to no other") {
        const std::string theirs = home.theirs();
        CHECK(*home.load()->file_pat);
        home.values["SAIL_BASE_URL"] = "https://THEIRS.example/";
        CHECK(*home.load()->file_pat);
        home.values["SAIL_BASE_URL"] = "https://elsewhere.example";
        CHECK(home.load()->file_pat->error().message ==
              "the secret in " + theirs +
                  ":4 is for https://theirs.example, but SAIL_BASE_URL names "
                  "https://elsewhere.example; nothing was sent");
        home.values.erase("SAIL_BASE_URL");
        CHECK_FALSE(*home.load({{}, "https://elsewhere.example"})->file_pat);
        home.ours(); // has another base URL for the same environment, and no secret
        CHECK_FALSE(*home.load()->file_pat);
    }
    SECTION("a file's secret goes nowhere if that file's base URL cannot be read") {
        const std::string theirs = home.theirs("environments: {acme: {baseurl: acme corp, pat: "
                                               "{clientid: file-id-1, clientsecret: file-secret-1}}}");
        home.values["SAIL_BASE_URL"] = "https://elsewhere.example";
        const auto settings = home.load();
        REQUIRE(settings);
        REQUIRE_FALSE(*settings->file_pat);
        CHECK(settings->file_pat->error().message == "the secret in " + theirs + ":1 is for " + theirs +
                                                         ":1, but SAIL_BASE_URL names "
                                                         "https://elsewhere.example; nothing was sent");
        CHECK(settings->keyring_refused);
    }
    SECTION("a secret that no file names a base URL for goes nowhere") {
        const std::string theirs =
            home.theirs("environments: {acme: {pat: {clientid: file-id-1, clientsecret: file-secret-1}}}");
        home.values["SAIL_BASE_URL"] = "https://elsewhere.example";
        const auto settings = home.load();
        REQUIRE_FALSE(*settings->file_pat);
        CHECK(settings->file_pat->error().message ==
              "no configuration file says which tenant the secret in " + theirs +
                  ":1 is for, but SAIL_BASE_URL names https://elsewhere.example; nothing was sent");
        CHECK(settings->file_pat->error().hint ==
              "if it is for that tenant, set environments.acme.baseurl to https://elsewhere.example in the "
              "configuration file");
        home.ours("environments: {acme: {baseurl: https://elsewhere.example}}");
        CHECK(*home.load()->file_pat);
    }
    SECTION("what the keyring has is for the base URL of the files, and they must agree") {
        CHECK_FALSE(home.load()->keyring_refused); // no base URL at all: nothing can be sent
        home.theirs();
        CHECK_FALSE(home.load()->keyring_refused);
        home.values["SAIL_BASE_URL"] = "https://theirs.example";
        CHECK_FALSE(home.load()->keyring_refused);
        home.values["SAIL_BASE_URL"] = "https://elsewhere.example";
        CHECK(home.load()->keyring_refused->message == "the secret in the keyring (environment acme) is for "
                                                       "https://theirs.example, but SAIL_BASE_URL names "
                                                       "https://elsewhere.example; nothing was sent");
        home.values.erase("SAIL_BASE_URL");
        home.ours();
        CHECK(home.load()->keyring_refused);
        home.values["SAIL_ACTIVEENVIRONMENT"] = "unknown";
        home.values["SAIL_BASE_URL"] = "https://theirs.example";
        CHECK(home.load()->keyring_refused->message.find("no configuration file says which tenant") == 0);
    }
    SECTION("variables with a base URL beside them are for that one") {
        home.values["SAIL_BASE_URL"] = "https://one.example";
        home.values["SAIL_CLIENT_ID"] = "variable-id";
        home.values["SAIL_CLIENT_SECRET"] = "variable-secret";
        CHECK_FALSE(home.load()->mixed);
        CHECK_FALSE(home.load({{}, "https://ONE.example/"})->mixed);
        CHECK(home.load({{}, "https://two.example"})->mixed->message ==
              "the credentials in SAIL_CLIENT_ID and SAIL_CLIENT_SECRET stand beside SAIL_BASE_URL, "
              "https://one.example, but --base-url names https://two.example; nothing was sent");
        home.values["SAIL_ACCESS_TOKEN"] = "tokentoken";
        CHECK(home.load({{}, "https://two.example"})
                  ->mixed->message.find("the credentials in SAIL_ACCESS_TOKEN stand beside SAIL_BASE_URL") ==
              0);
        home.values["SAIL_BASE_URL"] = "ftp://one.example";
        CHECK_FALSE(home.load({{}, "https://two.example"})->mixed);
        home.values.erase("SAIL_BASE_URL");
        CHECK_FALSE(home.load({{}, "https://two.example"})->mixed);
        home.values = {{"HOME", home.directory.path()}, {"SAIL_BASE_URL", "https://one.example"}};
        CHECK_FALSE(home.load({{}, "https://two.example"})->mixed); // no credentials, no mixture
    }
    SECTION("variables without one are not for whatever tenant --env picks") {
        home.theirs();
        home.values["SAIL_CLIENT_ID"] = "variable-id";
        home.values["SAIL_CLIENT_SECRET"] = "variable-secret";
        CHECK_FALSE(home.load()->mixed);
        CHECK(home.load(Overrides{"acme"})->mixed->message ==
              "--env acme means https://theirs.example, but the credentials are those in SAIL_CLIENT_ID and "
              "SAIL_CLIENT_SECRET; nothing was sent");
        home.values["SAIL_BASE_URL"] = "https://theirs.example";
        CHECK_FALSE(home.load(Overrides{"acme"})->mixed);
    }
    SECTION("a credential command, and the client ID for it") {
        const std::string ours =
            home.ours("environments:\n  acme:\n    baseurl: https://ours.example\n"
                      "    credential_command: pass show 'my jit'\n    pat: {clientid: our-id}\n");
        auto settings = home.load();
        REQUIRE(settings);
        CHECK((*settings->command)->words == std::vector<std::string>{"pass", "show", "my jit"});
        CHECK((*settings->command)->origin.where == ours + ":4");
        CHECK(settings->client_id->value.reveal() == "our-id");
        CHECK_FALSE(settings->file_pat);
        home.values["SAIL_CLIENT_ID"] = "variable-id";
        settings = home.load();
        CHECK(settings->client_id->value.reveal() == "variable-id");
        CHECK(settings->warnings.empty());
        CHECK_FALSE(*home.load({{}, "https://elsewhere.example"})->command);
        for (const mode_t mode : {0620U, 0602U}) {
            REQUIRE(chmod(ours.c_str(), mode) == 0);
            CHECK(home.load().error().message == ours + " is not trusted: it can be written by others");
        }
        REQUIRE(chmod(ours.c_str(), 0644) == 0);
        CHECK(*home.load()->command);
    }
    SECTION("a client certificate goes with its own base URL only") {
        home.ours(
            "environments: {acme: {baseurl: https://ours.example, client_cert: c.pem, client_key: k.pem}}");
        CHECK(home.load()->client_cert->value == "c.pem");
        CHECK(home.load()->client_key->value == "k.pem");
        CHECK_FALSE(home.load({{}, "https://elsewhere.example"})->client_cert);
    }
    SECTION("a command may be about to make an environment") {
        config::Overrides overrides{"brand-new"};
        CHECK_FALSE(home.load(overrides));
        overrides.new_environment = true;
        CHECK(home.load(overrides)->environment.value == "brand-new");
    }
    SECTION("our file's PAT goes before the vendor tool's") {
        home.theirs();
        home.ours("environments: {acme: {pat: {clientid: our-id, clientsecret: our-secret}}}");
        CHECK((*home.load()->file_pat)->client_id.reveal() == "our-id");
    }
    SECTION("a file open to others is an error if it is needed, otherwise a warning") {
        const std::string path = home.theirs();
        REQUIRE(chmod(path.c_str(), 0644) == 0);
        auto settings = home.load();
        REQUIRE(settings);
        REQUIRE_FALSE(*settings->file_pat);
        CHECK(settings->file_pat->error().message == path + " holds a secret and can be read by others");
        CHECK(settings->warnings.empty());
        home.values["SAIL_ACCESS_TOKEN"] = "tokentoken";
        CHECK(home.load()->warnings ==
              std::vector<std::string>{
                  path + " holds a secret and can be read by others; close it: chmod 600 '" + path + "'"});
    }
}

TEST_CASE("config::load finds how people sign in") {
    Home home;
    const auto type = [&home](const Overrides& overrides = {}) {
        const auto settings = home.load(overrides);
        REQUIRE(settings);
        return settings->auth_type ? settings->auth_type->value + " " + settings->auth_type->origin.where
                                   : "none";
    };
    home.theirs();
    CHECK(type() == "none");
    SECTION("variable, environment, file") {
        const std::string theirs = home.theirs("authtype: oauth\nactiveenvironment: lab\nenvironments:\n"
                                               "  lab: {baseurl: 'https://lab.example'}\n"
                                               "  acme: {authtype: pat}\n");
        CHECK(type() == "oauth " + theirs + ":1");
        CHECK(type({"acme"}) == "pat " + theirs + ":5");
        home.ours("environments: {lab: {baseurl: 'https://lab.example'}}\n");
        CHECK(type() == "oauth " + theirs + ":1");
        home.values["SAIL_AUTHTYPE"] = "PAT";
        CHECK(type() == "PAT SAIL_AUTHTYPE");
    }
    SECTION("a PAT that the vendor's tool keeps is not who acts where people sign in by browser") {
        const auto use = [&home](const char* word) {
            home.values["SAIL_AUTHTYPE"] = word;
            return home.load({"acme"});
        };
        CHECK_FALSE(use("pat")->no_pat);
        CHECK_FALSE(use(" Pat ")->no_pat);
        CHECK(use("pat")->file_pat);
        const auto by_browser = use("oauth");
        REQUIRE(by_browser->no_pat);
        CHECK(by_browser->no_pat->message.find("environment acme signs in by browser (authtype oauth, from "
                                               "SAIL_AUTHTYPE)") == 0);
        CHECK_FALSE(by_browser->file_pat);
        const auto wrong = use("saml");
        REQUIRE(wrong->no_pat);
        CHECK(wrong->no_pat->message == "SAIL_AUTHTYPE: authtype must be pat or oauth; nothing was sent");
        home.ours("environments:\n  acme: {baseurl: 'https://theirs.example', "
                  "pat: {clientid: an-id, clientsecret: a-secret}}\n");
        CHECK(use("oauth")->file_pat); // ours is meant
    }
}

TEST_CASE("config::load says what it goes by") {
    Home home;
    SECTION("the first file's environment, as it is written there, and its defaults") {
        home.ours("activeenvironment: ACME\nenvironments: {Acme: {baseurl: 'https://ours.example'}}\n"
                  "defaults: {wait: false}\n");
        home.theirs("activeenvironment: lab\nenvironments: {acme: {baseurl: 'https://theirs.example'}}\n");
        const auto settings = home.load();
        CHECK(settings->environment.value == "acme");
        CHECK(settings->active_in_files->value == "ACME");
        CHECK(settings->environments == std::vector<std::string>{"acme"});
        REQUIRE(settings->default_wait);
        CHECK_FALSE(settings->default_wait->value);
        CHECK(config::for_environment(*settings) ==
              " for environment acme (from " + home.directory.path() + "/.config/jit/config.yaml:1)");
    }
    SECTION("letters beyond ASCII have no case in the name of an environment") {
        home.ours("environments: {\"M\u00fcnchen\": {baseurl: 'https://ours.example'}}\n");
        CHECK(home.load({"M\u00dcNCHEN"})->environment.value == "m\u00fcnchen");
        CHECK(home.base_url({"m\u00dcnchen"}).rfind("https://ours.example ", 0) == 0);
    }
    SECTION("an environment whatever letters it is written with, and the address for its people") {
        home.ours("environments: {STRASSE: {baseurl: 'https://acme.example', "
                  "tenanturl: 'https://people.example'}}\n");
        const auto settings = home.load({"stra\u00dfe"});
        CHECK(settings->environment.value == "strasse"); // the keyring's entries have this name
        CHECK(settings->ui_address == "https://people.example");
    }
    SECTION("small letters for an environment that no file has") {
        home.values["SAIL_ACTIVEENVIRONMENT"] = "LAB";
        CHECK(home.load()->environment.value == "lab");
    }
    SECTION("nobody chose an environment") {
        home.theirs("environments: {lab: {}}\n");
        CHECK(config::for_environment(*home.load()).empty());
        CHECK(config::require_base_url(*home.load()).error().message ==
              "no base URL is set, and no environment is chosen");
    }
    SECTION("the vendor tool's file is read once where JIT_CONFIG names it") {
        home.values["JIT_CONFIG"] = home.theirs("environments: {lab: {baseurl: 'https://lab.example'}}\n"
                                                "unknown: 1\n");
        CHECK(home.load({"lab"})->warnings.empty());
        home.values["JIT_CONFIG"] = home.directory.path() + "/.sailpoint/config.yaml";
        std::filesystem::remove(home.values["JIT_CONFIG"]);
        CHECK(home.error().find("cannot read ") == 0);
        Overrides overrides;
        overrides.new_environment = true;
        CHECK(home.load(overrides));
    }
    SECTION("an address for people that stands beside no base URL says nothing") {
        home.ours("environments: {default: {tenanturl: 'https://acme.identitynow.com'}}\n");
        home.values["SAIL_BASE_URL"] = "https://other.example";
        CHECK(home.load()->ui_address.empty());
        home.ours("environments: {default: {baseurl: 'https://other.example'}}\n");
        CHECK(home.load()->ui_address.empty());
    }
    SECTION("no near name: all that there are") {
        home.theirs();
        CHECK(home.load({"somewhere-else"}).error().hint == "there are: acme, lab");
        CHECK(home.load({"acne"}).error().hint == "did you mean acme? (there are: acme, lab)");
    }
}

TEST_CASE("config::output_without_files") {
    CHECK(config::output_without_files({}, variables({})) == OutputFormat::table);
    CHECK(config::output_without_files({}, variables({{"JIT_OUTPUT", "json"}})) == OutputFormat::json);
    CHECK(config::output_without_files("jsonl", variables({{"JIT_OUTPUT", "json"}})) == OutputFormat::jsonl);
    CHECK(config::output_without_files("nonsense", variables({})) == OutputFormat::table);
}
