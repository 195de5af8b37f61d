#pragma once

#include "commands/registry.hpp"

namespace jit::commands {

[[nodiscard]] Command list();

} // namespace jit::commands
