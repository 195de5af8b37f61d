#pragma once

#include "sandbox/json.hpp"
#include "sandbox/list_query.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace jit::sandbox {

/// A field of a list, and where a row has it.
template <typename Row>
struct Column {
    Field field;
    FieldValue (*get)(const Row&);
};

template <typename Row, std::size_t Count>
std::vector<Field> fields_of(const std::array<Column<Row>, Count>& columns) {
    std::vector<Field> fields;
    fields.reserve(Count);
    for (const Column<Row>& column : columns) {
        fields.push_back(column.field);
    }
    return fields;
}

/// The part of a list that was asked for.
template <typename Row>
struct Page {
    std::vector<Row> rows;
    std::optional<std::size_t> total; ///< where it was to be counted: of all pages together
};

/// Does the work of `select_page`.
template <typename Row, typename RowAt, typename Columns>
class PageSelector {
public:
    PageSelector(const ListQuery& query, const Columns& columns, std::size_t size, const RowAt& row_at)
        : query_(query), columns_(columns), size_(size), row_at_(row_at) {}

    [[nodiscard]] Page<Row> select() const {
        Page<Row> page;
        if (query_.count) {
            page.total = count();
        }
        page.rows = query_.sorters.front().field == 0 ? walk() : sort();
        return page;
    }

private:
    [[nodiscard]] bool matches(const Row& row) const {
        return std::all_of(query_.conditions.begin(), query_.conditions.end(),
                           [&](const Condition& condition) {
                               const Column<Row>& column = columns_[condition.field];
                               return meets(column.get(row), condition, column.field.kind);
                           });
    }

    [[nodiscard]] std::size_t count() const {
        std::size_t found = 0;
        for (std::size_t i = 0; i < size_; ++i) {
            found += matches(row_at_(i)) ? 1U : 0U;
        }
        return found;
    }

    /// Where a row stands to `searchAfter`, by the sorters; 0 where it is level with it.
    [[nodiscard]] int compare_to_after(const Row& row) const {
        for (std::size_t i = 0; i < query_.after.size(); ++i) {
            const Sorter sorter = query_.sorters[i];
            const int order =
                compare(columns_[sorter.field].get(row), view_of(query_.after[i]), sorter.descending);
            if (order != 0) {
                return order;
            }
        }
        return 0;
    }

    /// The page in the order of the first column, or against it: further sorters make no difference.
    [[nodiscard]] std::vector<Row> walk() const {
        const bool descending = query_.sorters.front().descending;
        const auto nth = [&](std::size_t n) { return row_at_(descending ? size_ - 1 - n : n); };
        std::size_t first = 0;
        if (!query_.after.empty()) {
            std::size_t end = size_;
            while (first < end) {
                const std::size_t middle = first + (end - first) / 2;
                if (compare_to_after(nth(middle)) > 0) {
                    end = middle;
                } else {
                    first = middle + 1;
                }
            }
        }
        std::vector<Row> rows;
        std::size_t skipped = 0;
        for (std::size_t n = first; n < size_ && rows.size() < query_.limit; ++n) {
            Row row = nth(n);
            if (matches(row) && skipped++ >= query_.offset) {
                rows.push_back(std::move(row));
            }
        }
        return rows;
    }

    [[nodiscard]] std::vector<Row> sort() const {
        struct Candidate {
            Row row;
            std::size_t position; ///< settles what the sorters leave open
        };
        std::vector<Candidate> candidates;
        for (std::size_t i = 0; i < size_; ++i) {
            Row row = row_at_(i);
            if (matches(row) && (query_.after.empty() || compare_to_after(row) > 0)) {
                candidates.push_back({std::move(row), i});
            }
        }
        const auto before = [this](const Candidate& a, const Candidate& b) {
            for (const Sorter sorter : query_.sorters) {
                const auto get = columns_[sorter.field].get;
                const int order = compare(get(a.row), get(b.row), sorter.descending);
                if (order != 0) {
                    return order < 0;
                }
            }
            return a.position < b.position;
        };
        const std::size_t end = std::min(candidates.size(), query_.offset + query_.limit);
        std::partial_sort(candidates.begin(), candidates.begin() + static_cast<std::ptrdiff_t>(end),
                          candidates.end(), before);
        std::vector<Row> rows;
        for (std::size_t i = query_.offset; i < end; ++i) {
            rows.push_back(std::move(candidates[i].row));
        }
        return rows;
    }

    const ListQuery& query_;
    const Columns& columns_;
    std::size_t size_;
    const RowAt& row_at_;
};

/// Selects the page from the rows `row_at(0)` to `row_at(size - 1)`, which must ascend by the first column,
/// no two being level. Values that columns give must stay good meanwhile. A page in the order of that column
/// is had without a look at the rows before `searchAfter`.
template <typename Row, typename Columns, typename RowAt>
Page<Row> select_page(const ListQuery& query, const Columns& columns, std::size_t size, const RowAt& row_at) {
    return PageSelector<Row, RowAt, Columns>(query, columns, size, row_at).select();
}

/// The answer to a list request; `put_row` writes a row.
template <typename Row, typename PutRow>
Response page_response(const Page<Row>& page, const PutRow& put_row) {
    rapidjson::StringBuffer buffer;
    JsonWriter writer(buffer);
    writer.StartArray();
    for (const Row& row : page.rows) {
        put_row(writer, row);
    }
    writer.EndArray();
    Response response = json_response(200, text_of(buffer));
    if (page.total) {
        response.headers.emplace_back("X-Total-Count", std::to_string(*page.total));
    }
    return response;
}

} // namespace jit::sandbox
