#pragma once

#include "sandbox/state.hpp"

#include <string>

namespace jit::sandbox {

/// A JSON array of all activations since the start, oldest first, with their states at that time.
[[nodiscard]] std::string activations_json(const State& state, TimePoint now);

} // namespace jit::sandbox
