#pragma once

#include "commands/registry.hpp"

namespace jit::commands {

[[nodiscard]] Command ensure();

} // namespace jit::commands
