#include "commands/output.hpp"

#include "util/text.hpp"

#include <algorithm>
#include <array>

namespace jit::commands {
namespace {

using config::OutputFormat;

/// "connectionId": "CONNECTION ID".
std::string title_of(const Field& field) {
    if (!field.title.empty()) {
        return std::string(field.title);
    }
    std::string title;
    for (const char c : field.name) {
        const bool upper = c >= 'A' && c <= 'Z';
        title += upper ? concat({" ", {&c, 1}}) : std::string(1, static_cast<char>(c - 'a' + 'A'));
    }
    return title;
}

/// An element of an array: the object, two blanks further in. (JSON has no line ends inside its strings.)
std::string indented(std::string_view object) {
    std::string text;
    for (const char c : object) {
        text += c;
        if (c == '\n') {
            text += "  ";
        }
    }
    return text;
}

/// -1, 0 or 1: by number or time where both texts are such, else without regard to case.
int compare(const std::string& a, const std::string& b) {
    const auto order = [](const auto& x, const auto& y) { return x < y ? -1 : y < x ? 1 : 0; };
    constexpr long k_max = 999'999'999'999'999;
    const auto a_number = parse_int(a, 0, k_max);
    const auto b_number = parse_int(b, 0, k_max);
    if (a_number && b_number) {
        return order(*a_number, *b_number);
    }
    const auto a_time = parse_rfc3339(a);
    const auto b_time = parse_rfc3339(b);
    if (a_time && b_time) {
        return order(*a_time, *b_time);
    }
    return order(fold_case(a), fold_case(b));
}

/// The field that somebody may have meant: one whose title or name has the word in it, else the nearest.
std::optional<std::string> meant_field(const std::string& word, const std::vector<std::string>& known,
                                       const FieldNames& names) {
    const std::string folded = fold_case(word);
    const auto is_known = [&known](std::string_view name) {
        return std::find(known.begin(), known.end(), name) != known.end();
    };
    for (const auto& [title, name] : names.titles) {
        if (is_known(name) && fold_case(title).find(folded) == 0) {
            return std::string(name);
        }
    }
    for (const std::string& name : known) {
        if (fold_case(name).find(folded) != std::string::npos) {
            return name;
        }
    }
    return nearest(word, known);
}

Result<void> check_names(std::string_view option, const std::vector<std::string>& names,
                         const std::vector<std::string_view>& known, const FieldNames& all) {
    for (const std::string& name : names) {
        if (std::find(known.begin(), known.end(), name) != known.end()) {
            continue;
        }
        const std::vector<std::string> words(known.begin(), known.end());
        if (words.empty()) {
            return usage_error(concat({option, ": the result of this command has no fields to choose from"}));
        }
        const auto near = name.empty() ? std::nullopt : meant_field(name, words, all);
        return usage_error(concat({option, ": there is no field \"", name, "\"",
                                   near ? concat({"; did you mean ", *near, "?"}) : ""}),
                           concat({"the fields are ", join(words)}));
    }
    return {};
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

FieldNames names_of(const Fields& fields, const std::vector<std::string_view>& json_only) {
    FieldNames names;
    for (const Field& field : fields.all) {
        names.columns.push_back(field.name);
        if (field.in_json) {
            names.json.push_back(field.name);
        }
        names.titles.emplace_back(title_of(field), field.name);
    }
    names.json.insert(names.json.end(), json_only.begin(), json_only.end());
    return names;
}

Result<void> check_view(access::Context& context, const FieldNames& names) {
    const access::ResultView& view = context.view();
    if (view.columns.empty() && view.json_fields.empty() && view.sort.empty() && !view.no_header) {
        return {};
    }
    JIT_TRY(const config::Settings* const settings, context.settings());
    const bool json = config::is_json(settings->output.value);
    if (json && (!view.columns.empty() || view.no_header)) {
        return usage_error(
            concat({view.no_header ? "--no-header" : "--columns", " goes with -o table and -o csv"}),
            "--json chooses the fields of JSON");
    }
    if (!json && !view.json_fields.empty()) {
        return usage_error("--json goes with -o json and -o jsonl",
                           "--columns chooses the columns of a table or CSV");
    }
    std::vector<std::string> sort_names;
    for (const access::SortKey& key : view.sort) {
        sort_names.push_back(key.field);
    }
    if (auto good = check_names("--columns", view.columns, names.columns, names); !good) {
        return good;
    }
    if (auto good = check_names("--sort", sort_names, names.columns, names); !good) {
        return good;
    }
    return check_names("--json", view.json_fields, names.json, names);
}

std::string table_text(access::Context& context, const std::vector<io::Column>& columns,
                       const std::vector<std::vector<std::string>>& rows) {
    return io::render_table(
        columns, rows,
        {context.console().out_device().width, context.color_out(), !context.view().no_header});
}

View::View(access::Context& context, Fields fields)
    : options_(context.view()), fields_(std::move(fields)), format_(context.loaded_settings()->output.value) {
    const auto add = [this](std::string_view name) {
        for (std::size_t i = 0; i < fields_.all.size(); ++i) {
            if (field(i).name == name) {
                shown_.push_back(i);
            }
        }
    };
    if (!options_.columns.empty()) {
        std::for_each(options_.columns.begin(), options_.columns.end(), add);
    } else if (format_ == OutputFormat::table) {
        std::for_each(fields_.table.begin(), fields_.table.end(), add);
    } else {
        for (const Field& each : fields_.all) {
            if (each.in_csv) {
                add(each.name);
            }
        }
    }
}

std::string View::text_of(const Record& record, json::Layout layout) const {
    if (format_ != OutputFormat::csv) {
        return json::encode_object(record.object, record.members, layout, options_.json_fields);
    }
    std::vector<std::string> values;
    for (const std::size_t place : shown_) {
        values.push_back(record.values[place].plain);
    }
    return io::csv_line(values);
}

std::string View::csv_titles() const {
    if (format_ != OutputFormat::csv || options_.no_header) {
        return "";
    }
    std::vector<std::string> names;
    for (const std::size_t place : shown_) {
        names.emplace_back(field(place).name);
    }
    return io::csv_line(names);
}

std::vector<io::Column> View::columns() const {
    std::vector<io::Column> columns;
    for (const std::size_t place : shown_) {
        // What a person has named is not left out.
        const io::Yields yields = options_.columns.empty() ? field(place).yields : io::Yields::shortened;
        columns.push_back({title_of(field(place)), yields});
    }
    return columns;
}

std::vector<std::string> View::cells_of(const Record& record) const {
    std::vector<std::string> cells;
    for (const std::size_t place : shown_) {
        const Value& value = record.values[place];
        cells.push_back(value.shown.value_or(value.plain));
    }
    return cells;
}

std::vector<std::string> View::keys_of(const Record& record) const {
    std::vector<std::string> keys;
    for (const access::SortKey& key : options_.sort) {
        for (std::size_t i = 0; i < fields_.all.size(); ++i) {
            if (field(i).name == key.field) {
                keys.push_back(record.values[i].plain);
            }
        }
    }
    return keys;
}

Result<void> print_one(access::Context& context, const Fields& fields, const Record& record) {
    if (auto settings = context.settings(); !settings) {
        return std::move(settings).error();
    }
    const View view(context, fields);
    std::string text;
    switch (view.format()) {
    case OutputFormat::table:
        text = table_text(context, view.columns(), {view.cells_of(record)});
        break;
    case OutputFormat::json:
        text = view.text_of(record, json::Layout::indented) + "\n";
        break;
    case OutputFormat::jsonl:
        text = view.text_of(record, json::Layout::one_line) + "\n";
        break;
    case OutputFormat::csv:
        text = view.csv_titles() + view.text_of(record, json::Layout::one_line);
        break;
    }
    return context.console().result(text, form_of(view.format()));
}

ListPrinter::ListPrinter(access::Context& context, Fields fields)
    : context_(context), view_(context, std::move(fields)), text_(view_.csv_titles()) {}

Result<void> ListPrinter::add(const Record& record) {
    constexpr std::size_t k_enough = 32768; // for one write
    ++count_;
    Kept kept;
    if (is_table()) {
        kept.cells = view_.cells_of(record);
    } else {
        const bool indents = view_.format() == OutputFormat::json;
        kept.text = view_.text_of(record, indents ? json::Layout::indented : json::Layout::one_line);
    }
    const bool sorted = !context_.view().sort.empty();
    if (sorted || is_table()) {
        kept.keys = view_.keys_of(record);
        if (auto added = sorted ? size_.add(kept.text) : Result<void>(); !added) {
            return added;
        }
        kept_.push_back(std::move(kept));
        return {};
    }
    append(kept.text);
    return text_.size() < k_enough ? Result<void>() : flush();
}

void ListPrinter::append(const std::string& text) {
    switch (view_.format()) {
    case OutputFormat::json:
        text_ += concat({written_++ == 0 ? "[\n  " : ",\n  ", indented(text)});
        break;
    case OutputFormat::jsonl:
        text_ += text + "\n";
        break;
    case OutputFormat::csv:
    case OutputFormat::table:
        text_ += text;
        break;
    }
}

void ListPrinter::sort() {
    const std::vector<access::SortKey>& sort = context_.view().sort;
    std::stable_sort(kept_.begin(), kept_.end(), [&sort](const Kept& a, const Kept& b) {
        for (std::size_t i = 0; i < std::min(a.keys.size(), sort.size()); ++i) {
            if (a.keys[i].empty() != b.keys[i].empty()) {
                return b.keys[i].empty(); // what is not known comes last
            }
            if (const int order = compare(a.keys[i], b.keys[i]); order != 0) {
                return (order < 0) != sort[i].descending;
            }
        }
        return false;
    });
}

Result<void> ListPrinter::finish() {
    sort();
    if (is_table()) {
        std::vector<std::vector<std::string>> rows;
        for (Kept& kept : kept_) {
            rows.push_back(std::move(kept.cells));
        }
        text_ += rows.empty() ? "" : table_text(context_, view_.columns(), rows);
    } else {
        for (const Kept& kept : kept_) {
            append(kept.text);
        }
    }
    kept_.clear();
    if (view_.format() == OutputFormat::json) {
        text_ += written_ == 0 ? "[]\n" : "\n]\n";
    }
    return flush();
}

Result<void> ListPrinter::flush() {
    if (text_.empty()) {
        return {};
    }
    auto written = context_.console().result(text_, form_of(view_.format()));
    text_.clear();
    return written;
}

} // namespace jit::commands
