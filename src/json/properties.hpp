#pragma once

#include "json/object.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace jit::json {

/// One thing that is known, and where it came from (may be empty).
struct Property {
    std::string_view name;
    std::variant<std::string, bool, std::int64_t, std::vector<std::string>> value;
    std::string from = {};
};

/// Writes `{"NAME": {"value": …, "from": …}, …}`. Safe to show on a terminal. No newline at the end.
[[nodiscard]] std::string encode_properties(const std::vector<Property>& facts, Layout layout);

} // namespace jit::json
