#pragma once

#include "app/context.hpp"
#include "base/result.hpp"
#include "sailpoint/codec.hpp"

#include <vector>

namespace jit::app {

/// Prints what is known, one thing a line with where it came from, or in JSON one object.
[[nodiscard]] Result<void> print_facts(Context& context, const std::vector<sailpoint::Fact>& facts);

} // namespace jit::app
