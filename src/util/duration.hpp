#pragma once

#include "util/result.hpp"
#include "util/time.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace jit {

// Durations and future times as people write them.

/// Reads "90s", "1h30m", "2d", "1w", "1h 30m": whole numbers, each with a unit (w, d, h, m or min, s), the
/// larger first, none twice. Empty on anything else (a bare number has no unit), on nothing in all, and
/// beyond 2^31 - 1 minutes.
[[nodiscard]] std::optional<std::chrono::seconds> parse_duration(std::string_view text);

/// Whole minutes that hold the stretch: 61 s are 2.
[[nodiscard]] std::chrono::minutes whole_minutes(std::chrono::milliseconds duration);

/// Which moment is meant where a time has several.
enum class Pick {
    next, ///< the first after now; where all are past, the last of them
    last, ///< the last that is not after now; where none is past, the first of them
};

/// Reads a time in the zone of the process, unless it names its own: "17:30", "17:30:15", "5pm" or "5:30 pm"
/// (the next or the last such time of day), "2026-11-24" (its start), "2026-11-24T17:30", each time of day
/// with "Z" or an offset behind it; a space for the `T` is fine. Where the clocks are put back and a time
/// comes twice, `pick` says which is meant. Code 2 on anything else and for a time that the clocks skip; the
/// message goes on behind the text ("is not a time").
[[nodiscard]] Result<TimePoint> parse_time(std::string_view text, TimePoint now, Pick pick = Pick::next);

/// "1 h 5 min", "42 min", "4 min 30 s": the two largest units at most, rounded down, as time that is left is
/// told. "0 s" for none.
[[nodiscard]] std::string duration_words(std::chrono::milliseconds duration);

} // namespace jit
