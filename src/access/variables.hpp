#pragma once

#include "access/target_result.hpp"
#include "io/console.hpp"
#include "util/program.hpp"

#include <vector>

namespace jit::access {

/// The variables that tell a program of its access: JIT_ENTITLEMENT, JIT_CONNECTION_ID, JIT_ACTIVATION_ID and
/// JIT_EXPIRES_AT, with a line for each result; empty where it is not known. Text of the service is made safe
/// and shortened as on stderr, and further: programs put it into prompts and command lines.
[[nodiscard]] Variables variables_of(const io::Console& console, const std::vector<TargetResult>& results);

} // namespace jit::access
