#pragma once

#include "base/time.hpp"
#include "sandbox/http_message.hpp"
#include "sandbox/state.hpp"

#include <optional>

namespace jit::sandbox {

/// The practice tenant's HTTP interface: requests and the time in, answers out. Knows no sockets.
///
/// A request is served in steps, so that its server can fail between any two of them: `receive`, then
/// `apply`.
class Api {
public:
    Api(TenantData data, const Behaviour& behaviour) : state_(std::move(data), behaviour) {}

    /// What `receive` knows of a request: its place in the journal, unless it is one to /sandbox/.
    using Receipt = std::optional<Journal::Ticket>;

    /// Notes that a whole request was read. Changes nothing but the journal.
    [[nodiscard]] Receipt receive(const Request& request, TimePoint now);

    /// Carries the request out and makes its answer.
    [[nodiscard]] Response apply(const Receipt& receipt, const Request& request, TimePoint now);

    /// Notes the status of an answer that was made without `apply`.
    void answered(const Receipt& receipt, int status);

    /// Both steps at once.
    [[nodiscard]] Response handle(const Request& request, TimePoint now) {
        return apply(receive(request, now), request, now);
    }

private:
    State state_;
};

} // namespace jit::sandbox
