#include "sandbox/rate_limit.hpp"

#include <algorithm>
#include <array>

namespace jit::sandbox {

std::optional<std::chrono::seconds> RateLimiter::refuse(std::size_t client, TimePoint now) {
    if (limit_ == 0) {
        return std::nullopt;
    }
    Use& use = clients_[client];
    while (!use.passed.empty() && use.passed.front() + k_window <= now) {
        use.passed.pop_front();
    }
    if (now >= use.blocked_until && use.passed.size() < limit_) {
        use.passed.push_back(now);
        return std::nullopt;
    }
    if (growing_wait_ && now >= use.blocked_until) {
        note_violation(use, now);
    }
    const TimePoint free = use.passed.size() < limit_ ? now : use.passed.front() + k_window;
    const auto wait = std::chrono::ceil<std::chrono::seconds>(std::max(use.blocked_until, free) - now);
    return std::max(wait, std::chrono::seconds(1));
}

void RateLimiter::note_violation(Use& use, TimePoint now) const {
    constexpr std::chrono::seconds k_remembered{120};
    constexpr std::size_t k_too_often = 3;
    constexpr std::array<std::chrono::seconds, 4> k_waits = {
        std::chrono::seconds(60), std::chrono::seconds(300), std::chrono::seconds(600),
        std::chrono::seconds(1200)};
    while (!use.violated.empty() && use.violated.front() + k_remembered <= now) {
        use.violated.pop_front();
    }
    if (use.violated.empty() || use.violated.back() + k_window <= now) {
        use.violated.push_back(now);
    }
    if (use.violated.size() >= k_too_often) {
        use.blocked_until = now + k_waits[std::min(use.penalties, k_waits.size() - 1)];
        ++use.penalties;
        use.violated.clear();
    }
}

} // namespace jit::sandbox
