#pragma once

#include "sandbox/http_message.hpp"
#include "sandbox/state.hpp"

namespace jit::sandbox {

/// Answers /sandbox/…: what the sandbox says about itself, what only others than the client can do to an
/// activation, and what goes wrong from now on.
[[nodiscard]] Response inspect(State& state, const Request& request, TimePoint now);

} // namespace jit::sandbox
