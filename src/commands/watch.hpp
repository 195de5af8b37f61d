#pragma once

#include "access/context.hpp"
#include "commands/connection_view.hpp"
#include "commands/expiry_warner.hpp"
#include "sailpoint/model.hpp"
#include "util/result.hpp"

#include <chrono>
#include <string>
#include <vector>

namespace jit::commands {

struct WatchOptions {
    std::chrono::seconds interval{10}; ///< between two polls
    WarnOptions warn;
};

/// Leaves those that are active, on their way or being taken away, the soonest end first.
void keep_running(std::vector<sailpoint::Connection>& connections, TimePoint now);

/// Polls my connections, or those that are named, until Ctrl-C (code 130). On a
/// terminal the table is drawn in place, and the time left counts down between the polls. As JSON lines, one
/// object for each change of a connection's access. A failed poll is shown; the next one follows,
/// unless it can only fail again.
[[nodiscard]] Result<void> watch(access::Context& context, const WatchOptions& options,
                                 const std::vector<std::string>& words);

} // namespace jit::commands
