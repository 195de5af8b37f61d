#include "support/program.hpp"
#include "util/text.hpp"

#include <csignal>

using namespace jit;
using namespace std::chrono_literals;
using test::Program;

namespace {

/// The list with the one connection "DB", whose state and end are these.
std::string list(const std::string& end, const std::string& state = "Active") {
    const std::string jit =
        concat({R"("activation":"2026-11-24T11:00:00Z",)",
                R"("provisioned":"2026-11-24T11:01:00Z","expiration":"2026-11-24T)", end, "Z\""});
    return concat(
        {R"([{"id":"c0ffee00000040008000000000000001","type":"JIT","source":{"name":"Pg"},)"
         R"("account":{"name":"robin"},"entitlement":{"id":"e1","displayName":"DB"},"state":{"value":")",
         state, R"("},"jit":{)", end.empty() ? "" : jit, "}}]"});
}

/// A program whose watch is interrupted during its sleep number `sleeps`, as Ctrl-C does.
struct Watched : Program {
    explicit Watched(std::size_t sleeps) {
        clock.on_sleep = [this, sleeps] { clock.interrupted = clock.slept.size() >= sleeps; };
    }

    [[nodiscard]] static std::size_t count(const std::string& text, std::string_view part) {
        std::size_t found = 0;
        for (std::size_t at = 0; (at = text.find(part, at)) != std::string::npos; at += part.size()) {
            ++found;
        }
        return found;
    }
};

} // namespace

TEST_CASE("commands::watch prints an object for each change, and none without one") {
    Watched it(7); // looks at 0, 2, 4 and 6 s
    it.network.answer(200, list("13:00:00"));
    it.network.answer(200, list("13:00:00"));
    it.network.answer(200, list("14:00:00"));
    it.network.answer(200, list("", "Available"));
    CHECK(it.run({"status", "--watch=2", "-o", "jsonl"}) == 130);
    CHECK(Watched::count(it.out(), "\n") == 3);
    CHECK(Watched::count(it.out(), R"("access":"active")") == 2);
    CHECK(Watched::count(it.out(), R"("access":"available")") == 1);
    CHECK(it.err().find("interrupted; nothing was changed") != std::string::npos);
}

TEST_CASE("commands::watch looks as often as it is told") {
    Watched it(7);
    it.network.answer(200, list("13:00:00"));
    it.network.answer(200, list("13:00:00"));
    it.network.answer(200, list("13:00:00"));
    CHECK(it.run({"status", "--watch=3", "-o", "jsonl"}) == 130);
    CHECK(it.network.requests.size() == 3); // at 0, 3 and 6 s; the transport fails on one more
}

TEST_CASE("commands::watch looks at once where the machine was suspended") {
    Watched it(2);
    it.network.answer(200, list("23:00:00"));
    it.network.answer(200, list("23:00:00"));
    it.clock.on_sleep = [&it] {
        it.clock.suspend(1h);
        it.clock.interrupted = it.clock.slept.size() >= 2;
    };
    CHECK(it.run({"status", "--watch=600", "-o", "jsonl"}) == 130);
    CHECK(it.network.requests.size() == 2);
}

TEST_CASE("commands::watch warns once of each end that is near") {
    Watched it(5);
    it.network.answer(200, list("12:04:00"));
    it.network.answer(200, list("12:04:00"));
    it.network.answer(200, list("12:04:30")); // extended, and near again
    SECTION("by the minutes that are asked for") {
        CHECK(it.run({"status", "--watch=2", "--warn", "5", "-o", "jsonl"}) == 130);
        CHECK(Watched::count(it.err(), "DB ends in ") == 2);
        CHECK(it.err().find("jit extend -e c0ffee00-0000-4000-8000-000000000001 -m MINUTES") !=
              std::string::npos);
    }
    SECTION("not where more is left") {
        CHECK(it.run({"status", "--watch=2", "--warn", "3", "-o", "jsonl"}) == 130);
        CHECK(it.err().find("ends in") == std::string::npos);
    }
    SECTION("never with 0") {
        CHECK(it.run({"status", "--watch=2", "--warn", "0", "-o", "jsonl"}) == 130);
        CHECK(it.err().find("ends in") == std::string::npos);
    }
}

