#include "auth/credential_command.hpp"

#include "support/catch.hpp"

#include <csignal>

using namespace jit;

TEST_CASE("auth::run_credential_command") {
    Interrupt interrupt;
    const auto run = [&](const std::vector<std::string>& words) {
        return auth::run_credential_command(words, "c.yaml:3", Terminal::kept, interrupt);
    };
    const auto problem = [&](const std::vector<std::string>& words) {
        const auto output = run(words);
        return output ? "none" : output.error().message;
    };
    SECTION("gives what the command prints") {
        CHECK(run({"printf", "%s", "a secret"})->reveal() == "a secret");
        CHECK(run({"head", "-c", "65536", "/dev/zero"})->reveal().size() == 65536);
    }
    SECTION("a command that fails gives nothing") {
        CHECK(problem({"sh", "-c", "echo secret; exit 1"}) == "c.yaml:3 ended with code 1");
        CHECK(problem({"sh", "-c", "exit 3"}) == "c.yaml:3 ended with code 3");
        CHECK(problem({"sh", "-c", "kill -9 $$"}) == "c.yaml:3 was ended by signal 9");
        CHECK(problem({"jit-no-such-program"}).rfind("c.yaml:3: ", 0) == 0);
        CHECK(problem({"head", "-c", "65537", "/dev/zero"}) == "c.yaml:3 printed more than 64 KiB");
        CHECK(run({"false"}).error().kind == ErrorKind::usage);
    }
    SECTION("Ctrl-C ends the command, too: that is no failure of its own") {
        CHECK(run({"sh", "-c", "kill -INT $$"}).error().kind == ErrorKind::usage);
        interrupt.raise(SIGINT);
        CHECK(run({"sh", "-c", "kill -INT $$"}).error().kind == ErrorKind::interrupted);
        CHECK(run({"sleep", "60"}).error().kind == ErrorKind::interrupted);
    }
}
