#pragma once

#include "access/context.hpp"
#include "commands/registry.hpp"

#include <CLI/CLI.hpp>
#include <string>
#include <utility>
#include <vector>

namespace jit::cli {

/// The parser of the whole command line, and what it binds.
struct CommandTree {
    CLI::App app{"", "jit"};
    access::GlobalOptions global;
    bool version = false;
    std::vector<commands::Choices> choices; ///< for the values of global options
    struct Subcommand {
        CLI::App* app;
        const commands::Command* command;
        commands::Run run;
    };
    std::vector<Subcommand> branches;
    struct SubcommandGroup {
        CLI::App* app;
        const commands::Group* group;
    };
    std::vector<SubcommandGroup> forks;

    /// The branch that the parsed command line took; null for none.
    [[nodiscard]] const Subcommand* selected() const;

    /// The group of commands that it named, with or without one of them; null for none.
    [[nodiscard]] const commands::Group* group() const;
};

/// Builds it: the global options, and each command of the registry. Global options are taken before and after
/// the command's name.
void build(CommandTree& tree);

} // namespace jit::cli
