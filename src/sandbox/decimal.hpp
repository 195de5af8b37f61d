#pragma once

#include <optional>
#include <string_view>

namespace jit::sandbox {

/// A decimal number from `least` to `most`, with or without a fraction, and without an exponent. Empty on
/// anything else.
[[nodiscard]] std::optional<double> parse_decimal(std::string_view text, double least, double most);

} // namespace jit::sandbox
