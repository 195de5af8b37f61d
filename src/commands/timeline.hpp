#pragma once

#include "sailpoint/model.hpp"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace jit::commands {

/// One line of a timeline: its label, and its activations.
struct TimelineRow {
    std::string label;
    std::vector<sailpoint::HistoryEntry> entries;
};

struct TimelineStyle {
    int width = 80;                                  ///< cells of a whole line, at least 40
    TimePoint from;                                  ///< left edge
    TimePoint until;                                 ///< right edge
    TimePoint now;                                   ///< what is not over lasts until here
    std::function<std::string(TimePoint)> time_text; ///< for the axis
};

/// Draws who had what when: a line a row, "█" while access was usable, "░" while it was on its way or being
/// taken away, "×" where it failed, and an axis below.
[[nodiscard]] std::string draw_timeline(const std::vector<TimelineRow>& rows, const TimelineStyle& style);

} // namespace jit::commands
