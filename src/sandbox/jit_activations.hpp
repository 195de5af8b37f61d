#pragma once

#include "sandbox/http_message.hpp"
#include "sandbox/state.hpp"

namespace jit::sandbox {

/// The three operations on `/jit-activations/v1`: check the body, the connection and its state, apply,
/// answer.
[[nodiscard]] Response activate(State& state, const Caller& caller, const Request& request, TimePoint now);
[[nodiscard]] Response extend(State& state, const Caller& caller, const Request& request, TimePoint now);
[[nodiscard]] Response deactivate(State& state, const Caller& caller, const Request& request, TimePoint now);

} // namespace jit::sandbox
