#pragma once

#include "access/context.hpp"
#include "access/target_result.hpp"

#include <chrono>
#include <string>
#include <vector>

namespace jit::access {

/// The command that shows that access works, and how long to try it.
struct ReadinessOptions {
    std::vector<std::string> command = {}; ///< of all targets; empty: each has that of its alias, if any
    std::chrono::seconds try_timeout{30};  ///< of one try
    std::chrono::seconds timeout{300};     ///< of all of them
    bool ends_access = false; ///< the caller ends access that it activated and that does not work
};

/// Runs the command of each target whose access is active until it ends with code 0: with pauses that grow
/// from 2 s to 30 s, for at most `timeout` in all, one at a time. The command gets the variables of its
/// target, no credentials, no terminal and no input. Sets `ready`, and an error of the kind `wait_timeout`
/// where access does not work in time. Nothing to do for a target without a command.
void wait_until_ready(Context& context, const ReadinessOptions& options, std::vector<TargetResult>& results);

} // namespace jit::access
