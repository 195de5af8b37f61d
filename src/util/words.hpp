#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace jit {

/// Splits a command line into words as a shell does, and does nothing else that one does: blanks separate,
/// '…' and "…" hold together, \ takes the next character as it is. Empty where a quote is not closed, or
/// there is no word.
[[nodiscard]] std::optional<std::vector<std::string>> split_words(std::string_view line);

} // namespace jit
