#pragma once

#include "access/context.hpp"
#include "io/table.hpp"
#include "sailpoint/client.hpp"
#include "util/result.hpp"
#include "json/object.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace jit::commands {

/// One field of a result: declared once for the table, CSV, --columns and --sort.
struct Field {
    std::string_view name;       ///< as in JSON, and the title in CSV
    std::string_view title = {}; ///< in a table; empty: made of the name
    io::Yields yields = io::Yields::never;
    bool in_csv = true;  ///< also where --columns does not name it
    bool in_json = true; ///< under this name
};

/// The fields of a kind of result, in the order of CSV.
struct Fields {
    std::vector<Field> all;
    std::vector<std::string_view> table; ///< names of those that a table shows where --columns names none
};

/// The value of a field.
struct Value {
    // NOLINTNEXTLINE(google-explicit-constructor): most fields read the same in every format
    Value(std::string text) : plain(std::move(text)) {}
    // NOLINTNEXTLINE(google-explicit-constructor)
    Value(const char* text) : plain(text) {}
    Value(std::string text, std::string words) : plain(std::move(text)), shown(std::move(words)) {}

    std::string plain;                ///< in CSV
    std::optional<std::string> shown; ///< in a table, where that differs
};

/// One result in every format.
struct Record {
    std::string object;                ///< JSON: what the service sent
    std::vector<json::Member> members; ///< JSON: what `jit` adds to it
    std::vector<Value> values;         ///< one for each field
};

/// What the text of a format is to the console.
[[nodiscard]] io::Form form_of(config::OutputFormat format);

/// What the options can name of a command's results.
struct FieldNames {
    std::vector<std::string_view> columns; ///< --columns and --sort
    std::vector<std::string_view> json;    ///< --json
    /// The titles of the table with the names of their fields: a user may type a title.
    std::vector<std::pair<std::string, std::string_view>> titles = {};
};

/// `json_only` are members of the service's object that are no column.
[[nodiscard]] FieldNames names_of(const Fields& fields, const std::vector<std::string_view>& json_only = {});

/// Code 2 where --columns, --sort or --json do not go with the format, or name no field. Asks for the
/// settings only where one of these options is given.
[[nodiscard]] Result<void> check_view(access::Context& context, const FieldNames& names);

/// Rows as a table for this terminal.
[[nodiscard]] std::string table_text(access::Context& context, const std::vector<io::Column>& columns,
                                     const std::vector<std::vector<std::string>>& rows);

/// Chooses the fields that the format and the options show.
class View {
public:
    /// `context.settings()` was called already.
    View(access::Context& context, Fields fields);

    [[nodiscard]] config::OutputFormat format() const { return format_; }

    /// The record as JSON, or as a line of CSV.
    [[nodiscard]] std::string text_of(const Record& record, json::Layout layout) const;

    /// The line of titles of CSV; empty where none is wanted.
    [[nodiscard]] std::string csv_titles() const;

    [[nodiscard]] std::vector<io::Column> columns() const;
    [[nodiscard]] std::vector<std::string> cells_of(const Record& record) const;

    /// The values that --sort compares.
    [[nodiscard]] std::vector<std::string> keys_of(const Record& record) const;

private:
    [[nodiscard]] const Field& field(std::size_t place) const { return fields_.all[place]; }

    const access::ResultView& options_;
    Fields fields_;
    config::OutputFormat format_;
    std::vector<std::size_t> shown_; ///< places of the fields
};

/// Prints the result of one target in the format that was asked for: a table of one row, one JSON object, or
/// a CSV title and line.
[[nodiscard]] Result<void> print_one(access::Context& context, const Fields& fields, const Record& record);

/// Prints a list of results in the format that was asked for: JSON lines and CSV as they come, in constant
/// memory; JSON as an array, its elements as they come; a table, and what is sorted, at the end.
class ListPrinter {
public:
    /// `context.settings()` was called already, and outlives the printer.
    ListPrinter(access::Context& context, Fields fields);

    [[nodiscard]] Result<void> add(const Record& record);

    /// Writes what was added so far, as far as the format can be written in part.
    [[nodiscard]] Result<void> flush();

    /// Prints what is kept back: the last thing to call. An empty table prints nothing.
    [[nodiscard]] Result<void> finish();

    [[nodiscard]] bool is_table() const { return view_.format() == config::OutputFormat::table; }
    [[nodiscard]] std::size_t count() const { return count_; }

private:
    struct Kept {
        std::vector<std::string> keys; ///< that --sort compares
        std::vector<std::string> cells;
        std::string text;
    };

    void append(const std::string& text);
    void sort();

    access::Context& context_;
    View view_;
    std::size_t count_ = 0;
    std::size_t written_ = 0; ///< elements of the array
    std::string text_;        ///< to be written
    std::vector<Kept> kept_;
    sailpoint::KeptEntries size_;
};

} // namespace jit::commands
