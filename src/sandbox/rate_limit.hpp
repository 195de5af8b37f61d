#pragma once

#include "util/time.hpp"

#include <chrono>
#include <cstddef>
#include <deque>
#include <optional>
#include <unordered_map>

namespace jit::sandbox {

/// So many requests of one client ID in any ten seconds, whatever access tokens they have: a sliding window.
/// A refused request does not count.
class RateLimiter {
public:
    static constexpr std::chrono::seconds k_window{10};

    /// At most `limit` requests a window; 0 means any number. With `growing_wait`, a client that was refused
    /// in three windows within 120 s passes nothing for 60 s; when that happens again, for 300, 600, and
    /// 1200.
    explicit RateLimiter(std::size_t limit, bool growing_wait = false)
        : limit_(limit), growing_wait_(growing_wait) {}

    /// Counts a request of this client. Nothing when it passes; else whole seconds, at least 1, after which
    /// one would.
    [[nodiscard]] std::optional<std::chrono::seconds> refuse(std::size_t client, TimePoint now);

private:
    struct Use {
        std::deque<TimePoint> passed = {};
        std::deque<TimePoint> violated = {}; ///< the first refusal of each window
        std::size_t penalties = 0;
        TimePoint blocked_until = TimePoint::min();
    };

    void note_violation(Use& use, TimePoint now) const;

    std::size_t limit_;
    bool growing_wait_;
    std::unordered_map<std::size_t, Use> clients_;
};

} // namespace jit::sandbox
