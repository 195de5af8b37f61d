#include "sandbox/list_query.hpp"

#include "sandbox/api_error.hpp"
#include "sandbox/filter.hpp"
#include "sandbox/form.hpp"
#include "util/text.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace jit::sandbox {
namespace {

constexpr long k_largest_limit = 250;
constexpr long k_window = 10'000;

constexpr std::array<std::pair<std::string_view, Operator>, 7> k_operator_words = {{
    {"eq", k_eq},
    {"in", k_in},
    {"co", k_co},
    {"gt", k_gt},
    {"lt", k_lt},
    {"ge", k_ge},
    {"le", k_le},
}};

Response invalid(std::initializer_list<std::string_view> cause) {
    return api_error(ApiError::bad_content, concat(cause));
}

/// The decoded parameters of a query.
class Parameters {
public:
    explicit Parameters(std::string_view query) : fields_(parse_form(query)) {}

    [[nodiscard]] std::vector<std::string> all(std::string_view name) const {
        std::vector<std::string> values;
        for (const auto& [key, value] : fields_) {
            if (key == name) {
                values.push_back(value);
            }
        }
        return values;
    }

    /// The value; empty where there is none. Fails when there are several.
    [[nodiscard]] Result<std::string, Response> one(std::string_view name) const {
        std::vector<std::string> values = all(name);
        if (values.size() > 1) {
            return invalid({name, " must not be repeated."});
        }
        return values.empty() ? std::string() : std::move(values.front());
    }

    [[nodiscard]] Result<std::size_t, Response> number(std::string_view name, long most,
                                                       std::size_t otherwise) const {
        JIT_TRY(const std::string text, one(name));
        if (text.empty()) {
            return otherwise;
        }
        const std::optional<long> value = parse_int(text, 0, most);
        if (!value) {
            return invalid(
                {name, " must be a whole number from 0 to ", std::to_string(most), ", not \"", text, "\"."});
        }
        return static_cast<std::size_t>(*value);
    }

private:
    std::vector<std::pair<std::string, std::string>> fields_;
};

std::vector<std::string> split_at_commas(std::string_view text) {
    std::vector<std::string> parts;
    for (;;) {
        const std::size_t comma = text.find(',');
        parts.emplace_back(text.substr(0, comma));
        if (comma == std::string_view::npos) {
            return parts;
        }
        text.remove_prefix(comma + 1);
    }
}

/// The value of a text parameter or of a comparison, as a field of that kind holds it.
std::optional<OwnValue> convert(std::string text, FieldKind kind) {
    switch (kind) {
    case FieldKind::boolean:
        if (text != "true" && text != "false") {
            return std::nullopt;
        }
        return text == "true";
    case FieldKind::time:
        if (const std::optional<TimePoint> time = parse_rfc3339(text)) {
            return *time;
        }
        return std::nullopt;
    case FieldKind::text:
    case FieldKind::word:
        break;
    }
    return OwnValue(std::move(text));
}

std::string_view wanted(FieldKind kind) {
    switch (kind) {
    case FieldKind::boolean:
        return "true or false, without quotes";
    case FieldKind::time:
        return "a date and time as RFC 3339 has them";
    case FieldKind::text:
    case FieldKind::word:
        break;
    }
    return "a text in double quotes";
}

Result<Condition, Response> read_condition(Comparison comparison, const std::vector<Field>& fields) {
    const auto field = std::find_if(fields.begin(), fields.end(),
                                    [&](const Field& known) { return known.name == comparison.field; });
    if (field == fields.end() || field->operators == k_no_operator) {
        return invalid({"filters: \"", comparison.field, "\" is not a field to filter by."});
    }
    const auto* const word = std::find_if(k_operator_words.begin(), k_operator_words.end(),
                                          [&](const auto& known) { return known.first == comparison.word; });
    if (word == k_operator_words.end() || (field->operators & word->second) == 0) {
        return invalid(
            {"filters: \"", comparison.field, "\" does not take the operator \"", comparison.word, "\"."});
    }
    Condition condition{static_cast<std::size_t>(field - fields.begin()), word->second, {}};
    for (FilterValue& value : comparison.values) {
        const bool well_quoted =
            field->kind == FieldKind::time || value.quoted == (field->kind != FieldKind::boolean);
        std::optional<OwnValue> converted = convert(std::move(value.text), field->kind);
        if (!well_quoted || !converted) {
            return invalid({"filters: \"", comparison.field, "\" takes ", wanted(field->kind), "."});
        }
        condition.values.push_back(*std::move(converted));
    }
    return condition;
}

Result<std::vector<Condition>, Response> read_conditions(const std::string& text,
                                                         const std::vector<Field>& fields) {
    std::vector<Condition> conditions;
    if (text.empty()) {
        return conditions;
    }
    auto comparisons = parse_filter(text);
    if (!comparisons) {
        return api_error(ApiError::bad_syntax, concat({"filters: ", comparisons.error(), "."}));
    }
    for (Comparison& comparison : *comparisons) {
        JIT_TRY(Condition condition, read_condition(std::move(comparison), fields));
        conditions.push_back(std::move(condition));
    }
    return conditions;
}

Result<std::vector<Sorter>, Response> read_sorters(const std::string& text,
                                                   const std::vector<Field>& fields) {
    std::vector<Sorter> sorters;
    if (text.empty()) {
        return sorters;
    }
    for (const std::string& part : split_at_commas(text)) {
        const bool descending = part.starts_with("-");
        const std::string_view name = std::string_view(part).substr(descending ? 1 : 0);
        const auto field = std::find_if(fields.begin(), fields.end(), [name](const Field& known) {
            return known.sortable && known.name == name;
        });
        if (field == fields.end()) {
            return invalid({"sorters: \"", name, "\" is not a field to sort by."});
        }
        sorters.push_back({static_cast<std::size_t>(field - fields.begin()), descending});
    }
    return sorters;
}

Result<std::vector<OwnValue>, Response> read_after(std::vector<std::string> texts,
                                                   const std::vector<Sorter>& sorters,
                                                   const std::vector<Field>& fields) {
    std::vector<OwnValue> values;
    if (texts.empty()) {
        return values;
    }
    if (texts.size() == 1) {
        texts = split_at_commas(texts.front());
    }
    if (texts.size() != sorters.size()) {
        return invalid({"searchAfter has ", std::to_string(texts.size()), " values, but there are ",
                        std::to_string(sorters.size()), " sorters."});
    }
    for (std::size_t i = 0; i < texts.size(); ++i) {
        const Field& field = fields[sorters[i].field];
        std::optional<OwnValue> value =
            texts[i].empty() ? OwnValue() : convert(std::move(texts[i]), field.kind);
        if (!value) {
            return invalid({"searchAfter: \"", field.name, "\" takes ", wanted(field.kind), "."});
        }
        values.push_back(*std::move(value));
    }
    return values;
}

bool has_part(std::string_view text, std::string_view part) {
    for (; text.size() >= part.size(); text.remove_prefix(1)) {
        if (equal_ignoring_case(text.substr(0, part.size()), part)) {
            return true;
        }
    }
    return false;
}

bool meets_one(const FieldValue& value, Operator op, const OwnValue& given, FieldKind kind) {
    const FieldValue other = view_of(given);
    switch (op) {
    case k_eq:
    case k_in:
        return kind == FieldKind::word
                   ? equal_ignoring_case(std::get<std::string_view>(value), std::get<std::string_view>(other))
                   : value == other;
    case k_co:
        return has_part(std::get<std::string_view>(value), std::get<std::string_view>(other));
    case k_gt:
        return value > other;
    case k_lt:
        return value < other;
    case k_ge:
        return value >= other;
    case k_le:
        return value <= other;
    case k_no_operator:
        break;
    }
    return false;
}

} // namespace

