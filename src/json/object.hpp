#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace jit::json {

/// How JSON is laid out for the reader: over several lines, or on one.
enum class Layout { indented, one_line };

/// One more member of an object that is printed.
struct Member {
    std::string_view name;
    std::string value;
    bool is_json = false; ///< `value` is JSON that this program wrote, and not a text
};

/// Writes a JSON object with all its members (numbers as they were written), less those that `members` names,
/// which then follow. Where `only` names any, it has these members alone, null for those that are missing.
/// `object` must be one that `ObjectDocument` accepts. Safe to show on a terminal. No newline at the end.
[[nodiscard]] std::string encode_object(std::string_view object, const std::vector<Member>& members,
                                        Layout layout, const std::vector<std::string>& only = {});

} // namespace jit::json
