#pragma once

#include "commands/registry.hpp"

namespace jit::commands {

[[nodiscard]] Command activate();

} // namespace jit::commands
