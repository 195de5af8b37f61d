#pragma once

#include "sailpoint/model.hpp"

#include <optional>
#include <string_view>
#include <vector>

namespace jit::sailpoint {

// Reading the API's lists; what `codec.hpp` says of reading holds here.

/// The entries of a JSON list of objects, each as its own piece of `body`. Empty where it is no such list.
[[nodiscard]] std::optional<std::vector<std::string_view>> split_list(std::string_view body);

/// Reads one entry that `split_list` gave.
[[nodiscard]] Connection decode_connection(std::string_view entry);
[[nodiscard]] HistoryEntry decode_history_entry(std::string_view entry);

/// Reads the policy configuration. Empty where the text is not a JSON object.
[[nodiscard]] std::optional<Policy> decode_policy(std::string_view body);

} // namespace jit::sailpoint
