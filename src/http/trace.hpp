#pragma once

#include "http/transport.hpp"
#include "io/log.hpp"

#include <set>

namespace jit::http {

/// Shows each exchange, for --debug: the request's line, headers and body, and the answer's. What is secret
/// is replaced here (the Authorization header, a confidential answer) and by the log's redactor (the rest).
class Trace final : public Observer {
public:
    explicit Trace(io::Log& log) : log_(log) {}

    void on_request(Ticket ticket, const Request& request) override;
    void on_outcome(Ticket ticket, const Outcome& outcome) override;

private:
    io::Log& log_;
    std::set<Ticket> confidential_; ///< whose answers hold a token
};

} // namespace jit::http
