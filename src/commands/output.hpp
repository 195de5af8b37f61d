#pragma once

#include "access/context.hpp"
#include "io/table.hpp"
#include "util/result.hpp"
#include "json/object.hpp"

#include <string>
#include <vector>

namespace jit::commands {

/// One result in every form it can be asked for.
struct Record {
    std::string object;                ///< JSON: what the service sent
    std::vector<json::Member> members; ///< JSON: what `jit` adds to it
    std::vector<std::string> cells;    ///< table
    std::vector<std::string> fields;   ///< CSV: plain values
};

struct Titles {
    std::vector<io::Column> table;
    std::vector<std::string> csv; ///< names of the fields, as in JSON
};

/// What the text of a format is to the console.
[[nodiscard]] io::Form form_of(config::OutputFormat format);

/// Prints the result of one target in the format that was asked for: a table of one row, one JSON object, or
/// a CSV title and line.
[[nodiscard]] Result<void> print_one(access::Context& context, const Titles& titles, const Record& record);

/// Prints a list of results in the format that was asked for: JSON lines and CSV as they come, in constant
/// memory; JSON as an array, its elements as they come; a table at the end.
class ListPrinter {
public:
    /// `context.settings()` was called already, and outlives the printer.
    ListPrinter(access::Context& context, Titles titles);

    [[nodiscard]] Result<void> add(const Record& record);

    /// Writes what was added so far, as far as the format can be written in part.
    [[nodiscard]] Result<void> flush();

    /// Prints what is kept back: the last thing to call. An empty table prints nothing.
    [[nodiscard]] Result<void> finish();

    [[nodiscard]] bool is_table() const { return format_ == config::OutputFormat::table; }
    [[nodiscard]] std::size_t count() const { return count_; }

private:
    access::Context& context_;
    Titles titles_;
    config::OutputFormat format_;
    std::size_t count_ = 0;
    std::string text_;                           ///< to be written
    std::vector<std::vector<std::string>> rows_; ///< of a table
};

} // namespace jit::commands
