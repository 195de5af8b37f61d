#pragma once

#include "http/transport.hpp"
#include "io/log.hpp"

#include <map>

namespace jit::http {

/// Shows each exchange with --debug: the request's line, headers and body, and the answer's. What is secret
/// is replaced here (the Authorization header, a confidential answer) and by the log's redactor (the rest).
class TraceTransport final : public Transport {
public:
    TraceTransport(Transport& inner, io::Log& log) : inner_(inner), log_(log) {}

private:
    void do_begin(Ticket ticket, Request request) override;
    std::optional<Answer> do_wait(std::optional<std::chrono::milliseconds> at_most) override;
    Outcome do_abandon(Ticket ticket) override;
    void show(const Request& request);
    void show(const Outcome& outcome, bool confidential);

    struct Begun {
        Ticket ticket;
        bool confidential;
    };

    Transport& inner_;
    io::Log& log_;
    std::map<Ticket, Begun> begun_; ///< under the inner transport's tickets
};

} // namespace jit::http
