#include "cli/run.hpp"

#include "support/program.hpp"

#include <csignal>

using namespace jit;
using test::Program;

namespace {

constexpr const char* k_id = "757fb803-9024-5861-e510-83a56e4c5bd3";
constexpr const char* k_accepted =
    R"({"id":"w1","activationId":"8a9b0c1d-2e3f-4a5b-6c7d-8e9f0a1b2c3d",)"
    R"("connectionId":"757fb803-9024-5861-e510-83a56e4c5bd3","activationPeriodMins":60,"status":"CREATING",)"
    R"("startTime":"2026-11-24T12:00:00Z","new":1.0})";

} // namespace

TEST_CASE("cli::run prints results") {
    Program it;
    it.network.answer(202, k_accepted);
    SECTION("as a table") {
        CHECK(it.run({"activate", k_id, "-m", "60"}) == 0);
        CHECK(it.out() == "ENTITLEMENT                           STATUS    MINUTES  ENDS  ACTIVATION\n"
                          "757fb803-9024-5861-e510-83a56e4c5bd3  starting  60       -     "
                          "8a9b0c1d-2e3f-4a5b-6c7d-8e9f0a1b2c3d\n");
        CHECK(it.err().empty());
    }
    SECTION("as JSON, with all fields of the service") {
        CHECK(it.run({"-o", "jsonl", "activate", "-e", "757FB80390245861E51083A56E4C5BD3", "-m", "60"}) == 0);
        CHECK(
            it.out() ==
            R"({"id":"w1","activationId":"8a9b0c1d-2e3f-4a5b-6c7d-8e9f0a1b2c3d",)"
            R"("connectionId":"757fb803-9024-5861-e510-83a56e4c5bd3","activationPeriodMins":60,"status":"CREATING",)"
            R"("startTime":"2026-11-24T12:00:00Z","new":1.0,"entitlement":"757FB80390245861E51083A56E4C5BD3",)"
            R"("entitlementName":"757fb803-9024-5861-e510-83a56e4c5bd3","expiresAt":"2026-11-24T13:00:00Z"})"
            "\n");
    }
    SECTION("as CSV") {
        it.values["JIT_OUTPUT"] = "csv";
        CHECK(it.run({"activate", k_id, "-m", "60"}) == 0);
        CHECK(it.out() ==
              "entitlement,id,activationId,connectionId,activationPeriodMins,status,startTime,expiresAt,"
              "entitlementName\n"
              "757fb803-9024-5861-e510-83a56e4c5bd3,w1,8a9b0c1d-2e3f-4a5b-6c7d-8e9f0a1b2c3d,"
              "757fb803-9024-5861-e510-83a56e4c5bd3,60,CREATING,2026-11-24T12:00:00Z,2026-11-24T13:00:00Z,"
              "757fb803-9024-5861-e510-83a56e4c5bd3\n");
    }
}

TEST_CASE("cli::run tells a state that gives no access from success") {
    Program it;
    it.network.answer(202, R"({"status":"INVALID"})");
    CHECK(it.run({"activate", k_id, "-m", "60"}) == 11);
    CHECK(it.out().find("failed") != std::string::npos);
    CHECK(it.err().find("was accepted, but has ended in INVALID") != std::string::npos);
}

