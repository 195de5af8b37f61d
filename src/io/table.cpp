#include "io/table.hpp"

#include "util/text.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <initializer_list>
#include <optional>
#include <set>
#include <string_view>
#include <utility>

namespace jit::io {
namespace {

constexpr int k_gap = 2;
constexpr int k_narrowest = 8; // below this a shortened cell says nothing

using Line = std::vector<std::string>;

/// Chooses what of a table fits the terminal.
class Layout {
public:
    /// `lines` are the titles and the rows, made safe. Both arguments outlive the object.
    Layout(const std::vector<Column>& columns, const std::vector<Line>& lines)
        : columns_(columns), lines_(lines), widths_(columns.size()), shown_(columns.size(), true) {
        for (const Line& line : lines) {
            for (std::size_t i = 0; i < columns.size(); ++i) {
                widths_[i] = std::max(widths_[i], display_width(line[i]));
            }
        }
    }

    /// `clipped`: whatever does not fit will be cut off.
    void fit(int limit, bool clipped) {
        if (excess(limit) <= 0) {
            return;
        }
        const std::size_t all_distinct = distinct_lines();
        show(Yields::third, false);
        const std::size_t distinct_without_ids = distinct_lines();
        show(Yields::second, false);
        show(Yields::first, false);
        if (!clipped) { // a source tells rows apart better than an ID
            tell_apart({Yields::first, Yields::second}, distinct_without_ids);
            tell_apart({Yields::third}, all_distinct);
        }
        take_back(limit);
        const std::vector<int> full = widths_;
        shorten_names(limit, clipped);
        if (excess(limit) > 0) {
            widths_ = full;
            show(Yields::last, false);
            shorten_names(limit, clipped);
        }
    }

    /// One line as it is shown.
    [[nodiscard]] std::string text_of(const Line& line) const {
        std::string text;
        for (std::size_t i = 0; i < columns_.size(); ++i) {
            if (shown_[i]) {
                text += padded(cell(line, i), widths_[i] + k_gap);
            }
        }
        text.erase(text.find_last_not_of(' ') + 1);
        return text;
    }

private:
    /// How much wider than the limit a line is.
    [[nodiscard]] int excess(int limit) const {
        int over = -limit - k_gap;
        for (std::size_t i = 0; i < columns_.size(); ++i) {
            over += shown_[i] ? widths_[i] + k_gap : 0;
        }
        return over;
    }

    [[nodiscard]] std::string cell(const Line& line, std::size_t column) const {
        return middle_cut_ ? shorten_middle(line[column], widths_[column])
                           : shorten(line[column], widths_[column]);
    }

    /// How many rows look different from each other.
    [[nodiscard]] std::size_t distinct_lines() const {
        std::set<std::string> texts;
        for (const Line& line : lines_) {
            texts.insert(text_of(line));
        }
        return texts.size();
    }

    void show(Yields rank, bool shown) {
        for (std::size_t i = 0; i < columns_.size(); ++i) {
            shown_[i] = columns_[i].yields == rank ? shown : shown_[i];
        }
    }

    /// Takes back what fits after all of what was left out, the most important first.
    void take_back(int limit) {
        for (const Yields rank : {Yields::third, Yields::second, Yields::first}) {
            for (std::size_t i = 0; i < columns_.size(); ++i) {
                if (columns_[i].yields == rank && !shown_[i]) {
                    shown_[i] = true;
                    shown_[i] = excess(limit) <= 0;
                }
            }
        }
    }

    /// Takes back the columns of these ranks by which rows differ that look alike now, the best first, until
    /// so many rows are distinct.
    void tell_apart(std::initializer_list<Yields> ranks, std::size_t wanted) {
        for (std::size_t now = distinct_lines(); now < wanted;) {
            std::size_t best = columns_.size();
            std::size_t best_count = now;
            for (std::size_t i = 0; i < columns_.size(); ++i) {
                const bool candidate =
                    !shown_[i] && std::find(ranks.begin(), ranks.end(), columns_[i].yields) != ranks.end();
                if (!candidate) {
                    continue;
                }
                shown_[i] = true;
                const std::size_t count = distinct_lines();
                shown_[i] = false;
                if (count > best_count) {
                    best = i;
                    best_count = count;
                }
            }
            if (best == columns_.size()) {
                return;
            }
            shown_[best] = true;
            now = best_count;
        }
    }

