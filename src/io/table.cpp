#include "io/table.hpp"

#include "util/text.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <string_view>
#include <utility>

namespace jit::io {
namespace {

constexpr int k_gap = 2;
constexpr int k_left_out = -1; // the width of a column that is not shown
constexpr int k_narrowest = 8; // below this a shortened cell says nothing

/// How much wider than the limit a line is.
int excess(const std::vector<int>& widths, int limit) {
    int over = -limit - k_gap;
    for (const int width : widths) {
        over += width == k_left_out ? 0 : width + k_gap;
    }
    return over;
}

/// Leaves out the columns that may go, from the right, until a line fits.
void leave_out(std::vector<bool>& shown, std::vector<int>& widths, const std::vector<Column>& columns,
               int limit) {
    for (std::size_t i = columns.size(); i-- > 0 && excess(widths, limit) > 0;) {
        if (columns[i].goes) {
            shown[i] = false;
            widths[i] = k_left_out;
        }
    }
}

/// Narrows the columns that may shrink, from the right, until a line fits or none can give more.
void fit(std::vector<int>& widths, const std::vector<Column>& columns, int limit) {
    int over = excess(widths, limit);
    for (std::size_t i = columns.size(); i-- > 0 && over > 0;) {
        if (columns[i].shrinks && widths[i] > k_narrowest) {
            const int less = std::min(over, widths[i] - k_narrowest);
            widths[i] -= less;
            over -= less;
        }
    }
}

} // namespace

std::string render_table(const std::vector<Column>& columns,
                         const std::vector<std::vector<std::string>>& rows, TableStyle style) {
    std::vector<std::vector<std::string>> lines(1);
    for (const Column& column : columns) {
        lines.front().push_back(column.title);
    }
    for (const std::vector<std::string>& row : rows) {
        std::vector<std::string>& line = lines.emplace_back();
        for (const std::string& cell : row) {
            std::string text(trim(sanitize_line(cell)));
            line.push_back(text.empty() ? "-" : std::move(text));
        }
    }
    std::vector<int> widths(columns.size());
    for (const std::vector<std::string>& line : lines) {
        for (std::size_t i = 0; i < columns.size(); ++i) {
            widths[i] = std::max(widths[i], display_width(line[i]));
        }
    }
    std::vector<bool> shown(columns.size(), true);
    if (style.width > 0) {
        leave_out(shown, widths, columns, style.width);
        fit(widths, columns, style.width);
    }
    std::string out;
    for (const std::vector<std::string>& line : lines) {
        std::string text;
        for (std::size_t i = 0; i < columns.size(); ++i) {
            if (shown[i]) {
                text += padded(shorten(line[i], widths[i]), widths[i] + k_gap);
            }
        }
        text.erase(text.find_last_not_of(' ') + 1);
        if (style.width > 0) {
            text = shorten(text, style.width); // where no column could give more
        }
        const bool title = &line == &lines.front();
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
