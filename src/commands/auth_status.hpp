#pragma once

#include "commands/registry.hpp"

namespace jit::commands {

[[nodiscard]] Command auth_status();

} // namespace jit::commands
