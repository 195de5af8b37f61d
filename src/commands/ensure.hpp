#pragma once

#include "access/context.hpp"
#include "commands/operation.hpp"
#include "commands/registry.hpp"
#include "commands/result_printer.hpp"
#include "util/result.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace jit::commands {

struct EnsureOptions {
    OperationOptions operation;
    /// Minutes that must be left for nothing to be done. Empty: those that are asked for, at most 15.
    std::optional<std::int32_t> min_remaining = {};
    bool ends_access = false; ///< the caller ends what it activated if that does not work
};

/// The answer of these commands to --wait.
inline constexpr std::pair<std::string_view, std::string_view> k_always_waits = {
    "--wait", "this command always waits until the access is usable; leave --wait out"};

/// Adds -m and its like, --min-remaining, those that say how long to wait and those that shape the request.
void declare_ensure(OptionSet& set, EnsureOptions& options);

/// Checks the options and finds what is named: an result each, that nothing was done for yet.
[[nodiscard]] Result<std::vector<access::TargetResult>>
find_ensured(access::Context& context, EnsureOptions& options, const std::vector<std::string>& named);

/// Has access to each: activates it, extends it or does nothing, and waits until it is usable, and works
/// where a command is to show that; with a dry run, only plans. What it came to, or the error, is in the
/// results. An error where nothing was sent since nobody has confirmed it.
[[nodiscard]] Result<void> ensure_access(access::Context& context, const EnsureOptions& options,
                                         std::vector<access::TargetResult>& results);

// A paragraph of the manual pages of those that take --min-remaining.
inline constexpr const char* k_remaining_details =
    "jit sends nothing if at least `--min-remaining` minutes are left. The default is the number of minutes "
    "requested (or the time until `--until`), at most 15. With 0, any time left is enough.";

} // namespace jit::commands
