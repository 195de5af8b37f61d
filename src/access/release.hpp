#pragma once

#include "access/context.hpp"
#include "access/target_result.hpp"
#include "util/result.hpp"

#include <chrono>
#include <optional>
#include <vector>

namespace jit::access {

/// Access that was started here and is to end.
struct Grant {
    Target target;
    std::optional<TimePoint> expires = {}; ///< when it ends by itself, as far as that is known
    std::optional<TimePoint> started = {}; ///< when it was started, by the service's clock
    bool usable = false;                   ///< it was seen to be on
    bool ended = false;
    bool lost = false; ///< a request to end it may have been carried out
};

/// Ends what has not ended yet: sends the requests, again where one fails, for at most `patience` in all, and
/// notes in each what was done. Done is what the service accepted, or what a list shows not to be on any
/// more: a refusal alone proves nothing. The second Ctrl-C meanwhile gives up (`Interrupt::insist`); no other
/// signal does. The error names what goes on, why, how to end it, and when it ends by itself; its code is
/// that of the last failure.
[[nodiscard]] Result<void> release(Context& context, const RequestOptions& options, std::vector<Grant>& all,
                                   std::chrono::seconds patience);

} // namespace jit::access
