#include "http/trace.hpp"

#include "base/text.hpp"

namespace jit::http {

Outcome TraceTransport::send(const Request& request) {
    if (!log_.debugging()) {
        return inner_.send(request);
    }
    log_.debug(cat({"> ", method_name(request.method), " ", request.url}));
    for (const Header& header : request.headers) {
        log_.debug(cat({"> ", header.name, ": ", header.value}));
    }
    if (!request.bearer.empty()) {
        log_.debug("> Authorization: Bearer [token]");
    }
    if (!request.body.empty()) {
        log_.debug(cat({"> ", request.body.reveal()}));
    }
    Outcome outcome = inner_.send(request);
    if (!outcome) {
        log_.debug(cat({"< ", outcome.error().message}));
        return outcome;
    }
    log_.debug(cat({"< HTTP ", std::to_string(outcome->status)}));
    for (const Header& header : outcome->headers) {
        const bool cookie = to_lower(header.name) == "set-cookie"; // as good as a credential
        log_.debug(cat({"< ", header.name, ": ", cookie ? "[cookie]" : header.value}));
    }
    if (request.confidential && outcome->status < 300) {
        log_.debug(cat({"< [", std::to_string(outcome->body.size()), " bytes that hold the token]"}));
    } else if (!outcome->body.empty()) {
        log_.debug(cat({"< ", outcome->body}));
    }
    return outcome;
}

} // namespace jit::http
