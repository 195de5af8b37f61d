#pragma once

#include "sandbox/tenant.hpp"

#include <cstddef>

namespace jit::sandbox {

/// Puts that many connections of type JIT, over several sources of their own, in the place of those that the
/// main identity has. The same count gives the same connections, and a larger one gives these and more; the
/// order of their IDs is neither that of their names nor that of their making. At most a million.
[[nodiscard]] TenantData with_generated_connections(TenantData tenant, std::size_t count);

} // namespace jit::sandbox
