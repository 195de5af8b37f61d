#pragma once

#include "cli/tree.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace jit::cli {

struct HelpOptions {
    int columns = 0;  ///< of the terminal; 0: there is none
    bool all = false; ///< the options that every command takes, variables and exit codes, too
};

/// The help of the whole program, or of one command (`branch` not null): purpose, usage, examples and options
/// in groups, from the tree and the tables behind it. Lines are as wide as the terminal, 60 to 100 columns.
[[nodiscard]] std::string help_text(const CommandTree& tree, const CommandTree::Subcommand* branch,
                                    const HelpOptions& options);

/// The name of a command's manual page: "jit-auth-login".
[[nodiscard]] std::string page_name(std::string_view command);

/// The groups that options, and the words of the command if they are those of one, are listed in, in that
/// order.
[[nodiscard]] std::vector<std::string> option_groups(const commands::OptionSet& options,
                                                     const commands::Command* command);

} // namespace jit::cli
