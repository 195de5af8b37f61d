#include "commands/lease.hpp"

#include "support/fakes.hpp"

using namespace jit;
using namespace std::chrono_literals;
using commands::extend_at;
using commands::minutes_up_to;

namespace {

const TimePoint k_end = *parse_rfc3339("2026-11-24T13:00:00Z");

} // namespace

TEST_CASE("commands::extend_at") {
    CHECK(extend_at(k_end, 60) == k_end - 12min);
    CHECK(extend_at(k_end, 11) == k_end - 132s);
    CHECK(extend_at(k_end, 10) == k_end - 2min);
    CHECK(extend_at(k_end, 1) == k_end - 2min);
    CHECK(extend_at(k_end, 2147483647) < k_end - 24h);
}

TEST_CASE("commands::minutes_up_to") {
    CHECK(minutes_up_to(k_end, 30, k_end + 8h) == 30);
    CHECK(minutes_up_to(k_end, 30, k_end + 30min) == 30);
    CHECK(minutes_up_to(k_end, 30, k_end + 30min - 1ms) == 29);
    CHECK(minutes_up_to(k_end, 30, k_end + 59s) == 0);
    CHECK(minutes_up_to(k_end, 30, k_end - 1h) == 0);
}
