#pragma once

#include "base/result.hpp"
#include "base/uuid.hpp"

#include <string>
#include <vector>

namespace jit::app {

/// An entitlement connection to act on.
struct Target {
    std::string asked; ///< as the person wrote it
    Uuid connection;
};

/// Finds the one connection that the words mean. Code 2 where there is none or more than one, or where a word
/// is not a connection ID. Makes no request.
[[nodiscard]] Result<Target> resolve_target(const std::vector<std::string>& words);

} // namespace jit::app
