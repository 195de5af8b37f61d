#pragma once

#include "util/result.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace jit::sandbox {

/// A value in a filter: "text" or a bare word, as true.
struct FilterValue {
    std::string text; ///< without quotes and escapes
    bool quoted;
};

/// `field operator value`; the operator `in` has a list of values.
struct Comparison {
    std::string field;
    std::string word; ///< the operator as it was written
    std::vector<FilterValue> values;
};

/// Takes a filter apart: comparisons joined by `and`, after SailPoint's "Standard Collection Parameters".
/// Knows no fields, and no operators but `in`. Fails with what is wrong and where.
[[nodiscard]] Result<std::vector<Comparison>, std::string> parse_filter(std::string_view text);

} // namespace jit::sandbox
