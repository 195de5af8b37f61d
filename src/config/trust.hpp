#pragma once

#include "util/error.hpp"

#include <optional>
#include <string>
#include <sys/stat.h>

namespace jit::config {

/// Why a file must not steer what is sent where, and what to do about it (code 2): somebody else than root
/// and this user owns it or can write to it, or can put another file in its place, since the same holds for a
/// directory on the way to it. A directory with the sticky bit (/tmp) lets nobody do that. `status` is that
/// of the file which was read.
[[nodiscard]] std::optional<Error> why_not_trusted(const std::string& path, const struct stat& status);

/// Why a secret must not be taken from a file, and what to do about it (code 2): others have rights to it.
[[nodiscard]] std::optional<Error> why_not_private(const std::string& path, const struct stat& status);

} // namespace jit::config
