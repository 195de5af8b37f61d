#include "http/retry.hpp"

#include "base/text.hpp"
#include "http/retry_after.hpp"

#include <algorithm>
#include <cmath>
#include <random>

namespace jit::http {
namespace {

using std::chrono::milliseconds;

/// A wait from which on a person wonders what is going on.
constexpr milliseconds k_worth_telling{2000};

std::string in_seconds(milliseconds wait) {
    const auto tenths = (wait.count() + 99) / 100;
    return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10) + " s";
}

} // namespace

Random system_random() {
    return [] {
        std::random_device device;
        return std::uniform_real_distribution<double>(0.0, 1.0)(device);
    };
}

milliseconds RetryTransport::backoff(int attempt) {
    constexpr double k_first = 500.0;
    constexpr double k_most = 30000.0;
    const double ceiling = std::min(k_most, k_first * std::exp2(attempt));
    return milliseconds(std::llround(ceiling * random_()));
}

Outcome RetryTransport::send(const Request& request) {
    milliseconds waited{0};
    for (int attempt = 0;; ++attempt) {
        Outcome outcome = inner_.send(request);
        const bool limited = outcome && outcome->status == 429;
        const bool not_sent =
            !outcome && outcome.error().kind == Failure::Kind::unreachable && !outcome.error().sent;
        if ((!limited && !not_sent) || attempt >= policy_.retries) {
            return outcome;
        }
        milliseconds wait = backoff(attempt);
        if (limited) {
            const auto header = outcome->header("retry-after");
            if (const auto asked = header ? parse_retry_after(*header, clock_.now()) : std::nullopt) {
                wait = *asked;
            }
            if (waited + wait > policy_.max_wait) {
                return outcome;
            }
            waited += wait;
        }
        const std::string progress =
            cat({limited ? "the rate limit is reached (HTTP 429)" : outcome.error().message,
                 "; not carried out; try ", std::to_string(attempt + 2), " of ",
                 std::to_string(policy_.retries + 1), " in ", in_seconds(wait)});
        if (wait >= k_worth_telling) {
            log_.warn(progress);
        } else {
            log_.info(progress);
        }
        if (!clock_.sleep(wait)) {
            Failure interrupted{Failure::Kind::interrupted, false, "interrupted"};
            if (limited) {
                interrupted.status = outcome->status;
            }
            return interrupted;
        }
    }
}

} // namespace jit::http
