#include "base/interrupt.hpp"

#include "base/clock.hpp"
#include "support/catch.hpp"

#include <csignal>

using namespace jit;
using namespace std::chrono_literals;

TEST_CASE("base::interrupt") {
    SECTION("a signal is remembered, and ends a wait at once") {
        Interrupt interrupt;
        interrupt.install();
        SystemClock clock(interrupt);
        REQUIRE(std::raise(SIGTERM) == 0);
        CHECK(interrupt.signal() == SIGTERM);
        CHECK_FALSE(clock.sleep(1h));
    }
    SECTION("without one, a wait is waited") {
        const Interrupt interrupt;
        SystemClock clock(interrupt);
        const auto start = std::chrono::steady_clock::now();
        CHECK(clock.sleep(2ms));
        CHECK(std::chrono::steady_clock::now() - start >= 2ms);
    }
    SECTION("a persistent one spares some signals, ends the process by none, and begins anew") {
        Interrupt interrupt;
        interrupt.install();
        interrupt.persist(1);
        REQUIRE(std::raise(SIGHUP) == 0);
        CHECK(interrupt.signal() == 0);
        for (const int number : {SIGINT, SIGQUIT, SIGTERM}) {
            REQUIRE(std::raise(number) == 0);
            CHECK(interrupt.signal() == number);
        }
        SystemClock clock(interrupt);
        CHECK_FALSE(clock.sleep(1h));
        interrupt.clear();
        CHECK(interrupt.signal() == 0);
        CHECK(clock.sleep(1ms));
    }
    SECTION("a time limit raises it") {
        Interrupt interrupt;
        interrupt.install();
        interrupt.persist(1);
        SystemClock clock(interrupt);
        interrupt.raise_after(1ms);
        CHECK_FALSE(clock.sleep(1h));
        CHECK(interrupt.signal() == SIGALRM);
        interrupt.clear();
        interrupt.raise_after(1h);
        interrupt.raise_after(0ms);
        CHECK(clock.sleep(1ms));
    }
    SECTION("a signal that the parent has set to be ignored stays ignored") {
        REQUIRE(std::signal(SIGINT, SIG_IGN) != SIG_ERR);
        Interrupt interrupt;
        interrupt.install();
        REQUIRE(std::raise(SIGINT) == 0);
        CHECK(interrupt.signal() == 0);
        REQUIRE(std::signal(SIGINT, SIG_DFL) != SIG_ERR);
    }
}
