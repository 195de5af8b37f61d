#pragma once

#include "sandbox/http_message.hpp"
#include "sandbox/state.hpp"

namespace jit::sandbox {

/// The caller's entitlement connections, and the tenant's: the page that the request asks for.
[[nodiscard]] Response list_my_connections(State& state, const Caller& caller, const Request& request,
                                           TimePoint now);
[[nodiscard]] Response list_connections(State& state, const Caller& caller, const Request& request,
                                        TimePoint now);

} // namespace jit::sandbox
