#pragma once

#include "io/console.hpp"
#include "io/table.hpp"
#include "util/interrupt.hpp"
#include "util/result.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace jit::io {

/// What a person chooses from: rows of a table.
struct Choices {
    std::vector<Column> columns;
    std::vector<std::vector<std::string>> rows;
};

/// Lets the person at the terminal choose one row or several, and returns their places in the order of the
/// rows. What is typed narrows the rows down to those with these words; a row is chosen only by marking it
/// (Tab), or by moving to it (arrow keys) and Enter. On a terminal that cannot be drawn on, the rows have
/// numbers, and these are typed. `question` is "Which ones to activate?". Code 2 where nothing is chosen, 130
/// on an interrupt.
[[nodiscard]] Result<std::vector<std::size_t>> choose(Console& console, const Interrupt& interrupt,
                                                      std::string_view question, const Choices& choices);

} // namespace jit::io
