#include "http/trace.hpp"

#include "util/text.hpp"

namespace jit::http {

void Trace::on_request(Ticket ticket, const Request& request) {
    if (request.confidential) {
        confidential_.insert(ticket);
    }
    log_.debug(concat({"> ", method_name(request.method), " ", request.url}));
    for (const Header& header : request.headers) {
        log_.debug(concat({"> ", header.name, ": ", header.value}));
    }
    if (!request.bearer.empty()) {
        log_.debug("> Authorization: Bearer [token]");
    }
    if (!request.body.empty()) {
        log_.debug(concat({"> ", request.body.reveal()}));
    }
}

void Trace::on_outcome(Ticket ticket, const Outcome& outcome) {
    const bool confidential = confidential_.erase(ticket) != 0;
    if (!outcome) {
        log_.debug(concat({"< ", outcome.error().message}));
        return;
    }
    log_.debug(concat({"< HTTP ", std::to_string(outcome->status)}));
    for (const Header& header : outcome->headers) {
        const bool cookie = to_lower(header.name) == "set-cookie"; // as good as a credential
        log_.debug(concat({"< ", header.name, ": ", cookie ? "[cookie]" : header.value}));
    }
    if (confidential && outcome->status < 300) {
        log_.debug(concat({"< [", std::to_string(outcome->body.size()), " bytes that hold the token]"}));
    } else if (!outcome->body.empty()) {
        log_.debug(concat({"< ", outcome->body}));
    }
}

} // namespace jit::http
