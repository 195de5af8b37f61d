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
constexpr int k_too_many = 429;

std::string in_seconds(milliseconds wait) {
    const auto tenths = (wait.count() + 99) / 100;
    return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10) + " s";
}

/// Whether an outcome is worth another try. Reading can be repeated whatever became of it; anything else only
/// where it was certainly not carried out.
bool worth_retrying(const Request& request, const Outcome& outcome) {
    if (request.optional) {
        return false;
    }
    const bool reading = request.method == Method::get;
    if (outcome) {
        return outcome->status == k_too_many || (reading && outcome->status >= 500);
    }
    const Failure& failure = outcome.error();
    return (failure.kind == Failure::Kind::unreachable && !failure.sent) ||
           (reading && failure.kind == Failure::Kind::no_answer);
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
        if (!worth_retrying(request, outcome) || attempt >= policy_.retries) {
            return outcome;
        }
        const bool limited = outcome && outcome->status == k_too_many;
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
        const std::string what =
            limited   ? "the rate limit is reached (HTTP 429)"
            : outcome ? cat({"the service failed (HTTP ", std::to_string(outcome->status), ")"})
                      : outcome.error().message;
        const std::string progress =
            cat({what, request.method == Method::get ? "; try " : "; not carried out; try ",
                 std::to_string(attempt + 2), " of ", std::to_string(policy_.retries + 1), " in ",
                 in_seconds(wait)});
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
