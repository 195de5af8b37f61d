#pragma once

#include "app/context.hpp"
#include "base/result.hpp"
#include "commands/operation.hpp"
#include "commands/outcome.hpp"
#include "commands/registry.hpp"

#include <CLI/CLI.hpp>
#include <cstdint>
#include <string>
#include <vector>

namespace jit::commands {

struct EnsureOptions {
    OperationOptions operation;
    std::int32_t min_remaining = 0; ///< minutes
};

/// Adds the options that say what to have, and for how long.
void declare_ensure(CLI::App& tree, EnsureOptions& options);

/// The targets, with minutes that are good. Sends nothing but what reads the list of connections.
[[nodiscard]] Result<std::vector<Outcome>> find_ensured(app::Context& context, const EnsureOptions& options,
                                                        const std::vector<std::string>& named);

/// Brings all of them to where they are to be and waits for it; with a dry run, only plans.
void ensure_access(app::Context& context, const EnsureOptions& options, std::vector<Outcome>& outcomes);

[[nodiscard]] Command ensure();

} // namespace jit::commands
