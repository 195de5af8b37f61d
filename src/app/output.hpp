#pragma once

#include "app/context.hpp"
#include "base/result.hpp"
#include "io/table.hpp"
#include "sailpoint/codec.hpp"

#include <string>
#include <vector>

namespace jit::app {

/// One result in every form it can be asked for.
struct Record {
    std::string object;                     ///< JSON: what the service sent
    std::vector<sailpoint::Member> members; ///< JSON: what `jit` adds to it
    std::vector<std::string> cells;         ///< table
    std::vector<std::string> fields;        ///< CSV: plain values
};

struct Titles {
    std::vector<io::Column> table;
    std::vector<std::string> csv; ///< names of the fields, as in JSON
};

/// Prints the result of one target in the format that was asked for: a table of one row, one JSON object, or
/// a CSV title and line.
[[nodiscard]] Result<void> print_one(Context& context, const Titles& titles, const Record& record);

} // namespace jit::app