    /// The widest column that is shown and may be shortened; names only where no other can be.
    [[nodiscard]] std::optional<std::size_t> widest(const std::vector<int>& widths) const {
        std::optional<std::size_t> widest;
        for (const bool names : {false, true}) {
            for (std::size_t i = 0; i < columns_.size(); ++i) {
                const Yields yields = columns_[i].yields;
                const bool fits =
                    names ? yields == Yields::shortened : yields == Yields::first || yields == Yields::second;
                if (fits && shown_[i] && widths[i] > k_narrowest &&
                    (!widest || widths[i] >= widths[*widest])) {
                    widest = i;
                }
            }
            if (widest) {
                break;
            }
        }
        return widest;
    }

    /// Narrows a column step by step, until a line fits or none can give more.
    [[nodiscard]] std::vector<int> narrowed(int limit) const {
        std::vector<int> widths = widths_;
        for (int over = excess(limit); over > 0; --over) {
            const auto column = widest(widths);
            if (!column) {
                break;
            }
            --widths[*column];
        }
        return widths;
    }

    /// Shortens names at their ends, else in their middle, else less, so that no two rows look alike.
    void shorten_names(int limit, bool clipped) {
        if (clipped) {
            widths_ = narrowed(limit);
            return;
        }
        const std::vector<int> full = widths_;
        const int full_excess = excess(0);
        const std::size_t before = distinct_lines();
        for (int room = limit; excess(limit) > 0; room += k_narrowest) {
            for (const bool middle : {false, true}) {
                widths_ = full;
                widths_ = narrowed(room);
                middle_cut_ = middle;
                if (distinct_lines() == before) {
                    return;
                }
            }
            widths_ = full;
            if (room > full_excess) {
                return;
            }
        }
    }

    const std::vector<Column>& columns_;
    const std::vector<Line>& lines_;
    std::vector<int> widths_;
    std::vector<bool> shown_;
    bool middle_cut_ = false;
};

} // namespace

std::string render_table(const std::vector<Column>& columns,
                         const std::vector<std::vector<std::string>>& rows, TableStyle style) {
    std::vector<Line> lines;
    if (style.titles) {
        for (Line& title = lines.emplace_back(); const Column& column : columns) {
            title.push_back(column.title);
        }
    }
    for (const std::vector<std::string>& row : rows) {
        Line& line = lines.emplace_back();
        for (const std::string& cell : row) {
            std::string text(trim(sanitize_line(cell)));
            line.push_back(text.empty() ? "-" : std::move(text));
        }
    }
    Layout layout(columns, lines);
    if (style.width > 0) {
        layout.fit(style.width, style.clipped);
    }
    std::string out;
    for (const Line& line : lines) {
        std::string text = layout.text_of(line);
        if (style.clipped && style.width > 0) {
            text = shorten(text, style.width);
        }
        const bool title = style.titles && &line == &lines.front();
        out += title && style.color ? concat({"\x1b[1m", text, "\x1b[0m\n"}) : text + "\n";
    }
    return out;
}

namespace {

/// Whether a spreadsheet would take the cell for a formula. A number begins like one, and is none.
bool is_formula(std::string_view text) {
    const std::string line = sanitize_line(text); // where blanks of all kinds are spaces
    const std::string_view shown = trim(line);
    constexpr std::array<std::string_view, 8> k_starts = {"=", "+", "-", "@", "＝", "＋", "－", "＠"};
    const bool starts = std::any_of(k_starts.begin(), k_starts.end(), [shown](std::string_view start) {
        return shown.substr(0, start.size()) == start;
    });
    const std::string_view rest = text.substr(text.empty() ? 0 : 1);
    const bool number = rest.find_first_not_of("0123456789.") == std::string_view::npos &&
                        rest.find_first_of("0123456789") == 0 &&
                        std::count(rest.begin(), rest.end(), '.') <= 1;
    return starts && !(number && (text.front() == '-' || text.front() == '+'));
}

} // namespace

std::string csv_line(const std::vector<std::string>& cells) {
    std::string out;
    for (const std::string& cell : cells) {
        const std::string text = concat({is_formula(cell) ? "'" : "", sanitize(cell)});
        const bool blank_end = !text.empty() && (text.front() == ' ' || text.back() == ' ');
        if (text.find_first_of(",\"") == std::string::npos && !blank_end) {
            out += text;
        } else {
            out.push_back('"');
            for (const char c : text) {
                out.append(c == '"' ? 2 : 1, c);
            }
            out.push_back('"');
        }
        out.push_back(',');
    }
    out.back() = '\n';
    return out;
}

} // namespace jit::io
