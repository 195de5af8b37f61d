#pragma once

#include "commands/registry.hpp"

namespace jit::commands {

[[nodiscard]] Command status();

} // namespace jit::commands
