#pragma once

#include "commands/registry.hpp"

namespace jit::commands {

[[nodiscard]] Command policy();

} // namespace jit::commands
