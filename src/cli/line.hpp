#pragma once

#include "cli/tree.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace jit::cli {

/// What the words of a command line come to, whether it is right, wrong or not finished.
struct Line {
    struct Given {
        const commands::Option* option;
        std::optional<std::string> value = {}; ///< none for a flag
    };
    const CommandTree::Subcommand* branch = nullptr;
    const commands::Group* group = nullptr;
    std::vector<Given> given = {};
    std::vector<std::string> words = {};       ///< those that are no options and no command
    const commands::Option* pending = nullptr; ///< the option whose value comes next
    bool options_ended = false;                ///< by `--`, or by the program to run
    bool help = false;                         ///< the word `help` stands where a command would
    /// How many words are for `jit`, where the command runs a program: those before `--` or before the first
    /// word that is neither an option nor the value of one. All of them for any other command.
    std::size_t own_words = 0;

    /// The last value of a global or the command's option; none where it was not given.
    [[nodiscard]] std::optional<std::string> value_of(std::string_view name) const;
};

[[nodiscard]] Line read_line(const CommandTree& tree, const std::vector<std::string>& words);

/// The option of that name of the command, or of every command; null for none.
[[nodiscard]] const commands::Option*
find_option(const CommandTree& tree, const CommandTree::Subcommand* branch, std::string_view name);

} // namespace jit::cli
