#pragma once

#include "access/context.hpp"
#include "access/target.hpp"
#include "access/target_result.hpp"
#include "util/time.hpp"

#include <cstdint>
#include <optional>

namespace jit::access {

/// From when on access that is to go on is extended: when less than a fifth of its minutes is left, or less
/// than two minutes.
[[nodiscard]] TimePoint extend_at(TimePoint expires, std::int32_t minutes);

/// The minutes to add so that access ends at `most` at the latest: as many as `minutes`, fewer, or 0.
[[nodiscard]] std::int32_t minutes_up_to(TimePoint expires, std::int32_t minutes, TimePoint most);

/// Follows the end of one target's access while a program runs, and puts it off where that is wanted. All
/// times are by the service's clock.
///
/// There is never a second extend for one need: after one that was accepted, the end that it leads to counts
/// until a later poll shows another; after one whose answer was lost, nothing is sent before a poll, later
/// than lists lag behind, has shown whether it was carried out.
class Lease {
public:
    /// `expires` is the end as far as it is known. `keep_until`: extend, by `minutes` at a time, up to this
    /// time; empty: do not.
    Lease(Context& context, const RequestOptions& options, Target target, std::optional<TimePoint> expires,
          std::int32_t minutes, std::optional<TimePoint> keep_until);

    /// When there is something to do next; empty: never. Where nothing else is, a poll each minute, since
    /// access may be revoked.
    [[nodiscard]] std::optional<TimePoint> due() const;

    /// Does what is due: extends, checks whether an extend came to anything, or whether access is over. Tells
    /// a failure once, as a warning, and tries again later. Returns early when the interrupt is raised.
    void act();

    [[nodiscard]] bool is_over() const { return over_; }
    /// Whether a list has shown that, too.
    [[nodiscard]] bool is_seen_over() const { return seen_over_; }
    [[nodiscard]] const std::optional<TimePoint>& expires() const { return expires_; }
    /// The minutes that were asked for.
    [[nodiscard]] std::int32_t length() const { return minutes_; }
    /// Whether it will be extended before it ends, and the last try has not failed.
    [[nodiscard]] bool will_be_extended() const { return keep_until_ && !warned_; }
    /// Whether a warning has told when it ends: since it was not extended, or cannot be any more.
    [[nodiscard]] bool has_told_end() const { return warned_; }
    [[nodiscard]] const Target& target() const { return target_; }

private:
    void extend(TimePoint now);
    /// What the list shows of the end. False where it cannot be read, or is of a time before access was on.
    bool poll();
    void failed(const Error& error, TimePoint now, std::chrono::milliseconds pause);

    Context& context_;
    const RequestOptions& options_;
    Target target_;
    std::optional<TimePoint> expires_;
    std::int32_t minutes_;
    std::optional<TimePoint> keep_until_;
    TimePoint extended_{};           ///< when an extend was accepted last
    std::optional<TimePoint> check_; ///< when to check whether an extend that was accepted shows
    TimePoint not_before_{};         ///< of the next try
    TimePoint began_;                ///< when access was on
    TimePoint poll_at_;              ///< when to check whether it still is
    bool unsure_ = false;            ///< the answer to an extend was lost
    bool warned_ = false;
    bool over_ = false;
    bool seen_over_ = false;
};

} // namespace jit::access
