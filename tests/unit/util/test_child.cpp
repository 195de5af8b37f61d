#include "util/child.hpp"

#include "support/fakes.hpp"

#include <csignal>
#include <cstdlib>
#include <unistd.h>

using namespace jit;
using namespace std::chrono_literals;
using Kind = ChildEnd::Kind;

namespace {

constexpr ChildLimits k_limits{30s, 100};

ChildEnd shell(const char* script, ChildLimits limits = k_limits, const Interrupt& interrupt = Interrupt(),
               const std::vector<std::string_view>& without = {}) {
    auto end =
        run_program({{"sh", "-c", script}, limits, Terminal::taken, Captured::standard, without}, interrupt);
    REQUIRE(end);
    return *std::move(end);
}

} // namespace

TEST_CASE("util::run_program") {
    SECTION("gives the output and the code") {
        const ChildEnd end = shell("echo one; echo two; exit 7");
        CHECK(end.kind == Kind::exited);
        CHECK(end.number == 7);
        CHECK(end.output.reveal() == "one\ntwo\n");
    }
    SECTION("no shell reads the words, and there is no input") {
        const auto end = run_program({{"echo", "$HOME", "a b", ";"}, k_limits}, Interrupt());
        REQUIRE(end);
        CHECK(end->output.reveal() == "$HOME a b ;\n");
        CHECK(shell("cat; echo end").output.reveal() == "end\n");
    }
    SECTION("leaves variables out") {
        REQUIRE(setenv("JIT_TEST_ONE", "1", 1) == 0);
        REQUIRE(setenv("JIT_TEST_ONE_MORE", "2", 1) == 0);
        CHECK(shell("echo $JIT_TEST_ONE-$JIT_TEST_ONE_MORE", k_limits, Interrupt(), {"JIT_TEST_ONE"})
                  .output.reveal() == "-2\n");
    }
    SECTION("a signal that ends it") {
        const ChildEnd end = shell("kill -9 $$");
        CHECK(end.kind == Kind::killed);
        CHECK(end.number == SIGKILL);
    }
    SECTION("what does not start") {
        const test::TemporaryDirectory directory;
        const std::string program = directory.path() + "/x";
        const auto end = run_program({{program}, k_limits}, Interrupt());
        REQUIRE_FALSE(end);
        CHECK(end.error().kind == ErrorKind::usage);
        CHECK(end.error().message == "cannot start " + program + ": No such file or directory");
    }
    SECTION("too much output ends it") {
        CHECK(shell("exec yes").kind == Kind::too_much);
        CHECK(shell("printf %100s x").kind == Kind::exited);
        CHECK(shell("printf %101s x").kind == Kind::too_much);
    }
    SECTION("of much output the last is kept, that to standard error, too") {
        const auto last_of = [](const char* script, ChildLimits limits) {
            auto end =
                run_program({{"sh", "-c", script}, limits, Terminal::taken, Captured::last}, Interrupt());
            REQUIRE(end);
            return *std::move(end);
        };
        const ChildEnd both = last_of("echo one; echo two >&2; exit 3", k_limits);
        CHECK(both.number == 3);
        CHECK(both.output.reveal() == "one\ntwo\n");
        CHECK(last_of("seq 1 20000; echo end", {30s, 8}).output.reveal() == "000\nend\n");
        CHECK(last_of("exec yes", {100ms, 100}).kind == Kind::out_of_time);
    }
    SECTION("time ends it and what it has started") {
        int held[2] = {}; // by all of them: reading ends when they are gone
        REQUIRE(pipe(static_cast<int*>(held)) == 0);
        CHECK(shell("sleep 1000 & exec sleep 1000", {100ms, 100}).kind == Kind::out_of_time);
        (void)close(held[1]);
        char byte = 0;
        CHECK(read(held[0], &byte, 1) == 0);
        (void)close(held[0]);
        CHECK(shell("exec >&-; exec sleep 1000", {100ms, 100}).kind == Kind::out_of_time);
    }
    SECTION("a grandchild that lives on holds nothing up") {
        const ChildEnd end = shell("sleep 1000 & echo $!; exit 0");
        CHECK(end.kind == Kind::exited);
        const auto pid = std::stoi(std::string(end.output.reveal()));
        CHECK(kill(pid, SIGKILL) == 0);
    }
    SECTION("an interrupt ends it") {
        Interrupt interrupt;
        interrupt.raise(SIGINT);
        CHECK(shell("exec sleep 1000", k_limits, interrupt).kind == Kind::interrupted);
    }
}

TEST_CASE("util::run_in_child") {
    const Interrupt interrupt;
    SECTION("gives what the work writes, and its code") {
        const auto end =
            run_in_child([](int out) { return write(out, "secret", 6) == 6 ? 3 : 4; }, k_limits, interrupt);
        REQUIRE(end);
        CHECK(end->kind == Kind::exited);
        CHECK(end->number == 3);
        CHECK(end->output.reveal() == "secret");
    }
    SECTION("work that hangs or crashes is its own affair") {
        CHECK(run_in_child([](int) { return pause(); }, {50ms, 1}, interrupt)->kind == Kind::out_of_time);
        CHECK(run_in_child([](int) { return std::raise(SIGTERM); }, k_limits, interrupt)->kind ==
              Kind::killed);
    }
}
