#pragma once

#include "sandbox/http_message.hpp"
#include "util/result.hpp"
#include "util/time.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace jit::sandbox {

/// What a field of a row holds, as filters and sorters see it; texts belong to the row. Nothing stands for
/// null and for a missing member.
using FieldValue = std::variant<std::monostate, bool, TimePoint, std::string_view>;

/// The same, holding its text.
using OwnValue = std::variant<std::monostate, bool, TimePoint, std::string>;

/// Filter operators, as flags.
enum Operator : unsigned {
    k_no_operator = 0,
    k_eq = 1U << 0U,
    k_in = 1U << 1U,
    k_co = 1U << 2U,
    k_gt = 1U << 3U,
    k_lt = 1U << 4U,
    k_ge = 1U << 5U,
    k_le = 1U << 6U,
};

inline constexpr unsigned k_identifying = k_eq | k_in;
inline constexpr unsigned k_naming = k_eq | k_in | k_co;
inline constexpr unsigned k_ordering = k_gt | k_lt | k_ge | k_le;

enum class FieldKind { text, word, boolean, time };

/// What can be asked of a field of a list.
///
/// How texts compare is nowhere specified. `co` ignores the case of ASCII letters, as a search index does;
/// `eq` and `in` are exact, but for words of an open set (FieldKind::word), where they ignore it as well.
struct Field {
    std::string_view name;
    FieldKind kind;
    unsigned operators; ///< those that a filter can use on it
    bool sortable;
};

struct Condition {
    std::size_t field; ///< index into the fields
    Operator op;
    std::vector<OwnValue> values; ///< several with `in`, else one
};

struct Sorter {
    std::size_t field;
    bool descending;
};

/// The query parameters of a list.
struct ListQuery {
    std::size_t limit = 250;
    std::size_t offset = 0;
    bool count = false;
    std::vector<Condition> conditions;
    std::vector<Sorter> sorters; ///< at least one
    std::vector<OwnValue> after; ///< of searchAfter: a value for each sorter; empty: from the start
};

/// Reads and checks the parameters. `otherwise` is how to sort when the request does not say. Fails with the
/// 400 to answer. Parameters that it does not know it ignores, as the service does.
///
/// The service searches through a window of 10,000 rows: offset and limit together may not reach further.
/// `searchAfter` does, and goes without an offset. Written once it is split at commas; written several times,
/// each is one value, commas and all. An empty value stands for null.
[[nodiscard]] Result<ListQuery, Response> read_list_query(const Request& request,
                                                          const std::vector<Field>& fields, Sorter otherwise);

/// Whether a row with that value of the condition's field meets the condition. Null meets none.
[[nodiscard]] bool meets(const FieldValue& value, const Condition& condition, FieldKind kind);

/// Negative, zero or positive as `a` sorts before, with or behind `b`. Texts in the order of their bytes;
/// null behind everything else, in either direction.
[[nodiscard]] int compare(const FieldValue& a, const FieldValue& b, bool descending);

/// A view of a value, good as long as the value is.
[[nodiscard]] FieldValue view_of(const OwnValue& value);

} // namespace jit::sandbox
