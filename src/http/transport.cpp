#include "http/transport.hpp"

#include <algorithm>
#include <utility>

namespace jit::http {

Outcome Transport::send(const Request& request) {
    const Ticket ticket = begin(request);
    while (std::optional<Answer> answer = receive({})) {
        if (answer->ticket == ticket) {
            return std::move(answer->outcome);
        }
        kept_.push_back(*std::move(answer));
    }
    return do_abandon(ticket);
}

Transport::Ticket Transport::begin(Request request) {
    const Ticket ticket = ++last_;
    if (observer_ != nullptr) {
        observer_->on_request(ticket, request);
    }
    do_begin(ticket, std::move(request));
    return ticket;
}

std::optional<Transport::Answer> Transport::receive(std::optional<std::chrono::milliseconds> at_most) {
    std::optional<Answer> answer = do_wait(at_most);
    if (answer && observer_ != nullptr) {
        observer_->on_outcome(answer->ticket, answer->outcome);
    }
    return answer;
}

std::optional<Transport::Answer> Transport::wait(std::optional<std::chrono::milliseconds> at_most) {
    if (kept_.empty()) {
        return receive(at_most);
    }
    Answer answer = std::move(kept_.front());
    kept_.pop_front();
    return answer;
}

Outcome Transport::abandon(Ticket ticket) {
    const auto kept = std::find_if(kept_.begin(), kept_.end(),
                                   [ticket](const Answer& answer) { return answer.ticket == ticket; });
    if (kept == kept_.end()) {
        return do_abandon(ticket);
    }
    Outcome outcome = std::move(kept->outcome);
    kept_.erase(kept);
    return outcome;
}

} // namespace jit::http
