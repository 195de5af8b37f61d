#pragma once

#include "commands/registry.hpp"

namespace jit::commands {

[[nodiscard]] Command run();

} // namespace jit::commands
