#pragma once

#include "cli/tree.hpp"

#include <string>
#include <vector>

namespace jit::cli {

/// The help of the whole program, or of one command (`branch` not null): purpose, usage, examples, options in
/// groups, environment variables and exit codes, all from the tree and the tables behind it. Lines are at
/// most 100 columns.
[[nodiscard]] std::string help_text(const CommandTree& tree, const CommandTree::Subcommand* branch);

/// The groups that options, and the words of the command if they are those of one, are listed in, in that
/// order.
[[nodiscard]] std::vector<std::string> option_groups(const commands::OptionSet& options,
                                                     const commands::Command* command);

} // namespace jit::cli
