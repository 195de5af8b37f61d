#include "util/foreground.hpp"

#include "support/fakes.hpp"
#include "util/clock.hpp"

#include <csignal>

using namespace jit;
using namespace std::chrono_literals;

namespace {

/// The code of a script, once it has ended.
int code_of(const char* script) {
    Interrupt interrupt;
    interrupt.install();
    SystemClock clock(interrupt);
    Foreground program(interrupt);
    REQUIRE(program.start("/bin/sh", {"sh", "-c", script}, {"VALUE=3"}));
    while (!program.exit_code()) {
        CHECK_FALSE(clock.sleep(1h)); // its end wakes
    }
    return *program.exit_code();
}

} // namespace

TEST_CASE("util::foreground") {
    SECTION("gives the code as shells do") {
        CHECK(code_of("exit $VALUE") == 3);
        CHECK(code_of("kill -KILL $$") == 128 + SIGKILL);
    }
    SECTION("what was sent to us alone is passed on, and a request to stop is told") {
        Interrupt interrupt;
        interrupt.install();
        SystemClock clock(interrupt);
        Foreground program(interrupt);
        REQUIRE(program.start("/bin/sleep", {"sleep", "1000"}, {}));
        CHECK_FALSE(program.asked_to_stop());
        REQUIRE(kill(getpid(), SIGTERM) == 0);
        CHECK(program.asked_to_stop());
        while (!program.exit_code()) {
            interrupt.clear();
            if (!program.exit_code()) {
                (void)clock.sleep(1h);
            }
        }
        CHECK(*program.exit_code() == 128 + SIGTERM);
    }
    SECTION("what cannot be started") {
        Interrupt interrupt;
        Foreground program(interrupt);
        const test::TemporaryDirectory directory;
        CHECK(program.start(directory.path() + "/x", {"x"}, {}).error().kind == ErrorKind::not_found);
        CHECK(program.start("/etc", {"x"}, {}).error().kind == ErrorKind::not_executable);
        interrupt.raise(SIGINT);
        CHECK(program.start("/bin/true", {"true"}, {}).error().kind == ErrorKind::interrupted);
    }
    SECTION("signal handlers are restored") {
        Interrupt interrupt;
        interrupt.install();
        CHECK(code_of("exit 0") == 0); // which has installed and removed its own
    }
}
