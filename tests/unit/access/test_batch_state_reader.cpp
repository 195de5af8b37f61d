#include "access/state_reader.hpp"
#include "support/fakes.hpp"
#include "util/text.hpp"

#include <csignal>

using namespace jit;

namespace {

std::string id_of(std::size_t number) {
    return concat({"c0ffee00-0000-4000-8000-00000000000", std::to_string(number)});
}

struct Fixture {
    explicit Fixture(std::size_t count) {
        for (std::size_t i = 0; i < count; ++i) {
            targets.push_back({id_of(i), *Uuid::parse(id_of(i))});
        }
        for (const access::Target& target : targets) {
            readers.emplace_back(context, target, access::StateReader::Source::history, true);
        }
        for (access::StateReader& reader : readers) {
            asked.push_back(&reader);
        }
    }

    test::FakeTransport network;
    test::FakeClock clock;
    test::FakeConsole console;
    Interrupt interrupt;
    access::Context context{
        {},
        test::variables({{"SAIL_BASE_URL", "https://acme.example"}, {"SAIL_ACCESS_TOKEN", "tokentoken"}}),
        console.console,
        clock,
        interrupt,
        &network};
    std::vector<access::Target> targets;
    std::vector<access::StateReader> readers;
    std::vector<access::StateReader*> asked;
    access::BatchStateReader states{context};
};

} // namespace

TEST_CASE("access::BatchStateReader reads the whole list for many") {
    constexpr std::size_t k_many = 6;
    Fixture it(k_many);
    std::string entries;
    for (std::size_t i = 0; i < k_many; ++i) {
        entries += concat({i == 0 ? "" : ",", R"({"id":")", id_of(i), R"(","type":"JIT","state":{"value":")",
                           "a state too long for a short string",
                           R"("},"jit":{"activation":"2026-11-24T11:0)", std::to_string(i), R"(:00Z"}})"});
    }
    it.network.answer(200, concat({"[", entries, "]"}));
    const auto readings = it.states.read(it.asked);
    REQUIRE(readings.size() == k_many);
    for (std::size_t i = 0; i < k_many; ++i) {
        REQUIRE(readings[i]);
        REQUIRE(*readings[i]);
        CHECK((*readings[i])->activated ==
              parse_rfc3339(concat({"2026-11-24T11:0", std::to_string(i), ":00Z"})));
    }
}

TEST_CASE("access::StateReader reads nothing after an interrupt") {
    Fixture it(2);
    it.interrupt.raise(SIGINT);
    for (const auto& look : it.states.read(it.asked)) {
        REQUIRE_FALSE(look);
        CHECK(look.error().kind == ErrorKind::interrupted);
    }
}
