#include "util/clock.hpp"

#include "support/fakes.hpp"
#include "util/interrupt.hpp"

#include <csignal>

using namespace jit;
using namespace std::chrono_literals;

TEST_CASE("util::Deadline") {
    test::FakeClock clock;
    const Deadline end(clock, 10s);
    CHECK(clock.sleep(4s));
    SECTION("is left alone by a clock that is set, ahead or back") {
        clock.step(1h);
        CHECK(end.left() == 6s);
        clock.step(-2h);
        CHECK(end.left() == 6s);
    }
    SECTION("does not count the time of a suspended machine") {
        clock.suspend(1h);
        CHECK(end.left() == 6s);
    }
    SECTION("is over once, and for good") {
        CHECK(clock.sleep(6s));
        CHECK(end.is_over());
        CHECK(clock.sleep(1s));
        CHECK(end.left() == 0ms);
    }
}

TEST_CASE("util::SystemClock") {
    Interrupt interrupt;
    SystemClock clock(interrupt);
    const BootTime boot = clock.boot_time();
    const MonotonicTime before = clock.monotonic_time();
    CHECK(clock.sleep(5ms));
    CHECK(clock.monotonic_time() - before >= 5ms);
    CHECK(clock.boot_time() - boot >= 5ms);
    interrupt.raise(SIGTERM);
    CHECK_FALSE(clock.sleep(1h));
}