TEST_CASE("cli::run refuses what is no command line") {
    const std::vector<std::pair<std::vector<std::string>, const char*>> lines = {
        {{"actvate", k_id}, "jit: there is no command \"actvate\"\n     did you mean activate?\n"},
        {{"activate", k_id, "--minuts", "6"},
         "jit: there is no option --minuts\n     did you mean --minutes?\n"},
        {{"activate", k_id, "-m", "0"},
         "jit: --minutes: \"0\" is not a whole number from 1 to 2147483647\n     see jit activate --help\n"},
        {{"activate", k_id, "-m"}, "jit: --minutes needs a value\n     see jit activate --help\n"},
        {{"activate", k_id, "-m", "1", "-m", "2"},
         "jit: --minutes is given more than once\n     see jit activate --help\n"},
        {{"activate", k_id},
         "jit: say how long: -m 60\n     or set defaults.minutes in the configuration file\n"},
        {{"activate", "-m", "1", "--metadata", "x", k_id},
         "jit: --metadata: \"x\" is not KEY=VALUE\n     see jit activate --help\n"},
        {{"activate", "-m", "1", "--metadata", "x=1", "--metadata", "x=2", k_id},
         "jit: --metadata: the key x is given twice\n     see jit activate --help\n"},
        {{"--color", "pink", "activate"},
         "jit: --color: \"pink\" is not auto, always or never\n     see jit activate --help\n"},
        {{"-m", "5", "activate", k_id},
         "jit: -m is an option of activate\n     put it after the command: jit activate -m ...\n"},
        {{"activate", k_id, "-m", "5", "--ca-file", ""},
         "jit: --ca-file: cannot read \"\": No such file or directory\n"},
        {{"--quiet"}, "jit: a command is missing\n     see jit --help\n"},
        {{"help", "bogus"}, "jit: there is no command \"bogus\"\n     see jit --help\n"},
    };
    SECTION("bytes that are not UTF-8 are not passed on") {
        Program it;
        CHECK(it.run({"deactivate", k_id, "--metadata", "a=\xFF"}) == 2);
        CHECK(it.run({"deactivate", k_id, "--request-origin", "\xC3"}) == 2);
    }
    for (const auto& [words, expected] : lines) {
        Program it;
        CHECK(it.run(words) == 2);
        CHECK(it.err() == expected);
        CHECK(it.out().empty());
    }
}

TEST_CASE("cli::run takes words as they are") {
    // Brackets, a command's name, what looks like an option behind --: none is read as anything else.
    for (const std::vector<std::string>& words : {std::vector<std::string>{"deactivate", "[a,b]"},
                                                  {"deactivate", "-e", "[a,b]"},
                                                  {"deactivate", "extend"},
                                                  {"deactivate", "--", "-x"},
                                                  {"deactivate", "-e", "-x"}}) {
        Program it;
        it.network.answer(200, "[]");
        CHECK(it.run(words) == 5);
        CHECK(it.err().find("is called \"" + words.back() + "\"; nothing was sent") != std::string::npos);
    }
}

TEST_CASE("cli::run prints errors as JSON for scripts") {
    SECTION("also where the command line is wrong") {
        Program it;
        CHECK(it.run({"activate", "--nonsense", "-o", "json"}) == 2);
        CHECK(it.err() == R"({"error":{"code":2,"kind":"usage","message":"there is no option --nonsense",)"
                          R"("hint":"see jit activate --help"}})"
                          "\n");
    }
    SECTION("in each spelling of the option, and by the environment") {
        for (const std::vector<std::string>& words :
             {std::vector<std::string>{"-ojsonl", "bogus"}, {"--output=json", "bogus"}, {"bogus"}}) {
            Program it;
            it.values["JIT_OUTPUT"] = words.size() == 1 ? "json" : "table";
            CHECK(it.run(words) == 2);
            CHECK(it.err().rfind("{\"error\":", 0) == 0);
        }
    }
    SECTION("by a configuration file") {
        const test::TemporaryDirectory directory;
        Program it;
        it.network.answer(404, "");
        it.network.answer(200, "[]"); // whether it is active
        it.network.answer(200, "[]"); // whether it is the ID of an entitlement
        it.values["JIT_CONFIG"] = directory.write("c.yaml", "defaults: {output: json}");
        CHECK(it.run({"deactivate", k_id}) == 5);
        CHECK(it.err().rfind("{\"error\":{\"code\":5,\"kind\":\"refused\",\"httpStatus\":404", 0) == 0);
    }
}

TEST_CASE("cli::run keeps secrets and control characters out of errors") {
    Program it;
    it.network.answer(403, "{\"message\":\"tokentoken \\u001b[2J\"}");
    CHECK(it.run({"deactivate", k_id}) == 4);
    CHECK(it.err().find("tokentoken") == std::string::npos);
    CHECK(it.err().find("[token] �[2J") != std::string::npos);
}

