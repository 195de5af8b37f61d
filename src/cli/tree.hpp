#pragma once

#include "app/context.hpp"
#include "commands/registry.hpp"

#include <CLI/CLI.hpp>
#include <string>
#include <utility>
#include <vector>

namespace jit::cli {

/// The parser of the whole command line, and what it binds.
struct Tree {
    CLI::App app{"", "jit"};
    app::GlobalOptions global;
    bool version = false;
    struct Branch {
        CLI::App* app;
        const commands::Command* command;
        commands::Run run;
    };
    std::vector<Branch> branches;

    /// The branch that the parsed command line took; null for none.
    [[nodiscard]] const Branch* taken() const;
};

/// Builds it: the global options, and each command of the registry. Global options are taken before and after
/// the command's name.
void build(Tree& tree);

} // namespace jit::cli
