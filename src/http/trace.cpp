#include "http/trace.hpp"

#include "util/text.hpp"

#include <algorithm>
#include <utility>

namespace jit::http {

void TraceTransport::show(const Request& request) {
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

void TraceTransport::show(const Outcome& outcome, bool confidential) {
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

void TraceTransport::do_begin(Ticket ticket, Request request) {
    if (log_.debugging()) {
        show(request);
    }
    const bool confidential = request.confidential;
    begun_.insert({inner_.begin(std::move(request)), Begun{ticket, confidential}});
}

std::optional<Transport::Answer> TraceTransport::do_wait(std::optional<std::chrono::milliseconds> at_most) {
    std::optional<Answer> answer = inner_.wait(at_most);
    if (answer) {
        const Begun begun = begun_.extract(answer->ticket).mapped();
        if (log_.debugging()) {
            show(answer->outcome, begun.confidential);
        }
        answer->ticket = begun.ticket;
    }
    return answer;
}

Outcome TraceTransport::do_abandon(Ticket ticket) {
    const auto begun = std::find_if(begun_.begin(), begun_.end(),
                                    [ticket](const auto& entry) { return entry.second.ticket == ticket; });
    const Ticket inner = begun->first;
    begun_.erase(begun);
    return inner_.abandon(inner);
}

} // namespace jit::http
