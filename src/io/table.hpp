#pragma once

#include <string>
#include <vector>

namespace jit::io {

/// What a column gives up where the terminal is too narrow, from the first to give way to the last.
enum class Yields {
    first,     ///< it is left out: other columns tell nearly the same
    second,    ///< it is left out after those
    third,     ///< it is left out after those: half of it would say nothing
    shortened, ///< it is shortened after those, with "…": a name
    last,      ///< it is left out where that does not make enough room
    never,
};

/// One column of a table for people.
struct Column {
    std::string title;
    Yields yields = Yields::never;
};

struct TableStyle {
    int width = 0;      ///< columns of the terminal; 0: no limit
    bool color = false; ///< titles in bold
    bool titles = true;
    bool clipped = false; ///< no line may wrap, whatever it costs: the table will be drawn over
};

/// Renders rows under their titles, one line each, two spaces between columns, without trailing blanks. Lines
/// fit the terminal, unless rows that differ would then look alike: those are wider, and the terminal wraps
/// them. Cells may hold any text: it is made safe for a terminal here, and cannot look like two columns
/// (`sanitize_line`). A row has as many cells as there are columns; an empty cell is shown as "-".
[[nodiscard]] std::string render_table(const std::vector<Column>& columns,
                                       const std::vector<std::vector<std::string>>& rows, TableStyle style);

/// One line of CSV (RFC 4180, but ended by LF as Unix tools expect): cells with commas, quotes or blanks at
/// an end are quoted. Control characters are made safe as in tables. A cell that a spreadsheet would take for
/// a formula (it begins with = + - @, after blanks, too) has a ' before it; a number such as -5 has not.
[[nodiscard]] std::string csv_line(const std::vector<std::string>& cells);

} // namespace jit::io
