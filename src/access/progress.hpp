#pragma once

#include "access/context.hpp"

#include <chrono>
#include <string>

namespace jit::access {

/// Sleeps, with a line of progress that moves, where stderr is a terminal: `text`, and how long it has taken
/// since `began`. False where an interrupt ended it.
[[nodiscard]] bool sleep_visibly(Context& context, std::chrono::milliseconds wait, const std::string& text,
                                 MonotonicTime began);

} // namespace jit::access
