#pragma once

#include "app/context.hpp"
#include "base/result.hpp"

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace CLI {
class App;
} // namespace CLI

namespace jit::commands {

/// Carries a command out, with the options that its declaration bound.
using Run = std::function<Result<void>(app::Context& context)>;

/// A line that can be typed, and what it does.
struct Example {
    std::string_view line;
    std::string_view what;
};

/// All that the program knows of a command: the parser, the help and the dispatcher are made from it.
struct Command {
    std::string_view name;
    std::string_view purpose;     ///< one line, as the list of commands shows it
    std::string_view description; ///< more, for its own help; may be empty
    std::vector<Example> examples;
    /// Adds its options to its part of the tree. What it returns owns them and is called after the parse, at
    /// most once.
    std::function<Run(CLI::App& tree)> declare;
};

/// Every command, in the order that the help lists them.
[[nodiscard]] const std::vector<Command>& all();

} // namespace jit::commands
