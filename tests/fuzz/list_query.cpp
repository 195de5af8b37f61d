// The practice tenant's lists: filters, sorters and pages, as a query string says them.

#include "sandbox/list_query.hpp"

#include "promise.hpp"
#include "sandbox/filter.hpp"
#include "sandbox/form.hpp"
#include "sandbox/list_page.hpp"
#include "util/text.hpp"

#include <algorithm>

using namespace jit;
using namespace jit::fuzz;
using namespace jit::sandbox;

namespace {

struct Row {
    std::string_view id;
    std::string_view name;
    std::string_view state;
    FieldValue on;
    FieldValue at;
};

const std::array<Column<Row>, 5> k_columns = {{
    {{"id", FieldKind::text, k_no_operator, true}, [](const Row& row) -> FieldValue { return row.id; }},
    {{"name", FieldKind::text, k_naming, true}, [](const Row& row) -> FieldValue { return row.name; }},
    {{"state", FieldKind::word, k_naming, false}, [](const Row& row) -> FieldValue { return row.state; }},
    {{"on", FieldKind::boolean, k_identifying, true}, [](const Row& row) -> FieldValue { return row.on; }},
    {{"at", FieldKind::time, k_ordering, true}, [](const Row& row) -> FieldValue { return row.at; }},
}};

/// Rows in the order of their IDs, as the lists have them.
const std::vector<Row>& rows() {
    static const TimePoint noon = *parse_rfc3339("2026-11-24T12:00:00Z");
    static const std::vector<Row> k_rows = {
        {"a1", "Prod DB Admin", "Available", true, noon},
        {"a2", "prod db admin", "AVAILABLE", false, noon + std::chrono::hours(1)},
        {"b1", "Tier 0 \"Red\" \\ Operators", "Provisioned", std::monostate(), std::monostate()},
        {"b2", "", "", true, noon},
        {"c1", "Zürich, Kasse", "available", false, noon - std::chrono::hours(1)},
    };
    return k_rows;
}

std::vector<std::string_view> ids_of(const ListQuery& query) {
    const auto page =
        PageSelector<Row, const Row& (*)(std::size_t), std::array<Column<Row>, 5>>(
            query, k_columns, rows().size(), [](std::size_t i) -> const Row& { return rows()[i]; })
            .select();
    std::vector<std::string_view> ids;
    for (const Row& row : page.rows) {
        ids.push_back(row.id);
    }
    promise(page.total.has_value() == query.count && page.total.value_or(5) >= ids.size(),
            "the total counts at least the page");
    return ids;
}

void check_filter(std::string_view text) {
    // As the client writes a filter, with whatever text in it.
    const auto one = parse_filter(concat({"name eq ", quote(text)}));
    promise(one && one->size() == 1 && one->front().values.front().text == text, "a filter has the value");

    const auto comparisons = parse_filter(text);
    if (!comparisons) {
        promise(!comparisons.error().empty(), "what is wrong with a filter is said");
        return;
    }
    std::string again;
    for (const Comparison& comparison : *comparisons) {
        std::string values;
        for (const FilterValue& value : comparison.values) {
            values += concat({values.empty() ? "" : ", ", value.quoted ? quote(value.text) : value.text});
        }
        const bool list = comparison.word == "in";
        again += concat({again.empty() ? "" : " and ", comparison.field, " ", comparison.word, " ",
                         list ? "(" : "", values, list ? ")" : ""});
    }
    const auto same = parse_filter(again);
    promise(same && std::equal(same->begin(), same->end(), comparisons->begin(), comparisons->end(),
                               [](const Comparison& a, const Comparison& b) {
                                   return a.field == b.field && a.word == b.word &&
                                          std::equal(a.values.begin(), a.values.end(), b.values.begin(),
                                                     b.values.end(),
                                                     [](const FilterValue& x, const FilterValue& y) {
                                                         return x.text == y.text && x.quoted == y.quoted;
                                                     });
                               }),
            "a filter that is written again is the same filter");
}

void check_query(std::string_view text) {
    const auto read =
        read_list_query({"GET", "/", std::string(text), {}, "", 1}, fields_of(k_columns), Sorter{4, true});
    if (!read) {
        const auto body = parse_json(read.error().body);
        promise(read.error().status == 400 && body && body->IsObject() && body->HasMember("detailCode"),
                "a bad query is answered with 400 and the API's error");
        return;
    }
    const ListQuery& query = *read;
    promise(query.limit <= 250 && query.offset + query.limit <= 10000, "a page is in the window");
    promise(!query.sorters.empty() && (query.after.empty() || query.after.size() == query.sorters.size()),
            "searchAfter has a value for each sorter");
    const auto page = ids_of(query);
    promise(page.size() <= query.limit, "a page is not longer than the limit");

    // The same from the whole list, by simpler means.
    const auto value = [](const Row& row, std::size_t field) { return k_columns[field].get(row); };
    std::vector<Row> expected;
    for (const Row& row : rows()) {
        const bool met =
            std::all_of(query.conditions.begin(), query.conditions.end(), [&](const Condition& condition) {
                return meets(value(row, condition.field), condition, k_columns[condition.field].field.kind);
            });
        if (met) {
            expected.push_back(row);
        }
    }
    const auto order = [&](const Row& a, const Row& b) {
        for (const Sorter sorter : query.sorters) {
            const int way = compare(value(a, sorter.field), value(b, sorter.field), sorter.descending);
            promise((way < 0) ==
                        (compare(value(b, sorter.field), value(a, sorter.field), sorter.descending) > 0),
                    "the order of two rows does not depend on which is asked first");
            if (way != 0) {
                return way < 0;
            }
        }
        return false;
    };
    std::stable_sort(expected.begin(), expected.end(), order);
    std::vector<std::string_view> ids;
    ids.reserve(expected.size());
    for (const Row& row : expected) {
        ids.push_back(row.id);
    }
    if (query.after.empty()) {
        const std::size_t first = std::min(query.offset, ids.size());
        const std::size_t last = std::min(first + query.limit, ids.size());
        ids = {ids.begin() + static_cast<std::ptrdiff_t>(first),
               ids.begin() + static_cast<std::ptrdiff_t>(last)};
        promise(page == ids, "a page is the rows that meet the filter, in order");
    } else {
        const auto at = std::search(ids.begin(), ids.end(), page.begin(), page.end());
        promise(at != ids.end() || page.empty(), "searchAfter goes on in the same order");
    }
}

void check_form(std::string_view text) {
    promise(form_decode(percent_encode(text)) == text, "a form's value is decoded again");
    for (const auto& [name, value] : parse_form(text)) {
        promise(name.size() + value.size() <= text.size(), "a form's fields are parts of it");
    }
    const std::string replaced = replace_form_value(text, "client_secret", "[secret]");
    for (const auto& [name, value] : parse_form(replaced)) {
        promise(name != "client_secret" || value.empty() || value == "[secret]",
                "a form's secret is replaced");
    }
    constexpr std::string_view k_type = "multipart/form-data; boundary=b";
    const auto fields = parse_multipart(text, k_type);
    const auto hidden =
        parse_multipart(replace_multipart_value(text, k_type, "client_secret", "[secret]"), k_type);
    promise(fields.has_value() == hidden.has_value(), "a form stays one without its secret");
    for (const auto& [name, value] : hidden.value_or(parse_form(""))) {
        promise(name != "client_secret" || value == "[secret]", "a multipart form's secret is replaced");
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text = text_of(data, size);
    check_filter(text);
    check_query(text);
    check_query(concat({"sorters=-at,id&filters=", percent_encode(text)}));
    check_form(text);
    return 0;
}
