#pragma once

#include "http/transport.hpp"
#include "sailpoint/client.hpp"
#include "sailpoint/model.hpp"
#include "util/error.hpp"
#include "util/result.hpp"
#include "util/secret.hpp"

#include <chrono>
#include <cstddef>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace jit::sailpoint {

/// The HTTP request of an operation, without a token: what is sent, to the byte.
[[nodiscard]] http::Request operation_request(const std::string& base_url, const OperationRequest& request);

/// Operations that are under way: each is begun, and its outcome waited for, in any order.
///
/// Success means that the service accepted the work (202, or 200 or 201 that name the connection), for the
/// connection that was asked for; see `is_failed` for the state it is in. Errors say whether anything was
/// changed; `uncertain` where nobody can know, which is so of every refusal after a loss.
class Operations {
public:
    struct Done {
        std::size_t number; ///< as it was begun with
        Result<Acceptance> result;
    };

    explicit Operations(Client& client) : client_(client) {}

    /// `after_ambiguous_attempt`: it was sent before, and nobody knows what became of that.
    void begin(std::size_t number, const OperationRequest& request, bool after_ambiguous_attempt = false);

    /// How many were begun and have not come back.
    [[nodiscard]] std::size_t size() const { return under_way_.size() + done_.size(); }

    /// The next one that is done. Empty where none was within `at_most`, or at an interrupt.
    [[nodiscard]] std::optional<Done> wait(std::optional<std::chrono::milliseconds> at_most);

    /// From now on nothing is sent (again): what was sent is waited for.
    void stop_sending();

    /// Gives up all that are under way.
    [[nodiscard]] std::vector<Done> abandon();

private:
    struct Job {
        std::size_t number;
        OperationRequest request;
        Secret token;
        bool may_renew; ///< it may be sent once more with another token
        bool lost;      ///< the answer to an earlier try was lost
    };

    void send(std::size_t number, const OperationRequest& request, bool may_renew, bool lost);
    [[nodiscard]] Result<Acceptance> acceptance_of(const Job& job, http::Outcome outcome);

    Client& client_;
    std::map<http::Transport::Ticket, Job> under_way_;
    std::deque<Done> done_;         ///< without having been sent
    std::optional<Error> no_token_; ///< a token that cannot be had is not asked for again for each of them
    bool stopped_ = false;
};

} // namespace jit::sailpoint
