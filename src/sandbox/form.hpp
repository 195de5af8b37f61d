#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace jit::sandbox {

/// Undoes percent-encoding and `+` for a space. A `%` without two hexadecimal digits stays as it is.
[[nodiscard]] std::string form_decode(std::string_view text);

/// The fields of an application/x-www-form-urlencoded text, decoded, in order.
[[nodiscard]] std::vector<std::pair<std::string, std::string>> parse_form(std::string_view text);

/// The same text with each value of the field `name` replaced; all else stays as it is, byte for byte.
[[nodiscard]] std::string replace_form_value(std::string_view text, std::string_view name,
                                             std::string_view replacement);

} // namespace jit::sandbox
