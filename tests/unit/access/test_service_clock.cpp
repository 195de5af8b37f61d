#include "access/service_clock.hpp"

#include "support/fakes.hpp"
#include "util/private_file.hpp"
#include "util/text.hpp"

using namespace jit;
using namespace std::chrono_literals;
using access::remember_service_time;
using access::remembered_service_time;

TEST_CASE("access::remembered_service_time") {
    const test::TemporaryDirectory directory;
    const std::string path = directory.path() + "/clock";
    test::FakeClock clock;
    const TimePoint told = clock.now() - 2h;
    SECTION("nothing is known without a file, or by one that is broken") {
        CHECK_FALSE(remembered_service_time(path, clock));
        CHECK_FALSE(remembered_service_time("", clock));
        remember_service_time("", clock, told);
        REQUIRE(write_private_file(path, "2026-11-24T12:00:00Z - x\n"));
        CHECK_FALSE(remembered_service_time(path, clock));
    }
    SECTION("it goes on with the boot clock, whatever this machine's clock is set to") {
        remember_service_time(path, clock, told);
        (void)clock.sleep(10min);
        clock.step(24h);
        CHECK(remembered_service_time(path, clock) == told + 10min);
    }
    SECTION("after another boot, the difference of the two clocks is what is known") {
        REQUIRE(write_private_file(
            path, concat({format_rfc3339(told), " ", format_rfc3339(clock.now()), " 1000 another\n"})));
        (void)clock.sleep(10min);
        CHECK(remembered_service_time(path, clock) == clock.now() - 2h);
        clock.step(-24h); // a clock that was set back since is another one
        CHECK(remembered_service_time(path, clock) == clock.now());
    }
    SECTION("what is no news is not written again") {
        remember_service_time(path, clock, told);
        remember_service_time(path, clock, told + 4s);
        CHECK(remembered_service_time(path, clock) == told);
        remember_service_time(path, clock, told + 1min);
        CHECK(remembered_service_time(path, clock) == told + 1min);
    }
}
