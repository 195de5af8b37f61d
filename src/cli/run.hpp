#pragma once

#include "base/clock.hpp"
#include "base/environment.hpp"
#include "base/interrupt.hpp"
#include "http/transport.hpp"
#include "io/console.hpp"

#include <string>
#include <vector>

namespace jit::cli {

/// What the program runs in. `network` replaces libcurl in tests.
struct World {
    Environment environment;
    io::Console& console;
    Clock& clock;
    Interrupt& interrupt;
    http::Transport* network = nullptr;
};

/// Parses the words after the program's name, runs the command they name, prints its error, and returns the
/// exit code. Throws nothing: this is where every exception ends.
[[nodiscard]] int run(const std::vector<std::string>& words, World& world);

} // namespace jit::cli
