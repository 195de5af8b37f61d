#pragma once

#include "access/context.hpp"
#include "access/target_result.hpp"

#include <cstddef>
#include <vector>

namespace jit::access {

/// For --all-or-nothing: ends what this call has activated where one of the results is an error, and says so
/// in each.
void rollback(Context& context, const RequestOptions& options, std::size_t parallel,
              std::vector<TargetResult>& results);

} // namespace jit::access
