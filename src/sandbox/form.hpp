#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace jit::sandbox {

inline constexpr std::string_view k_urlencoded = "application/x-www-form-urlencoded";
inline constexpr std::string_view k_multipart = "multipart/form-data";

/// Undoes percent-encoding and `+` for a space. A `%` without two hexadecimal digits stays as it is.
[[nodiscard]] std::string form_decode(std::string_view text);

/// The fields of an application/x-www-form-urlencoded text, decoded, in order.
[[nodiscard]] std::vector<std::pair<std::string, std::string>> parse_form(std::string_view text);

/// The fields of a multipart/form-data body (RFC 7578), in order. `content_type` is the header's value, which
/// names the boundary. Empty where the body is not of that form: nothing of it is believed then.
[[nodiscard]] std::optional<std::vector<std::pair<std::string, std::string>>>
parse_multipart(std::string_view body, std::string_view content_type);

/// The same body with each value of the field `name` replaced; all else stays as it is, byte for byte. A body
/// that is not of that form is replaced as a whole, for who knows what is in it.
[[nodiscard]] std::string replace_multipart_value(std::string_view body, std::string_view content_type,
                                                  std::string_view name, std::string_view replacement);

/// The same text with each value of the field `name` replaced; all else stays as it is, byte for byte.
[[nodiscard]] std::string replace_form_value(std::string_view text, std::string_view name,
                                             std::string_view replacement);

} // namespace jit::sandbox
