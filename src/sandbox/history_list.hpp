#pragma once

#include "sandbox/http_message.hpp"
#include "sandbox/state.hpp"

namespace jit::sandbox {

/// The caller's activations, and the tenant's: the page that the request asks for, newest first unless it
/// says otherwise.
[[nodiscard]] Response list_my_history(State& state, const Caller& caller, const Request& request,
                                       TimePoint now);
[[nodiscard]] Response list_history(State& state, const Caller& caller, const Request& request,
                                    TimePoint now);

} // namespace jit::sandbox
