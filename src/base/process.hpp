#pragma once

namespace jit {

/// From now on this process leaves no core file and cannot be traced by others of the same user, since its
/// memory holds secrets. Best effort: where the system knows no such thing, nothing happens.
void forbid_core_dumps() noexcept;

} // namespace jit