TEST_CASE("cli::run dry run sends nothing and needs no credentials") {
    Program it;
    it.values.erase("SAIL_ACCESS_TOKEN");
    CHECK(it.run({"extend", k_id, "-m", "5", "--dry-run", "-o", "jsonl", "--request-origin", "o",
                  "--metadata", "k=v=w"}) == 0);
    CHECK(it.out() == R"({"dryRun":true,"body":{"connectionId":"757fb803-9024-5861-e510-83a56e4c5bd3",)"
                      R"("activationPeriodExtensionMins":5,"requestOrigin":"o","metaData":{"k":"v=w"}},)"
                      R"("entitlement":"757fb803-9024-5861-e510-83a56e4c5bd3",)"
                      R"("entitlementName":"757fb803-9024-5861-e510-83a56e4c5bd3",)"
                      R"("connectionId":"757fb803-9024-5861-e510-83a56e4c5bd3","method":"POST",)"
                      R"("url":"https://acme.example/jit-activations/v1/extend"})"
                      "\n");
}

TEST_CASE("cli::run ends with the signal's code") {
    for (const int signal : {SIGINT, SIGTERM}) {
        Program it;
        it.interrupt.raise(signal);
        it.network.fail({http::Failure::Kind::interrupted, true, ""});
        CHECK(it.run({"deactivate", k_id}) == 128 + signal);
        CHECK(it.err().find("interrupted after deactivate of") != std::string::npos);
    }
    SECTION("also when the answer was quicker than the signal") {
        Program it;
        it.interrupt.raise(SIGINT);
        it.network.answer(202, k_accepted);
        CHECK(it.run({"deactivate", k_id}) == 130);
        CHECK_FALSE(it.out().empty());
    }
}

TEST_CASE("cli::run help and version") {
    SECTION("no words at all: the help") {
        Program it;
        CHECK(it.run({}) == 0);
        CHECK(it.out().find("\nGet and end access\n  activate ") != std::string::npos);
    }
    SECTION("a command's help has all that a newcomer needs, in lines of at most 80 columns") {
        for (const std::vector<std::string>& words :
             {std::vector<std::string>{"activate", "--help"}, {"help", "activate"}, {"-h", "activate"}}) {
            Program it;
            CHECK(it.run(words) == 0);
            for (const char* part :
                 {"jit activate: Start", "\nUsage\n", "\nExamples\n", "\nTarget\n  ENTITLEMENT",
                  "--minutes N", "\nMore\n  jit activate --help --all\n"}) {
                INFO(part);
                CHECK(it.out().find(part) != std::string::npos);
            }
            for (std::size_t at = 0; at < it.out().size();) {
                const std::size_t end = it.out().find('\n', at);
                CHECK(end - at <= 80);
                at = end + 1;
            }
        }
    }
    SECTION("the version") {
        Program it;
        CHECK(it.run({"--version"}) == 0);
        CHECK(it.out().rfind("jit ", 0) == 0);
    }
}

TEST_CASE("cli::run leaves the words of a program that it runs to that") {
    Program it;
    SECTION("and a program that is not there costs nothing") {
        const test::TemporaryDirectory directory;
        const std::string program = directory.path() + "/x";
        CHECK(it.run({"run", "-e", k_id, "-m", "5", program, "-m", "--help"}) == 127);
        CHECK(it.err() == "jit: cannot run " + program + ": No such file or directory\n");
    }
    SECTION("and its own failures have a code of their own") {
        CHECK(it.run({"run", "-qm", "5", "-e", k_id, "--bogus", "true", "-o", "json"}) == 125);
        CHECK(it.err() == "jit: there is no option --bogus (code 2, usage)\n     see jit run --help\n");
    }
    SECTION("a word that is the value of an option is none of the program") {
        CHECK(it.run({"--utc", "-o", "json", "run", "-e", "run", "--minutes", "0", "--", "x"}) == 125);
        CHECK(it.err().find("\\\"0\\\" is not a whole number") != std::string::npos);
    }
}
