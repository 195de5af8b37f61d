#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace jit {

/// Looks an environment variable up; an empty one counts as absent, as curl and most tools have it.
/// Injected, so that tests need not touch the process's own.
using Environment = std::function<std::optional<std::string>(std::string_view name)>;

/// The environment of this process.
[[nodiscard]] Environment process_environment();

} // namespace jit
