#pragma once

#include "app/context.hpp"
#include "base/result.hpp"
#include "sailpoint/model.hpp"

#include <CLI/CLI.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace jit::commands {

/// What activate, extend and deactivate have in common.
struct OperationOptions {
    std::vector<std::string> entitlements; ///< those given by -e
    std::int32_t minutes = 0;              ///< 0: not given
    bool dry_run = false;
    std::string request_origin;
    std::vector<std::pair<std::string, std::string>> metadata;
};

/// Adds the options above to a command's tree; `--minutes` with `minutes_help` as its text where that is not
/// empty.
void declare_operation(CLI::App& tree, OperationOptions& options, const std::string& minutes_help);

/// Resolves the target, sends the request (or prints it, for a dry run) and prints the answer. Code 11, after
/// the answer is printed, where the service accepted the work but it has failed already.
[[nodiscard]] Result<void> run_operation(app::Context& context, sailpoint::Operation operation,
                                         const OperationOptions& options,
                                         const std::vector<std::string>& words);

/// What the words of such a command are.
inline constexpr const char* k_words = "ENTITLEMENT";
inline constexpr const char* k_words_help =
    "the entitlement's connection ID: a UUID, with or without hyphens";

} // namespace jit::commands
