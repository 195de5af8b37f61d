#include "http/pace.hpp"

#include "support/catch.hpp"

using namespace jit;
using namespace std::chrono_literals;
using http::Pace;

namespace {

/// So many requests pass at that moment.
void pass(Pace& pace, std::size_t count, BootTime now) {
    for (std::size_t i = 0; i < count; ++i) {
        pace.note_pass(now);
    }
}

} // namespace

TEST_CASE("http::Pace") {
    Pace pace;
    const BootTime start(1h);
    pass(pace, 40, start);
    SECTION("holds nothing back before the limit is met") {
        CHECK(pace.allows(1000, start));
        CHECK_FALSE(pace.next(start));
    }
    pace.note_refusal(start + 1s);
    SECTION("lets no more pass in any ten seconds than passed before the limit was met") {
        CHECK(pace.limit() == 40);
        CHECK_FALSE(pace.allows(0, start + 9s));
        CHECK(pace.next(start + 9s) == start + 10s);
        CHECK(pace.allows(39, start + 10s));
        CHECK_FALSE(pace.allows(40, start + 10s));
        CHECK_FALSE(pace.next(start + 10s));
    }
    SECTION("refusals of what was under way at the first say nothing more") {
        pace.note_refusal(start + 2s);
        CHECK(pace.limit() == 40);
    }
    SECTION("a later refusal halves it, since others take a part") {
        pace.note_refusal(start + 12s);
        CHECK(pace.limit() == 1);
        Pace other;
        pass(other, 40, start);
        other.note_refusal(start);
        pass(other, 30, start + 12s);
        other.note_refusal(start + 12s);
        CHECK(other.limit() == 20);
    }
    SECTION(
        "it is raised when two minutes have passed without a refusal, and not beyond what is documented") {
        CHECK(pace.allows(39, start + 121s));
        CHECK_FALSE(pace.allows(40, start + 121s));
        CHECK(pace.allows(79, start + 122s));
        CHECK(pace.allows(99, start + 243s));
        CHECK_FALSE(pace.allows(100, start + 364s));
    }
    SECTION("one refusal after a few requests tells little, and a second one more") {
        Pace few;
        pass(few, 3, start);
        few.note_refusal(start);
        CHECK(few.limit() == 50);
        pass(few, 3, start + 12s);
        few.note_refusal(start + 12s);
        CHECK(few.limit() == 3);
    }
}
