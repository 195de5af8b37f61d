#pragma once

#include <string>
#include <vector>

namespace jit::io {

/// One column of a table for people.
struct Column {
    std::string title;
    bool shrinks = false; ///< may be shortened, with "…", where the terminal is too narrow
    bool goes = false;    ///< is left out there, before any is shortened: half of it would say nothing
};

struct TableStyle {
    int width = 0;      ///< columns of the terminal; 0: no limit
    bool color = false; ///< titles in bold
};

/// Renders rows under their titles, one line each and none wider than the terminal, two spaces between
/// columns, without trailing blanks. Cells may hold any text: it is made safe for a terminal here, and cannot
/// look like two columns (`printable_line`). A row has as many cells as there are columns; an empty cell is
/// shown as "-".
[[nodiscard]] std::string render_table(const std::vector<Column>& columns,
                                       const std::vector<std::vector<std::string>>& rows, TableStyle style);

/// One line of CSV (RFC 4180, but ended by LF as Unix tools expect): cells with commas, quotes or blanks at
/// an end are quoted. Control characters are made safe as in tables. A cell that a spreadsheet would take for
/// a formula (it begins with = + - @, after blanks, too) has a ' before it; a number such as -5 has not.
[[nodiscard]] std::string csv_line(const std::vector<std::string>& cells);

} // namespace jit::io
