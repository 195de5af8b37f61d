#pragma once

#include "http/message.hpp"

namespace jit::http {

/// Sends requests. Virtual so that behaviour is stacked (retrying, logging) and tests need no network.
class Transport {
public:
    Transport() = default;
    Transport(const Transport&) = delete;
    Transport& operator=(const Transport&) = delete;
    Transport(Transport&&) = delete;
    Transport& operator=(Transport&&) = delete;
    virtual ~Transport() = default;

    /// Sends the request; a transport that is not a retrying one sends it at most once. Any status is a
    /// response; a failure means that there is none.
    [[nodiscard]] virtual Outcome send(const Request& request) = 0;
};

} // namespace jit::http
