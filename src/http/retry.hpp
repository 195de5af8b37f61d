#pragma once

#include "base/clock.hpp"
#include "http/transport.hpp"
#include "io/log.hpp"

#include <chrono>
#include <functional>

namespace jit::http {

struct RetryPolicy {
    int retries = 3;                    ///< tries after the first
    std::chrono::seconds max_wait{120}; ///< the longest that one request sits out rate limiting, in all
};

/// A number drawn evenly from [0, 1).
using Random = std::function<double()>;

/// From the operating system's randomness, so that processes started together do not retry together.
[[nodiscard]] Random system_random();

/// Tries again what certainly was not carried out, so a request is applied at most once: a request of which
/// no byte was sent (but not one that can never be), and one answered by 429. A GET changes nothing and is
/// tried again after a lost answer or a 5xx, too. Waits as `Retry-After` says, else exponentially from 0.5 s
/// with full jitter, at most 30 s. When the tries are used up the last outcome is returned as it is.
class RetryTransport final : public Transport {
public:
    RetryTransport(Transport& inner, RetryPolicy policy, Clock& clock, Random random, io::Log& log)
        : inner_(inner), policy_(policy), clock_(clock), random_(std::move(random)), log_(log) {}

    [[nodiscard]] Outcome send(const Request& request) override;

private:
    [[nodiscard]] std::chrono::milliseconds backoff(int attempt);

    Transport& inner_;
    RetryPolicy policy_;
    Clock& clock_;
    Random random_;
    io::Log& log_;
};

} // namespace jit::http
