#pragma once

#include "access/state_reader.hpp"
#include "sailpoint/model.hpp"
#include "util/time.hpp"

#include <chrono>
#include <optional>
#include <string>

namespace jit::access {

/// How far two times of the service may lie apart that mean the same moment.
inline constexpr std::chrono::seconds k_time_tolerance{2};

/// What was asked of the service and is to show in its lists.
struct PendingChange {
    sailpoint::Operation operation;
    std::string activation_id = {};      ///< of the answer to the request
    std::optional<TimePoint> since = {}; ///< when it was made, by the service's clock; empty: any poll counts
    std::optional<TimePoint> expires = {}; ///< extend: what the end will be at least
    bool by_us = true;                     ///< false: it was under way when this run began
};

/// Whether a poll came late enough to know of what was asked. An entry of the connections that has no time at
/// all is no proof of that.
[[nodiscard]] bool reflects(const Access& access, const PendingChange& expected);

/// The same where what was asked is known to be accepted: then an entry without times counts, too, if its
/// state is what was asked for.
[[nodiscard]] bool matches(const Access& access, const PendingChange& expected);

/// What an operation that was accepted has come to, by a poll at the state.
enum class Verdict { not_yet, done, failed };

[[nodiscard]] Verdict evaluate(const Access& access, const PendingChange& expected);

} // namespace jit::access
