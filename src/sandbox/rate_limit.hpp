#pragma once

#include "base/time.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <unordered_map>

namespace jit::sandbox {

/// So many requests of one access token in any ten seconds: a sliding window. A refused request does not
/// count.
class RateLimiter {
public:
    static constexpr std::chrono::seconds k_window{10};

    /// At most `limit` requests a window; 0 means any number.
    explicit RateLimiter(std::size_t limit) : limit_(limit) {}

    /// Counts a request of this token. Nothing when it passes; else whole seconds, at least 1, after which
    /// one would.
    [[nodiscard]] std::optional<std::chrono::seconds> refuse(std::uint64_t token, TimePoint now);

private:
    void drop_idle_tokens(TimePoint now);

    std::size_t limit_;
    std::size_t sweep_at_ = 1024; ///< drop the idle when there are so many tokens
    std::unordered_map<std::uint64_t, std::deque<TimePoint>> passed_;
};

} // namespace jit::sandbox
