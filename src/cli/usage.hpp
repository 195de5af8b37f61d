#pragma once

#include "cli/tree.hpp"
#include "util/result.hpp"

#include <string>
#include <vector>

namespace jit::cli {

/// What a command line that is right asks for.
struct Parsed {
    enum class Control { command, help, version };
    Control wish;
    bool all = false;                    ///< help: with the options of every command
    std::vector<std::string> words = {}; ///< those that belong to no option, for the command
};

/// Parses the words after the program's name, and writes the values to where the tree binds them. Code 2 with
/// a message of our own for a line that is wrong: an unknown command or option is answered with the nearest.
[[nodiscard]] Result<Parsed> parse(CommandTree& tree, const std::vector<std::string>& words);

} // namespace jit::cli
