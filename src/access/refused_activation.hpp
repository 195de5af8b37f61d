#pragma once

#include "access/context.hpp"
#include "access/target_result.hpp"

#include <cstddef>
#include <vector>

namespace jit::access {

/// Looks at the state of access whose activation was refused, and adds to each error what it tells: until
/// when access is active and how to extend it, which steps it waits for, or when to try again. Returns the
/// places of those that are being taken away; their `seen` says so. Nothing is read where nothing was
/// refused; what cannot be read is not told.
[[nodiscard]] std::vector<std::size_t> explain_refused_activations(Context& context,
                                                                   std::vector<TargetResult>& results);

/// Waits until access has ended that is being taken away, for at most `timeout`: `places` in `results`.
/// Those that have ended lose their error, and are returned: they may be activated. The others say why not.
[[nodiscard]] std::vector<std::size_t> wait_for_ends(Context& context, std::vector<TargetResult>& results,
                                                     const std::vector<std::size_t>& places,
                                                     std::chrono::seconds timeout);

} // namespace jit::access
