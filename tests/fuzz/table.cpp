// Tables and CSV. The first two bytes of the input choose the width of the terminal and the columns; the rest
// is cells, one after the other, parted by `|`.

#include "io/table.hpp"
#include "promise.hpp"
#include "util/text.hpp"

#include <algorithm>
#include <set>

using namespace jit;
using namespace jit::fuzz;

namespace {

std::vector<std::vector<std::string>> rows_of(std::string_view text, std::size_t columns) {
    std::vector<std::vector<std::string>> rows;
    for (bool more = true; more;) {
        std::vector<std::string>& row = rows.emplace_back();
        for (std::size_t i = 0; i < columns; ++i) {
            const std::size_t end = std::min(text.find('|'), text.size());
            row.emplace_back(text.substr(0, end));
            more = end < text.size();
            text.remove_prefix(std::min(end + 1, text.size()));
        }
    }
    return rows;
}

std::vector<std::string_view> lines_of(std::string_view text) {
    std::vector<std::string_view> lines;
    while (!text.empty()) {
        const TwoParts parts = two_parts(text);
        lines.push_back(parts.line);
        text = parts.rest;
    }
    return lines;
}

/// The cells of one line as a reader of RFC 4180 sees them.
std::vector<std::string> csv_cells(std::string_view line) {
    std::vector<std::string> cells(1);
    bool quoted = false;
    for (std::size_t i = 0; i < line.size(); ++i) {
        const char c = line[i];
        if (c == '"' && quoted && i + 1 < line.size() && line[i + 1] == '"') {
            cells.back().push_back(line[++i]);
        } else if (c == '"') {
            quoted = !quoted;
        } else if (c == ',' && !quoted) {
            cells.emplace_back();
        } else {
            cells.back().push_back(c);
        }
    }
    return cells;
}

void check_table(const std::vector<io::Column>& columns, const std::vector<std::vector<std::string>>& rows,
                 int width) {
    const std::string table = render_table(columns, rows, {width, false, true, true});
    const auto lines = lines_of(table);
    promise(table.back() == '\n' && lines.size() == rows.size() + 1, "a row is one line, under the titles");
    for (const std::string_view line : lines) {
        promise(is_safe(line), "a table is safe for a terminal");
        promise(line.empty() || line.back() != ' ', "a line of a table has no blanks at its end");
        promise(width == 0 || display_width(line) <= width, "a table is not wider than the terminal");
    }
    const std::string bold = render_table(columns, rows, {width, true, true, true});
    const std::size_t title = lines.front().size();
    promise(bold == concat({"\x1b[1m", lines.front(), "\x1b[0m", table.substr(title)}),
            "colour changes nothing but the titles");
    const std::string unlimited = render_table(columns, rows, {0, false});
    const auto all = lines_of(unlimited);
    const std::string fitted = render_table(columns, rows, {width, false});
    const auto shown = lines_of(fitted);
    promise(std::set<std::string_view>(shown.begin() + 1, shown.end()).size() ==
                std::set<std::string_view>(all.begin() + 1, all.end()).size(),
            "rows that differ do not look alike on a narrow terminal");
    for (std::size_t i = 0; i < rows.size(); ++i) {
        std::string_view rest = all[i + 1];
        for (const std::string& cell : rows[i]) {
            // Blanks around it are left out, and of a run of them one is shown: none forges a column.
            const std::string line = sanitize_line(cell);
            const std::string_view whole = trim(line).empty() ? "-" : trim(line);
            const std::size_t at = rest.find(whole);
            promise(at != std::string_view::npos, "without a limit every cell is shown whole, in its order");
            rest.remove_prefix(at + whole.size());
        }
    }
}

void check_csv(const std::vector<std::string>& row) {
    const std::string line = io::csv_line(row);
    promise(line.back() == '\n' && is_safe(std::string_view(line).substr(0, line.size() - 1)),
            "a line of CSV is safe for a terminal");
    const auto cells = csv_cells(std::string_view(line).substr(0, line.size() - 1));
    promise(cells.size() == row.size(), "a line of CSV has as many cells as were written");
    for (std::size_t i = 0; i < row.size(); ++i) {
        const std::string whole = sanitize(row[i]);
        const bool marked = cells[i] == "'" + whole;
        promise(marked || cells[i] == whole, "a line of CSV has the cells that were written");
        const std::string line_of_it = sanitize_line(row[i]);
        const std::string_view start = trim(line_of_it).substr(0, 1);
        promise(marked || start.empty() || std::string_view("=@").find(start) == std::string_view::npos,
                "no cell of CSV is a formula");
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 2) {
        return 0;
    }
    constexpr int k_widest = 120;
    const int width = data[0] % (k_widest + 1);
    const unsigned choice = data[1];
    std::vector<io::Column> columns;
    for (unsigned i = 0; i <= (choice & 3U); ++i) {
        const bool shrinks = (choice >> (i + 2U) & 1U) != 0;
        const bool goes = (choice & 64U) != 0;
        columns.push_back({std::string("TITLE").substr(0, 2 + i), shrinks ? io::Yields::shortened
                                                                  : goes  ? static_cast<io::Yields>(i % 3)
                                                                          : io::Yields::never});
    }
    const auto rows = rows_of(text_of(data, size).substr(2), columns.size());
    check_table(columns, rows, width);
    for (const auto& row : rows) {
        check_csv(row);
    }
    return 0;
}
