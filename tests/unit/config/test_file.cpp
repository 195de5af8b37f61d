#include "config/file.hpp"

#include "support/fakes.hpp"
#include "util/text.hpp"

#include <filesystem>
#include <sys/stat.h>
#include <unistd.h>

using namespace jit;
using config::parse_file;

namespace {

std::string problem(const char* yaml) {
    const auto file = parse_file(yaml, "c.yaml");
    return file ? "none" : file.error().message;
}

std::vector<std::string> warnings(const char* yaml) {
    const auto file = parse_file(yaml, "c.yaml");
    REQUIRE(file);
    return file->warnings;
}

constexpr const char* k_vendor_file = R"(activeenvironment: acme
authtype: pat
debug: false
customexporttemplatespath: ""
customsearchtemplatespath: ""
environments:
  acme:
    baseurl: https://acme.api.identitynow.com
    tenanturl: https://acme.identitynow.com
    pat: {clientid: an-id, clientsecret: a-secret, accesstoken: x, expiry: "2026-01-01T00:00:00Z"}
  Lab:
    baseurl: https://lab.api.identitynow.com
)";

} // namespace

TEST_CASE("config::parse_file") {
    SECTION("the vendor tool's file, without a warning") {
        const auto file = parse_file(k_vendor_file, "c.yaml");
        REQUIRE(file);
        CHECK(file->warnings.empty());
        CHECK(file->active_environment->value == "acme");
        CHECK(file->active_environment->origin.where == "c.yaml:1");
        CHECK(file->has_secret);
        REQUIRE(file->environments.count("acme") == 1);
        const config::FileEnvironment& acme = file->environments.at("acme");
        CHECK(acme.base_url->value == "https://acme.api.identitynow.com");
        CHECK(acme.base_url->origin.where == "c.yaml:8");
        REQUIRE(acme.pat);
        CHECK(acme.pat->client_id.reveal() == "an-id");
        CHECK(acme.pat->client_secret.reveal() == "a-secret");
        CHECK(file->environments.count("lab") == 1); // names have no case
    }
    SECTION("the file of a current version of the vendor's tool, and whatever a newer one adds") {
        const auto file = parse_file(R"(activeenvironment: null
authtype: oauth
json: true
output: {style: [a, b]}
environments:
  acme: {authtype: pat, baseurl: null, tenanturl: https://acme.identitynow.com, color: blue}
  eu:
    baseurl: https://eu.example
    prod:
      baseurl: https://eu-prod.example
      tenanturl: https://x.example
      blue: {tenanturl: "", authtype: oauth}
  us: {east: {one: {baseurl: https://us-east-one.example}}}
  Größe: {baseurl: https://size.example}
exporttemplatespath: ""
)",
                                     "c.yaml", config::Owner::vendor);
        REQUIRE(file);
        CHECK(file->warnings.empty());
        CHECK_FALSE(file->active_environment);
        CHECK(file->auth_type->value == "oauth");
        const auto url = [&file](const char* name) -> std::string {
            const auto entry = file->environments.find(name);
            REQUIRE(entry != file->environments.end());
            return entry->second.base_url ? entry->second.base_url->value : "none";
        };
        CHECK(url("acme") == "none");
        CHECK(file->environments.at("acme").auth_type->value == "pat");
        CHECK(url("eu") == "https://eu.example");
        CHECK(url("eu.prod") == "https://eu-prod.example");
        CHECK(url("eu.prod.blue") == "none");
        CHECK(url("us.east.one") == "https://us-east-one.example");
        CHECK(url(fold_case("GRÖSSE").c_str()) == "https://size.example");
        CHECK(file->environments.at(fold_case("größe")).name == "größe");
        CHECK(file->environments.size() == 6); // neither "us" nor "us.east" is one
    }
    SECTION("a group that is no environment is no part of a name") {
        CHECK(
            warnings("environments: {acme: {baseurl: https://a.example, paat: {clientid: x}}}\n") ==
            std::vector<std::string>{"c.yaml:1: unknown key environments.acme.paat is ignored; did you mean "
                                     "environments.acme.pat?"});
        CHECK(problem("environments: {eu.prod: {baseurl: https://a.example}, eu: {prod: {baseurl: "
                      "https://b.example}}}") == "c.yaml:1: the environment eu.prod comes twice");
    }
    SECTION("names have no case, whatever their letters") {
        const auto file = parse_file("aliases:\n  # mine\n  Bereitschäft: [a, b]\n", "c.yaml");
        REQUIRE(file);
        const auto alias = file->aliases.find(fold_case("BEREITSCHÄFT"));
        REQUIRE(alias != file->aliases.end());
        CHECK(alias->second.name == "Bereitschäft");
        CHECK(alias->second.origin.where == "c.yaml:3");
        CHECK(problem("aliases: {ä: x, Ä: y}") == "c.yaml:1: aliases.Ä comes twice");
    }
    SECTION("our own keys") {
        const auto file = parse_file("defaults: {minutes: 45, output: json}\n", "c.yaml");
        REQUIRE(file);
        CHECK(file->default_minutes->value == 45);
        CHECK(file->default_output->value == "json");
    }
    SECTION("who is asked before access is started") {
        const auto file =
            parse_file("environments: {prod: {baseurl: https://a.example, confirm: true}}\n"
                       "aliases: {db: {entitlement: x, confirm: true}, log: {entitlement: y}}\n",
                       "c.yaml");
        REQUIRE(file);
        CHECK(file->environments.at("prod").confirm->value);
        CHECK(file->aliases.at("db").confirm->value);
        CHECK_FALSE(file->aliases.at("log").confirm);
        CHECK(file->warnings.empty());
        CHECK(problem("aliases: {db: {entitlement: x, confirm: maybe}}") ==
              "c.yaml:1: aliases.db.confirm must be true or false");
    }
    SECTION("an empty file, and empty groups, are fine") {
        CHECK(problem("") == "none");
        CHECK(problem("# nothing\n") == "none");
        CHECK(problem("environments:\ndefaults:\n") == "none");
        CHECK(problem("environments:\n  acme:\n") == "none");
    }
    SECTION("half a PAT is none") {
        const auto file =
            parse_file("environments: {a: {pat: {clientid: x}}, b: {pat: {clientsecret: y}}}", "c");
        REQUIRE(file);
        CHECK_FALSE(file->environments.at("a").pat);
        CHECK_FALSE(file->environments.at("b").pat);
        CHECK(file->has_secret);
    }
    SECTION("an unknown key is warned of by place and name, with the nearest known one") {
        CHECK(warnings("activenvironment: acme\n") ==
              std::vector<std::string>{
                  "c.yaml:1: unknown key activenvironment is ignored; did you mean activeenvironment?"});
        CHECK(warnings("environments:\n  acme:\n    base_url: https://x\n    zzz: 1\n") ==
              std::vector<std::string>{"c.yaml:3: unknown key environments.acme.base_url is ignored; did you "
                                       "mean environments.acme.baseurl?",
                                       "c.yaml:4: unknown key environments.acme.zzz is ignored"});
    }
    SECTION("keys have no case, as the vendor tool has it") {
        CHECK(parse_file("ActiveEnvironment: acme\n", "c")->active_environment->value == "acme");
    }
    SECTION("a wrong type is an error with file, line and key") {
        CHECK(problem("activeenvironment: [a]\n") == "c.yaml:1: activeenvironment must be text, not a list");
        CHECK(problem("environments:\n  acme:\n    baseurl: {a: b}\n") ==
              "c.yaml:3: environments.acme.baseurl must be text, not a group of keys");
        CHECK(problem("environments: x\n") ==
              "c.yaml:1: environments must be a group of keys, not a single value");
        CHECK(problem("\ndefaults:\n  minutes: soon\n") ==
              "c.yaml:3: defaults.minutes must be a whole number of minutes, at least 1");
        CHECK(problem("defaults: {minutes: 0}") ==
              "c.yaml:1: defaults.minutes must be a whole number of minutes, at least 1");
        CHECK(problem("defaults: {minutes: [1]}") ==
              "c.yaml:1: defaults.minutes must be a whole number of minutes, at least 1");
        CHECK(problem("- a\n") == "c.yaml:1: the file must be a group of keys, not a list");
        CHECK(problem("{[a]: b}") == "c.yaml:1: a key of the file must be text, not a list");
        CHECK(problem("environments: {[a]: b}") ==
              "c.yaml:1: a key of environments must be text, not a list");
    }
    SECTION("a key that comes twice is an error, since which one counts would be a guess") {
        CHECK(problem("debug: 1\nDebug: 2\n") == "c.yaml:2: Debug comes twice");
        CHECK(problem("environments:\n  a: {}\n  b: {}\n  A: {}\n") ==
              "c.yaml:4: environments.A comes twice");
        CHECK(problem("environments: {a: {pat: {clientid: x, clientid: x}}}") ==
              "c.yaml:1: environments.a.pat.clientid comes twice");
        CHECK(problem("aliases: {a: x, A: y}") == "c.yaml:1: aliases.A comes twice");
        CHECK(parse_file("environments: {a: {baseurl: x}, b: {baseurl: x}}", "c"));
    }
    SECTION("a secret in the wrong place is not repeated") {
        CHECK(problem("environments: {a: {pat: hunter22}}") ==
              "c.yaml:1: environments.a.pat must be a group of keys, not a single value");
        CHECK(warnings("environments: {a: {pat: {a-secret-that-is-longer-than-a-key-ever-is: 1}}}") ==
              std::vector<std::string>{"c.yaml:1: unknown key environments.a.pat.a-secr… is ignored"});
        CHECK(problem("environments: {a: {pat: {clientsecret: [hunter22]}}}") ==
              "c.yaml:1: environments.a.pat.clientsecret must be text, not a list");
    }
    SECTION("what is no YAML is an error with its line, and with none of the library's words: some quote the "
            "text") {
        const std::string said = ": not valid YAML: look for a tab, a quote or bracket that is not closed, "
                                 "or a wrong indentation there "
                                 "or in the lines before";
        CHECK(problem("a: b\nc: 'hunter22") == "c.yaml:2" + said);
        CHECK(problem("a: *hunter22") == "c.yaml:1" + said);
        CHECK(problem("pat: {clientid: a, hunter22: [b") == "c.yaml:1" + said);
        CHECK(problem("a:\n  b: 1\n c: hunter22\n") == "c.yaml:3" + said);
        CHECK(problem("%YAML hunter22\n---\na: b") == "c.yaml:1" + said);
        CHECK(problem("a: b\n c: [\n").rfind("c.yaml:", 0) == 0);
        CHECK(problem("a: b\n c: [\n").find("not valid YAML") != std::string::npos);
        CHECK(problem("\t- x").find("not valid YAML") != std::string::npos);
    }
}

TEST_CASE("config::parse_file refuses what has no end") {
    const auto refused = Catch::Matchers::StartsWith("c.yaml: nested too deeply, or with too many values");
    SECTION("a group in itself") {
        CHECK_THAT(problem("environments: &all\n  acme: *all\n"), refused);
        CHECK_THAT(
            problem("environments:\n  acme: &acme\n    baseurl: https://acme.example\n    more: *acme\n"),
            refused);
        CHECK_THAT(problem("aliases: {prod: &list [a, *list]}\n"), refused);
    }
    SECTION("brackets in brackets") {
        const std::string deep = "debug: " + std::string(40, '[') + std::string(40, ']');
        CHECK_THAT(problem(deep.c_str()), refused);
    }
    SECTION("each alias ten times as much as the one before") {
        std::string yaml = "a0: &a0 x\n";
        for (char level = '1'; level <= '9'; ++level) {
            const std::string below(1, static_cast<char>(level - 1));
            yaml += concat({"a", std::string(1, level), ": &a", std::string(1, level), " ["});
            for (int i = 0; i < 10; ++i) {
                yaml += concat({"*a", below, ", "});
            }
            yaml += "]\n";
        }
        CHECK_THAT(problem(yaml.c_str()), refused);
    }
    SECTION("an anchor that is used twice is fine") {
        CHECK(problem("environments:\n  a: &a {baseurl: https://a.example}\n  b: *a\n") == "none");
    }
}

TEST_CASE("config::read_file") {
    const test::TemporaryDirectory directory;
    SECTION("a file that is not there is fine unless it was asked for") {
        const auto absent = config::read_file(directory.path() + "/none.yaml", false);
        REQUIRE(absent);
        CHECK_FALSE(*absent);
        const auto required = config::read_file(directory.path() + "/none.yaml", true);
        REQUIRE_FALSE(required);
        CHECK(required.error().kind == ErrorKind::usage);
        CHECK(required.error().message.find("No such file") != std::string::npos);
    }
    SECTION("a directory in its place is an error") {
        CHECK_FALSE(config::read_file(directory.path(), false));
    }
    SECTION("a file that is not a configuration at all") {
        const std::string path = directory.write("big.yaml", std::string(1024 * 1024 + 1, ' '));
        CHECK(config::read_file(path, false).error().message.find("larger than 1 MiB") != std::string::npos);
    }
    SECTION("a secret that others can read, with the command that mends it") {
        const std::string path = directory.write("c.yaml", k_vendor_file);
        CHECK_FALSE((*config::read_file(path, true))->open_to_others);
        for (const mode_t mode : {0640U, 0604U, 0610U, 0644U}) {
            REQUIRE(chmod(path.c_str(), mode) == 0);
            const auto file = config::read_file(path, true);
            REQUIRE((*file)->open_to_others);
            CHECK((*file)->open_to_others->hint == "close it: chmod 600 '" + path + "'");
        }
    }
    SECTION("a file without a secret may be read by anyone") {
        const std::string path = directory.write("c.yaml", "activeenvironment: acme\n");
        REQUIRE(chmod(path.c_str(), 0644) == 0);
        CHECK_FALSE((*config::read_file(path, true))->open_to_others);
    }
}

TEST_CASE("config::read_file trusts what nobody else could have written") {
    const test::TemporaryDirectory directory;
    const std::string steering = GENERATE(
        "activeenvironment: a\n", "aliases: {x: y}\n", "environments: {a: {baseurl: 'https://a.example'}}\n",
        "environments: {a: {credential_command: x}}\n", "environments: {a: {client_cert: x}}\n");
    const std::string path = directory.write("home/my c.yaml", steering);
    const std::string home = directory.path() + "/home";
    const auto problem = [&path] {
        const auto file = config::read_file(path, false);
        return file ? "none" : file.error().message + " | " + file.error().hint;
    };
    CHECK(problem() == "none");
    SECTION("not a file that its group or all may write") {
        for (const mode_t mode : {0620U, 0602U, 0664U, 0666U}) {
            REQUIRE(chmod(path.c_str(), mode) == 0);
            CHECK(problem() == path +
                                   " is not trusted: it can be written by others | close it: chmod go-w '" +
                                   path + "'");
        }
        REQUIRE(chmod(path.c_str(), 0644) == 0);
        CHECK(problem() == "none");
    }
    SECTION(
        "not one in a directory where others may put another, unless that lets them move only their own") {
        for (const mode_t mode : {0770U, 0707U}) {
            REQUIRE(chmod(home.c_str(), mode) == 0);
            CHECK(problem() == path + " is not trusted: the directory " + home +
                                   " can be written by others | close it: chmod go-w '" + home + "'");
        }
        REQUIRE(chmod(home.c_str(), 01777) == 0);
        CHECK(problem() == "none");
    }
    SECTION("the same for the directories above, and for what a link leads to") {
        REQUIRE(chmod(directory.path().c_str(), 0770) == 0);
        CHECK(problem().find("the directory " + directory.path() + " can be written by others") !=
              std::string::npos);
        const test::TemporaryDirectory other;
        std::filesystem::create_symlink(path, other.path() + "/link.yaml");
        const auto linked = config::read_file(other.path() + "/link.yaml", true);
        REQUIRE_FALSE(linked);
        CHECK(linked.error().message.find("the directory " + directory.path()) != std::string::npos);
    }
    SECTION("nor through a link that others can change") {
        const test::TemporaryDirectory other;
        std::filesystem::create_symlink(path, other.path() + "/link.yaml");
        CHECK(config::read_file(other.path() + "/link.yaml", true));
        REQUIRE(chmod(other.path().c_str(), 0770) == 0);
        const auto linked = config::read_file(other.path() + "/link.yaml", true);
        REQUIRE_FALSE(linked);
        CHECK(linked.error().message.find("the directory " + other.path()) != std::string::npos);
    }
    SECTION("nor one of another user") {
        if (geteuid() == 0) { // only root can give a file away
            REQUIRE(chown(home.c_str(), 1, 1) == 0);
            CHECK(problem().find("the directory " + home + " belongs to another user") != std::string::npos);
            REQUIRE(chown(path.c_str(), 1, 1) == 0);
            CHECK(problem() ==
                  path +
                      " is not trusted: it belongs to another user | make it yours: chown \"$(id "
                      "-un)\" '" +
                      path + "'");
        }
    }
    SECTION("what has defaults only may be anybody's") {
        (void)directory.write("home/my c.yaml", "defaults: {output: json}\ndebug: true\n");
        REQUIRE(chmod(path.c_str(), 0666) == 0);
        CHECK(problem() == "none");
    }
}

TEST_CASE("config::read_file opens regular files only") {
    const test::TemporaryDirectory directory;
    const std::string path = directory.path() + "/c.yaml";
    const auto problem = [&path] {
        const auto file = config::read_file(path, false);
        const auto text = config::read_text(path);
        REQUIRE_FALSE(file);
        REQUIRE_FALSE(text);
        CHECK(text.error().message == file.error().message);
        CHECK(file.error().kind == ErrorKind::usage);
        return file.error().message;
    };
    SECTION("a pipe, for whose other end nobody waits") {
        REQUIRE(mkfifo(path.c_str(), 0600) == 0);
        CHECK(problem() == "cannot read " + path + ": it is no regular file");
    }
    SECTION("a device, also by a link") {
        std::filesystem::create_symlink("/dev/zero", path);
        CHECK(problem() == "cannot read " + path + ": it is no regular file");
    }
    SECTION("a file that is huge and has nothing in it") {
        (void)directory.write("c.yaml", "");
        REQUIRE(truncate(path.c_str(), off_t{1} << 40) == 0);
        CHECK(problem() == path + " is larger than 1 MiB: not a configuration file");
    }
    SECTION("/dev/null says that there is none; it cannot be changed") {
        const auto file = config::read_file("/dev/null", true);
        REQUIRE(file);
        CHECK_FALSE(*file);
        CHECK_FALSE(config::read_text("/dev/null"));
        CHECK_FALSE(config::write_text("/dev/null", "x"));
    }
    SECTION("a link that leads nowhere yet is not replaced: what it names is written") {
        std::filesystem::create_symlink("some/where.yaml", path);
        const auto text = config::read_text(path);
        REQUIRE(text);
        CHECK_FALSE(*text);
        REQUIRE(config::write_text(path, "x"));
        CHECK(std::filesystem::is_symlink(path));
        CHECK(config::read_text(directory.path() + "/some/where.yaml").operator*() == "x");
    }
}

TEST_CASE("config::parse_file reads a credential command") {
    using Words = std::vector<std::string>;
    const auto words = [](const char* value) {
        const auto file =
            parse_file(std::string("environments: {a: {credential_command: ") + value + "}}", "c");
        return file ? file->environments.at("a").command->words : Words{file.error().message};
    };
    CHECK(words("[sh, -c, 'a | b']") == Words{"sh", "-c", "a | b"});
    CHECK(words("{a: b}").front().find("must be a command line or a list of words") != std::string::npos);
    CHECK(words("[[a]]").front().find("must be a list of words") != std::string::npos);
    CHECK(words("[]").front().find("has no program") != std::string::npos);
    CHECK(words("''").front().find("has no program") != std::string::npos);
}
