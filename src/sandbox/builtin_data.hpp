#pragma once

#include "sandbox/tenant.hpp"

namespace jit::sandbox {

/// The data set of the practice tenant where no --data names another. The same in every process and version:
/// its connection IDs and PATs are documented in jit-sandbox(1).
[[nodiscard]] TenantData builtin_data();

} // namespace jit::sandbox
