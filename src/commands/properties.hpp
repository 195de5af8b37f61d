#pragma once

#include "access/context.hpp"
#include "util/result.hpp"
#include "json/properties.hpp"

#include <vector>

namespace jit::commands {

/// Prints what is known, one thing a line with where it came from, or in JSON one object.
[[nodiscard]] Result<void> print_properties(access::Context& context,
                                            const std::vector<json::Property>& facts);

} // namespace jit::commands
