#pragma once

#include "access/context.hpp"
#include "commands/options.hpp"
#include "commands/registry.hpp"

#include <string>
#include <vector>

namespace jit::cli {

/// Everything that can be typed, and what it binds.
struct CommandTree {
    access::GlobalOptions global;
    bool version = false;
    bool help = false;
    commands::OptionSet options; ///< of every command; taken before and after its name
    struct Subcommand {
        std::string name; ///< within its group: "login"
        const commands::Command* command;
        const commands::Group* group; ///< null for none
        commands::OptionSet options;
        commands::Run run;
    };
    std::vector<Subcommand> branches;
    const Subcommand* parsed_branch = nullptr;
    const commands::Group* parsed_group = nullptr;

    /// The branch that the parsed command line took; null for none.
    [[nodiscard]] const Subcommand* selected() const { return parsed_branch; }

    /// The group of commands that it named, with or without one of them; null for none.
    [[nodiscard]] const commands::Group* group() const { return parsed_group; }
};

/// Builds it: the global options, and each command of the registry.
void build(CommandTree& tree);

} // namespace jit::cli
