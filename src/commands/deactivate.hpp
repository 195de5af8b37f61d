#pragma once

#include "commands/registry.hpp"

namespace jit::commands {

[[nodiscard]] Command deactivate();

} // namespace jit::commands
