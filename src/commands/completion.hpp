#pragma once

#include "commands/registry.hpp"

namespace jit::commands {

[[nodiscard]] Command completion();

} // namespace jit::commands
