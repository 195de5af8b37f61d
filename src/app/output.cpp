#include "app/output.hpp"

namespace jit::app {

Result<void> print_one(Context& context, const Titles& titles, const Record& record) {
    using config::OutputFormat;
    JIT_TRY(const config::Settings* const settings, context.settings());
    std::string text;
    switch (settings->output.value) {
    case OutputFormat::table:
        text = io::render_table(titles.table, {record.cells},
                                {context.console().out_device().width, context.color_out()});
        break;
    case OutputFormat::json:
        text = sailpoint::encode_object(record.object, record.members, sailpoint::Layout::indented) + "\n";
        break;
    case OutputFormat::jsonl:
        text = sailpoint::encode_object(record.object, record.members, sailpoint::Layout::one_line) + "\n";
        break;
    case OutputFormat::csv:
        text = io::csv_line(titles.csv) + io::csv_line(record.fields);
        break;
    }
    return context.console().result(text);
}

} // namespace jit::app
