#pragma once

#include "sandbox/http_message.hpp"
#include "sandbox/state.hpp"
#include "util/time.hpp"

#include <optional>

namespace jit::sandbox {

/// The practice tenant's HTTP interface: requests and the time in, answers out. Knows no sockets.
///
/// A request is served in steps, so that its server can fail between any two of them: `receive`, then
/// `apply`, then `answered`.
class Api {
public:
    Api(TenantData data, const Behaviour& behaviour, FaultRules faults = FaultRules(0))
        : state_(std::move(data), behaviour, std::move(faults)) {}

    /// What `receive` knows of a request. One to /sandbox/ has neither.
    struct Receipt {
        std::optional<Journal::Ticket> ticket; ///< its place in the journal
        std::optional<Fault> fault;            ///< what goes wrong with it
    };

    /// Notes that a connection was accepted. What goes wrong with it.
    [[nodiscard]] std::optional<Fault> connected() { return state_.faults.on_connection(); }

    /// Notes that a whole request was read. Changes nothing but the journal and what faults count.
    [[nodiscard]] Receipt receive(const Request& request, TimePoint now);

    /// Carries the request out and makes its answer.
    [[nodiscard]] Response apply(const Request& request, TimePoint now);

    /// Notes the status of the answer; 0 when there is none.
    void answered(const Receipt& receipt, int status);

    /// Notes a request that was answered without being read to its end.
    void refused(const Request& request, int status, TimePoint now);

    /// All steps at once, whatever the faults.
    [[nodiscard]] Response handle(const Request& request, TimePoint now);

private:
    State state_;
};

} // namespace jit::sandbox
