#pragma once

#include "sailpoint/codec.hpp"
#include "util/result.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace jit::access {

/// Reads a line of a file of targets: an entitlement as on the command line, or a JSON object. Empty where
/// there is nothing on it but blanks or a comment. What is wrong with it otherwise.
[[nodiscard]] Result<std::optional<sailpoint::TargetLine>, std::string>
read_target_line(std::string_view line);

} // namespace jit::access
