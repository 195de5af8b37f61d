#include "commands/output.hpp"

#include "util/text.hpp"

namespace jit::commands {
namespace {

using config::OutputFormat;

std::string table_text(access::Context& context, const Titles& titles,
                       const std::vector<std::vector<std::string>>& rows) {
    return io::render_table(titles.table, rows, {context.console().out_device().width, context.color_out()});
}

std::string one_line(const Record& record) {
    return json::encode_object(record.object, record.members, json::Layout::one_line) + "\n";
}

/// An element of an array: the object, two blanks further in. (JSON has no line ends inside its strings.)
std::string element(const Record& record) {
    std::string text;
    for (const char c : json::encode_object(record.object, record.members, json::Layout::indented)) {
        text += c;
        if (c == '\n') {
            text += "  ";
        }
    }
    return text;
}

} // namespace

io::Form form_of(OutputFormat format) {
    switch (format) {
    case OutputFormat::json:
    case OutputFormat::jsonl:
        return io::Form::json;
    case OutputFormat::csv:
        return io::Form::raw;
    case OutputFormat::table:
        break;
    }
    return io::Form::text;
}

Result<void> print_one(access::Context& context, const Titles& titles, const Record& record) {
    JIT_TRY(const config::Settings* const settings, context.settings());
    std::string text;
    switch (settings->output.value) {
    case OutputFormat::table:
        text = table_text(context, titles, {record.cells});
        break;
    case OutputFormat::json:
        text = json::encode_object(record.object, record.members, json::Layout::indented) + "\n";
        break;
    case OutputFormat::jsonl:
        text = one_line(record);
        break;
    case OutputFormat::csv:
        text = io::csv_line(titles.csv) + io::csv_line(record.fields);
        break;
    }
    return context.console().result(text, form_of(settings->output.value));
}

ListPrinter::ListPrinter(access::Context& context, Titles titles)
    : context_(context), titles_(std::move(titles)), format_(context.loaded_settings()->output.value) {
    if (format_ == OutputFormat::csv) {
        text_ = io::csv_line(titles_.csv);
    }
}

Result<void> ListPrinter::add(const Record& record) {
    constexpr std::size_t k_enough = 32768; // for one write
    ++count_;
    switch (format_) {
    case OutputFormat::table:
        rows_.push_back(record.cells);
        break;
    case OutputFormat::json:
        text_ += concat({count_ == 1 ? "[\n  " : ",\n  ", element(record)});
        break;
    case OutputFormat::jsonl:
        text_ += one_line(record);
        break;
    case OutputFormat::csv:
        text_ += io::csv_line(record.fields);
        break;
    }
    return text_.size() < k_enough ? Result<void>() : flush();
}

Result<void> ListPrinter::finish() {
    if (format_ == OutputFormat::json) {
        text_ += count_ == 0 ? "[]\n" : "\n]\n";
    }
    if (!rows_.empty()) {
        text_ += table_text(context_, titles_, rows_);
    }
    return flush();
}

Result<void> ListPrinter::flush() {
    if (text_.empty()) {
        return {};
    }
    auto written = context_.console().result(text_, form_of(format_));
    text_.clear();
    return written;
}

} // namespace jit::commands