TEST_CASE("commands::watch goes on after a poll that may succeed the next time") {
    Watched it(4); // looks at 0, 2 s
    it.network.fail({http::Failure::Kind::unreachable, false, "cannot reach https://acme.example"});
    it.network.answer(200, list("13:00:00"));
    CHECK(it.run({"status", "--watch=3", "--retries", "0", "-o", "jsonl"}) == 130);
    CHECK(it.err().find("cannot reach https://acme.example") != std::string::npos);
    CHECK(Watched::count(it.out(), R"("access":"active")") == 1);
}

TEST_CASE("commands::watch ends where each poll can only fail") {
    Program it;
    it.network.answer(403, R"({"detailCode":"403 Forbidden"})");
    CHECK(it.run({"status", "--watch=2", "-o", "jsonl"}) == 4);
    CHECK(it.clock.slept.empty());
}

TEST_CASE("commands::watch takes the formats that need no end") {
    Program it;
    CHECK(it.run({"status", "--watch", "-o", "json"}) == 2);
    CHECK(it.run({"status", "--watch", "-o", "csv"}) == 2);
    CHECK(it.err().find("--watch has no end: its output is table or jsonl") != std::string::npos);
}

TEST_CASE("commands::watch prints a table anew when something has changed") {
    Watched it(5); // looks at 0, 2, 4 s
    it.network.answer(200, list("13:00:00"));
    it.network.answer(200, list("13:00:00"));
    it.network.answer(200, list("", "Available"));
    CHECK(it.run({"status", "--watch=2", "-o", "table"}) == 130);
    CHECK(Watched::count(it.out(), "ENTITLEMENT") == 1);
    CHECK(Watched::count(it.out(), "nothing is active\n") == 1);
    CHECK(Watched::count(it.out(), "DB has ended\n") == 1);
    CHECK(it.out().find('\x1b') == std::string::npos); // this is no terminal
}

namespace {

/// A context of which stdout is a terminal that can be drawn on.
struct Screen {
    explicit Screen(int height) : console(device(height), {}) {
        clock.on_sleep = [this] { clock.interrupted = clock.slept.size() >= 2; };
    }
    static io::Device device(int height) {
        io::Device device;
        device.is_terminal = true;
        device.can_redraw = true;
        device.width = 120;
        device.height = height;
        return device;
    }
    int run(const std::vector<std::string>& words) {
        cli::ProcessContext process{test::variables({{"SAIL_BASE_URL", "https://acme.example"},
                                                     {"SAIL_ACCESS_TOKEN", "tokentoken"},
                                                     {"XDG_CACHE_HOME", home.path()}}),
                                    console.console, clock, interrupt, &network};
        return cli::run(words, process);
    }

    test::FakeTransport network;
    test::FakeClock clock;
    test::FakeConsole console;
    Interrupt interrupt;
    test::TemporaryDirectory home;
};

} // namespace

TEST_CASE("commands::watch draws in place on a terminal, and counts down between the polls") {
    Screen it(24);
    it.network.answer(200, list("12:02:00"));
    CHECK(it.run({"status", "--watch=30", "-o", "table"}) == 130);
    CHECK(it.network.requests.size() == 1);
    const std::string& out = it.console.out.text();
    CHECK(out.find("DB ends in 2 min") != std::string::npos);
    CHECK(out.find("DB ends in 1 min 59 s") != std::string::npos);
    CHECK(out.find("\x1b[4A\r\x1b[J") != std::string::npos); // over title, row, warning and footer
    CHECK(out.find("as of 1 s ago; Ctrl-C leaves, and changes nothing\n") != std::string::npos);
}

TEST_CASE("commands::watch shows on the screen why a poll failed") {
    Screen it(24);
    it.network.fail({http::Failure::Kind::unreachable, false, "cannot reach https://acme.example"});
    CHECK(it.run({"status", "--watch=30", "--retries", "0", "-o", "table"}) == 130);
    CHECK(it.console.out.text().find("! the last request failed: ") != std::string::npos);
}

TEST_CASE("commands::watch draws no more lines than the screen has") {
    Screen it(3);
    it.network.answer(200, list("12:02:00"));
    CHECK(it.run({"status", "--watch=30", "-o", "table"}) == 130);
    CHECK(it.console.out.text().find("\x1b[2A\r\x1b[J") != std::string::npos);
    CHECK(it.console.out.text().find("ends in") == std::string::npos);
}
