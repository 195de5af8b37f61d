#include "commands/timeline.hpp"

#include "util/text.hpp"

#include <algorithm>

namespace jit::commands {
namespace {

using sailpoint::HistoryEntry;
using sailpoint::Phase;

enum class Mark { none, moving, usable, failed };

/// The cells of one row; a later mark of more weight stands over one of less.
class Bar {
public:
    Bar(int cells, TimePoint from, TimePoint until)
        : cells_(static_cast<std::size_t>(cells), Mark::none), from_(from),
          length_(std::max(until - from, k_least)) {}

    void fill(TimePoint begin, TimePoint end, Mark mark) {
        if (end < from_ || begin > from_ + length_ || end < begin) {
            return;
        }
        const std::size_t last = place(end);
        for (std::size_t i = place(begin); i <= last; ++i) {
            cells_[i] = std::max(cells_[i], mark);
        }
    }

    [[nodiscard]] std::string text() const {
        std::string out;
        for (const Mark mark : cells_) {
            out += mark == Mark::usable ? "█" : mark == Mark::moving ? "░" : mark == Mark::failed ? "×" : "·";
        }
        return out;
    }

private:
    static constexpr std::chrono::milliseconds k_least{1};

    [[nodiscard]] std::size_t place(TimePoint time) const {
        const auto offset = std::clamp(time - from_, std::chrono::milliseconds(0), length_);
        const double share = static_cast<double>(offset.count()) / static_cast<double>(length_.count());
        return std::min(cells_.size() - 1,
                        static_cast<std::size_t>(share * static_cast<double>(cells_.size())));
    }

    std::vector<Mark> cells_;
    TimePoint from_;
    std::chrono::milliseconds length_;
};

void draw(Bar& bar, const HistoryEntry& entry, TimePoint now) {
    const auto initiated = parse_rfc3339(entry.initiated);
    if (!initiated) {
        return;
    }
    const auto usable_from = parse_rfc3339(entry.provision_completed);
    const auto usable_until = parse_rfc3339(entry.deprovision_start);
    const auto gone = parse_rfc3339(entry.deprovision_complete);
    const Phase phase = sailpoint::phase_of_status(entry.status);
    const bool over = phase == Phase::ended || phase == Phase::failed;
    // An end that is not told: now for what goes on, else the last thing that is.
    const TimePoint end = gone ? *gone : over ? usable_until.value_or(usable_from.value_or(*initiated)) : now;
    bar.fill(*initiated, end, Mark::moving);
    if (usable_from) {
        bar.fill(*usable_from, usable_until.value_or(end), Mark::usable);
    }
    if (phase == Phase::failed) {
        bar.fill(end, end, Mark::failed);
    }
}

} // namespace

std::string draw_timeline(const std::vector<TimelineRow>& rows, const TimelineStyle& style) {
    constexpr int k_narrowest = 40;
    constexpr int k_gap = 2;
    const int width = std::max(k_narrowest, style.width);
    int label_width = 0;
    for (const TimelineRow& row : rows) {
        label_width = std::max(label_width, display_width(sanitize_line(row.label)));
    }
    label_width = std::min(label_width, width * 2 / 5);
    const int cells = width - label_width - k_gap;
    std::string out;
    for (const TimelineRow& row : rows) {
        Bar bar(cells, style.from, style.until);
        for (const HistoryEntry& entry : row.entries) {
            draw(bar, entry, style.now);
        }
        out += concat(
            {padded(shorten(sanitize_line(row.label), label_width), label_width + k_gap), bar.text(), "\n"});
    }
    const std::string left = style.time_text(style.from);
    const std::string right = style.time_text(style.until);
    const int between = cells - display_width(left) - display_width(right);
    out += padded("", label_width + k_gap);
    out += between > 0 ? concat({left, padded("", between), right}) : shorten(left, cells);
    return concat({out, "\n", shorten("█ active  ░ starting or ending  × failed  · none", width), "\n"});
}

} // namespace jit::commands
