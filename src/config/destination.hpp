#pragma once

#include "util/result.hpp"

#include <optional>
#include <string>

namespace jit::config {

/// Where a configuration file that is to be written really is.
struct Destination {
    std::string path;                          ///< what symbolic links lead to, whether it is there or not
    bool is_link = false;                      ///< whether there was one
    std::optional<std::string> work_tree = {}; ///< the git work tree that it is in
};

/// Follows symbolic links, and tries whether a file can be put there. Code 2 where none can be, with why.
/// Leaves nothing behind.
[[nodiscard]] Result<Destination> find_destination(const std::string& path);

/// Follows symbolic links, also one that leads to nothing yet. Code 2 where they lead in a circle.
[[nodiscard]] Result<std::string> follow_links(const std::string& path);

} // namespace jit::config
