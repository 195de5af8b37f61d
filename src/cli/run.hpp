#pragma once

#include "http/retry.hpp"
#include "http/transport.hpp"
#include "io/console.hpp"
#include "util/clock.hpp"
#include "util/environment.hpp"
#include "util/exit_code.hpp"
#include "util/interrupt.hpp"

#include <csignal>
#include <string>
#include <vector>

namespace jit::cli {

/// What `run` returns where nobody reads the result of a command that changes nothing: it prints no error,
/// and the process is to end by SIGPIPE.
inline constexpr int k_reader_gone = k_ended_by_signal + SIGPIPE;

/// What the program runs in. Tests replace libcurl by `network`, and chance by `random`.
struct ProcessContext {
    Environment environment;
    io::Console& console;
    Clock& clock;
    Interrupt& interrupt;
    http::Transport* network = nullptr;
    http::Random random = http::system_random();
};

/// Parses the words after the program's name, runs the command they name, prints its error, and returns the
/// exit code. Throws nothing: this is where every exception ends.
[[nodiscard]] int run(const std::vector<std::string>& words, ProcessContext& process);

} // namespace jit::cli
