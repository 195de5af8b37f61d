#pragma once

#include "commands/registry.hpp"

namespace jit::commands {

[[nodiscard]] Command extend();

} // namespace jit::commands
