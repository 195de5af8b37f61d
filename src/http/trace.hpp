#pragma once

#include "http/transport.hpp"
#include "io/log.hpp"

namespace jit::http {

/// Shows each exchange with --debug: the request's line, headers and body, and the answer's. What is secret
/// is replaced here (the Authorization header, a confidential answer) and by the log's redactor (the rest).
class TraceTransport final : public Transport {
public:
    TraceTransport(Transport& inner, io::Log& log) : inner_(inner), log_(log) {}

    [[nodiscard]] Outcome send(const Request& request) override;

private:
    Transport& inner_;
    io::Log& log_;
};

} // namespace jit::http
