#include "sandbox/rate_limit.hpp"

#include <algorithm>

namespace jit::sandbox {

std::optional<std::chrono::seconds> RateLimiter::refuse(std::uint64_t token, TimePoint now) {
    if (limit_ == 0) {
        return std::nullopt;
    }
    if (passed_.size() >= sweep_at_) {
        drop_idle_tokens(now);
    }
    std::deque<TimePoint>& passed = passed_[token];
    while (!passed.empty() && passed.front() + k_window <= now) {
        passed.pop_front();
    }
    if (passed.size() < limit_) {
        passed.push_back(now);
        return std::nullopt;
    }
    const auto wait = std::chrono::ceil<std::chrono::seconds>(passed.front() + k_window - now);
    return std::max(wait, std::chrono::seconds(1));
}

void RateLimiter::drop_idle_tokens(TimePoint now) {
    std::erase_if(passed_, [now](const auto& entry) {
        return entry.second.empty() || entry.second.back() + k_window <= now;
    });
    sweep_at_ = std::max(sweep_at_, 2 * passed_.size());
}

} // namespace jit::sandbox
