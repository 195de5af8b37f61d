#pragma once

#include "app/context.hpp"
#include "commands/outcome.hpp"

#include <cstddef>
#include <vector>

namespace jit::commands {

/// Looks at the state of access whose activation was refused, and adds to each error what it tells: until
/// when access is active and how to extend it, which steps it waits for, or when to try again. Returns the
/// places of those that are being taken away; their `seen` says so. Nothing is read where nothing was
/// refused; what cannot be read is not told.
[[nodiscard]] std::vector<std::size_t> explain_refused_activations(app::Context& context,
                                                                   std::vector<Outcome>& outcomes);

/// Waits until access has ended that is being taken away, for at most `timeout`: `places` in `outcomes`.
/// Those that have ended lose their error, and are returned: they may be activated. The others say why not.
[[nodiscard]] std::vector<std::size_t> wait_for_ends(app::Context& context, std::vector<Outcome>& outcomes,
                                                     const std::vector<std::size_t>& places,
                                                     std::chrono::seconds timeout);

} // namespace jit::commands
