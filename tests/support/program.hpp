#pragma once

#include "cli/run.hpp"
#include "support/fakes.hpp"

namespace jit::test {

/// The program with a network, a clock and a home of its own.
template <typename Network>
struct ProgramOn {
    Network network;
    FakeClock clock;
    FakeConsole console;
    Interrupt interrupt;
    TemporaryDirectory home;
    std::map<std::string, std::string, std::less<>> values = {{"SAIL_BASE_URL", "https://acme.example"},
                                                              {"SAIL_ACCESS_TOKEN", "tokentoken"},
                                                              {"XDG_CACHE_HOME", home.path()}};

    int run(const std::vector<std::string>& words) {
        cli::ProcessContext process{variables(values), console.console, clock, interrupt, &network};
        return cli::run(words, process);
    }
    [[nodiscard]] const std::string& out() const { return console.out.text(); }
    [[nodiscard]] const std::string& err() const { return console.err.text(); }
    [[nodiscard]] std::string body(std::size_t request) const {
        return std::string(network.requests.at(request).body.reveal());
    }
};
using Program = ProgramOn<FakeTransport>;

} // namespace jit::test
