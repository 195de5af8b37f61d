#pragma once

#include "util/clock.hpp"

#include <optional>
#include <string>

namespace jit::access {

// What one process was told of the service's clock, for the next, in a file of the cache. `path` may be
// empty: there is no cache.

/// The time by the service's clock, as far as an earlier process was told; empty where none was. Within one
/// boot of this machine it does not matter whether its clock was set since.
[[nodiscard]] std::optional<TimePoint> remembered_service_time(const std::string& path, const Clock& clock);

/// Keeps it, where it is news. A cache never fails a command: so does this.
void remember_service_time(const std::string& path, const Clock& clock, TimePoint service_now);

} // namespace jit::access
