#pragma once

#include "sandbox/http_message.hpp"
#include "sandbox/state.hpp"

namespace jit::sandbox {

/// The tenant's policy for just-in-time access, whose maxima are those that activate and extend hold to.
[[nodiscard]] Response get_policy(State& state, const Caller& caller, const Request& request, TimePoint now);

} // namespace jit::sandbox
