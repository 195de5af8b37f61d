#include "support/program.hpp"
#include "util/text.hpp"

// Nothing takes longer or shorter because this machine's clock was set meanwhile.

using namespace jit;
using namespace std::chrono_literals;
using test::Program;

namespace {

constexpr const char* k_id = "c0ffee00-0000-4000-8000-000000000001";
constexpr const char* k_accepted =
    R"({"activationId":"a1","connectionId":"c0ffee00-0000-4000-8000-000000000001","status":"CREATING",)"
    R"("startTime":"2026-11-24T12:00:00Z","activationPeriodMins":60})";

/// The history with one activation of a time and state.
std::string history(const std::string& time, const std::string& status) {
    return concat({R"([{"id":"a1","activationInitiated":")", time, R"(","status":")", status, R"("}])"});
}

std::chrono::milliseconds sum(const std::vector<std::chrono::milliseconds>& durations) {
    std::chrono::milliseconds all{0};
    for (const auto duration : durations) {
        all += duration;
    }
    return all;
}

/// Runs a test with a clock that is set in each wait: an hour ahead, or back.
void with_each_step(const std::function<void(Program&)>& test) {
    for (const std::chrono::milliseconds step : {1h, -1h}) {
        CAPTURE(step.count());
        Program it;
        it.clock.on_sleep = [&it, step] { it.clock.step(step); };
        test(it);
    }
}

} // namespace

TEST_CASE("commands::clock steps: --wait ends at its timeout") {
    with_each_step([](Program& it) {
        it.network.answer(202, k_accepted);
        for (int i = 0; i < 3; ++i) {
            it.network.answer(200, history("2026-11-24T12:00:00Z", "ACTIVATING"));
        }
        CHECK(it.run({"activate", k_id, "-m", "60", "--wait", "--wait-timeout", "3s"}) == 12);
        CHECK(sum(it.clock.slept) == 3s);
    });
}

TEST_CASE("commands::clock steps: a lost answer is looked for as long as lists lag") {
    with_each_step([](Program& it) {
        it.network.fail({http::Failure::Kind::no_answer, true, "the connection was reset"});
        for (int i = 0; i < 4; ++i) { // each poll, and what is newest in the list
            it.network.answer(200, "[]");
        }
        it.network.answer(200, history("2026-11-24T12:00:01Z", "PROVISIONED"));
        CHECK(it.run({"activate", k_id, "-m", "60"}) == 0);
        CHECK(sum(it.clock.slept) == 1500ms);
    });
}

TEST_CASE("commands::clock steps: what was done from here is waited for as long as lists lag") {
    with_each_step([](Program& it) {
        it.network.answer(202, k_accepted);
        REQUIRE(it.run({"activate", k_id, "-m", "60", "-q"}) == 0);
        const auto entry = [](const std::string& jit) {
            return concat(
                {R"([{"id":"c0ffee00000040008000000000000001","type":"JIT","entitlement":{"id":"e1"},)"
                 R"("displayName":"Prod","jit":)",
                 jit, "}]"});
        };
        it.network.answer(200, entry("{}"));
        it.network.answer(200, entry("{}"));
        it.network.answer(200, entry(R"({"activation":"2026-11-24T12:00:00Z"})"));
        CHECK(it.run({"status"}) == 5); // not usable yet
        CHECK(sum(it.clock.slept) == 2s);
    });
}

TEST_CASE("commands::clock steps: the rate limit is sat out as long as it lasts") {
    with_each_step([](Program& it) {
        it.network.answer(429, "", {{"Retry-After", "7"}});
        it.network.answer(202, k_accepted);
        CHECK(it.run({"activate", k_id, "-m", "60"}) == 0);
        CHECK(sum(it.clock.slept) == 7s);
    });
}

TEST_CASE("commands::clock steps: the rate limit is over when the machine was suspended meanwhile") {
    Program it;
    it.clock.on_sleep = [&it] { it.clock.suspend(1h); };
    it.network.answer(429, "", {{"Retry-After", "7"}});
    it.network.answer(202, k_accepted);
    CHECK(it.run({"activate", k_id, "-m", "60"}) == 0);
    CHECK(it.clock.slept.size() == 1);
}

TEST_CASE("commands::clock steps: a suspended machine takes nothing from the patience of --wait") {
    Program it;
    it.clock.on_sleep = [&it] { it.clock.suspend(1h); };
    it.network.answer(202, k_accepted);
    it.network.answer(200, history("2026-11-24T12:00:00Z", "ACTIVATING"));
    it.network.answer(200, history("2026-11-24T12:00:00Z", "PROVISIONED"));
    CHECK(it.run({"activate", k_id, "-m", "60", "--wait", "--wait-timeout", "30s"}) == 0);
    CHECK(sum(it.clock.slept) == 2500ms);
}
