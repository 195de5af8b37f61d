#pragma once

#include "commands/registry.hpp"

namespace jit::commands {

[[nodiscard]] Command history();

} // namespace jit::commands
