#pragma once

#include "commands/registry.hpp"

namespace jit::commands {

[[nodiscard]] Command auth_logout();

} // namespace jit::commands