Result<ListQuery, Response> read_list_query(const Request& request, const std::vector<Field>& fields,
                                            Sorter otherwise) {
    const Parameters parameters(request.query);
    ListQuery query;
    JIT_TRY(query.limit, parameters.number("limit", k_largest_limit, query.limit));
    JIT_TRY(query.offset, parameters.number("offset", k_window, query.offset));
    if (query.offset + query.limit > static_cast<std::size_t>(k_window)) {
        return invalid(
            {"offset and limit reach beyond ", std::to_string(k_window), " rows; go on with searchAfter."});
    }
    JIT_TRY(const std::string count, parameters.one("count"));
    if (!count.empty() && count != "true" && count != "false") {
        return invalid({"count must be true or false, not \"", count, "\"."});
    }
    query.count = count == "true";
    JIT_TRY(const std::string filters, parameters.one("filters"));
    JIT_TRY(query.conditions, read_conditions(filters, fields));
    JIT_TRY(const std::string sorters, parameters.one("sorters"));
    JIT_TRY(query.sorters, read_sorters(sorters, fields));
    JIT_TRY(query.after, read_after(parameters.all("searchAfter"), query.sorters, fields));
    if (!query.after.empty() && query.offset != 0) {
        return invalid({"offset must be 0 with searchAfter."});
    }
    if (query.sorters.empty()) {
        query.sorters.push_back(otherwise);
    }
    return query;
}

bool meets(const FieldValue& value, const Condition& condition, FieldKind kind) {
    return value.index() != 0 &&
           std::any_of(condition.values.begin(), condition.values.end(),
                       [&](const OwnValue& given) { return meets_one(value, condition.op, given, kind); });
}

int compare(const FieldValue& a, const FieldValue& b, bool descending) {
    if (a == b) {
        return 0;
    }
    if (a.index() == 0 || b.index() == 0) {
        return a.index() == 0 ? 1 : -1;
    }
    return (a < b) != descending ? -1 : 1;
}

FieldValue view_of(const OwnValue& value) {
    return std::visit([](const auto& held) -> FieldValue { return held; }, value);
}

} // namespace jit::sandbox
