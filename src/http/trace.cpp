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
        log_.debug(cat({"< ", header.name, ": ", header.value}));
    }
    constexpr std::size_t k_most_shown = 4096;
    const std::string size = std::to_string(outcome->body.size());
    if (request.confidential && outcome->status < 300) {
        log_.debug(cat({"< [", size, " bytes that hold the token]"}));
    } else if (!outcome->body.empty()) {
        const std::string_view shown = std::string_view(outcome->body).substr(0, k_most_shown);
        log_.debug(
            cat({"< ", shown, shown.size() < outcome->body.size() ? cat({" [of ", size, " bytes]"}) : ""}));
    }
    return outcome;
}

} // namespace jit::http
