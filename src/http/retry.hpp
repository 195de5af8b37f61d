#pragma once

#include "http/pace.hpp"
#include "http/transport.hpp"
#include "io/log.hpp"
#include "util/clock.hpp"

#include <chrono>
#include <cstddef>
#include <deque>
#include <functional>
#include <map>
#include <optional>

namespace jit::http {

struct RetryPolicy {
    int retries = 3;                    ///< tries after the first
    std::chrono::seconds max_wait{120}; ///< the longest that all requests together sit out rate limiting
};

/// A number drawn evenly from [0, 1).
using Random = std::function<double()>;

/// From the operating system's randomness, so that processes started together do not retry together.
[[nodiscard]] Random system_random();

/// Tries again what certainly was not carried out, so a request is applied at most once: a request of which
/// no byte was sent (but not one that can never be), and one answered by 429. What is repeatable is tried
/// again after a lost answer or a 5xx, too. Waits as `Retry-After` says, else exponentially from 0.5 s with
/// full jitter, at most 30 s. When the tries are used up the last outcome is returned as it is.
///
/// The API allows a client ID some requests in some seconds. One answer of 429 pauses all requests, since all
/// would get it. After a pause they start one at a time, doubling with each that passes, and keep below the
/// limit that was met (`Pace`). Before it is met, the request behind as many as the API documents goes alone,
/// to find out whether the limit is there: so one request meets it, and not all that could be under way.
/// Processes that share a client ID compete; meeting the limit counts as a try only where nothing has passed
/// since the last time. What only reads, or gets a token, waits for a 503 with a `Retry-After`, too.
///
/// The waits that 429 and 503 ask for last `max_wait` together, over all requests. Ten minutes without a wait
/// reset the sum, so that a call of some hours can still wait.
class RetryTransport final : public Transport {
public:
    RetryTransport(Transport& inner, RetryPolicy policy, Clock& clock, Random random, io::Log& log)
        : inner_(inner), policy_(policy), clock_(clock), random_(std::move(random)), log_(log) {}

    /// Until when nothing is sent because of the rate limit, if so.
    [[nodiscard]] std::optional<BootTime> paused_until() const;

    void stop_sending() override;

private:
    /// A request on its way to an outcome.
    struct Job {
        Ticket ticket;
        Request request;
        int tries = 0;                  ///< that were made, of those that count
        std::size_t others_passed = 0;  ///< how many requests had passed when it met the limit last
        bool lost = false;              ///< an earlier try was sent, and may have been carried out
        bool last = false;              ///< it is not tried again
        std::optional<int> status = {}; ///< of the last answer
        BootTime due = BootTime::min();
    };

    void do_begin(Ticket ticket, Request request) override;
    std::optional<Answer> do_wait(std::optional<std::chrono::milliseconds> at_most) override;
    Outcome do_abandon(Ticket ticket) override;

    void send_what_is_due();
    void refuse_what_cannot_wait();
    [[nodiscard]] std::optional<BootTime> next_due() const;
    [[nodiscard]] std::optional<Answer> take(Answer answer);
    void note_answer(const Job& job, const Outcome& outcome);
    void note_pass();
    void pause(BootTime until);
    [[nodiscard]] bool may_send();
    /// Counts a wait that the service asks for, which goes on behind what is waited for already. False where
    /// that is too long.
    [[nodiscard]] bool may_wait(BootTime until);
    [[nodiscard]] std::optional<std::chrono::milliseconds>
    wait_before_retry(const Job& job, const Outcome& outcome,
                      std::optional<std::chrono::milliseconds> requested_wait);
    void tell(const Job& job, const Outcome& outcome, std::chrono::milliseconds wait, bool known);
    [[nodiscard]] std::chrono::milliseconds backoff(int attempt);

    Transport& inner_;
    RetryPolicy policy_;
    Clock& clock_;
    Random random_;
    io::Log& log_;

    std::deque<Job> queue_;         ///< to be sent
    std::map<Ticket, Job> sending_; ///< under the inner transport's tickets
    std::deque<Answer> finished_;   ///< without having been sent
    Response limit_;                ///< the last answer of 429
    BootTime paused_until_ = BootTime::min();
    BootTime waited_until_ = BootTime::min(); ///< what `waited_` has counted
    std::chrono::milliseconds waited_{0};     ///< of --max-wait
    bool hopeless_ = false;                   ///< this pause is longer than may be waited for
    Pace pace_;

    static constexpr std::size_t k_documented_limit = 100;
    static constexpr std::size_t k_all = 1000; ///< more than anybody has under way
    std::size_t window_ = k_all;               ///< how many may be under way
    std::size_t budget_ = k_documented_limit;  ///< how many are expected to pass before the limit is met
    std::size_t sent_ = 0;
    std::size_t passed_ = 0;
};

} // namespace jit::http
