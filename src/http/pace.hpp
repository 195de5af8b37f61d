#pragma once

#include "util/clock.hpp"

#include <chrono>
#include <cstddef>
#include <deque>
#include <optional>

namespace jit::http {

/// Stays below a rate limit after the first refusal: a service may make a client wait longer that exceeds the
/// limit again and again. The API has 100 requests of a client ID in ten
/// seconds, and other processes may use a part of them; so the limit is what passed in the ten seconds before
/// a refusal.
class Pace {
public:
    static constexpr std::chrono::seconds k_window{10};

    /// A request was answered, and not refused for the rate. The service has counted it before.
    void note_pass(BootTime now);

    /// A request was refused for the rate: one of its pause, or of one that is known already.
    void note_refusal(BootTime now);

    /// How many more requests may be under way now, with so many that are; none are held back before a
    /// refusal.
    [[nodiscard]] bool allows(std::size_t under_way, BootTime now);

    /// When a request is allowed next that is not now, where that is a matter of time.
    [[nodiscard]] std::optional<BootTime> next(BootTime now) const;

    /// How many requests are to pass in a window, where a refusal told.
    [[nodiscard]] std::optional<std::size_t> limit() const { return limit_; }

private:
    static constexpr std::size_t k_documented_limit = 100;
    static constexpr std::size_t k_telling = 20;       ///< fewer may have passed because others used the rest
    static constexpr std::size_t k_unknown = 50;       ///< what is tried then
    static constexpr std::chrono::seconds k_hold{120}; ///< in which a service counts violations

    void forget_old(BootTime now);

    std::deque<BootTime> passed_; ///< within the window
    std::optional<std::size_t> limit_;
    BootTime refused_ = BootTime::min(); ///< when the limit was set
};

} // namespace jit::http
