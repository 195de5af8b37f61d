#pragma once

#include "access/context.hpp"
#include "access/target_result.hpp"
#include "util/clock.hpp"
#include "util/time.hpp"

#include <optional>
#include <string>
#include <vector>

namespace jit::access {

/// A request of which the answer does not tell what became of it: the answer was lost, or it is the refusal
/// of a deactivate, which alone is no reason to believe that access is over.
struct Indeterminate {
    enum class Resolution {
        carried_out,     ///< or, of a deactivate, what it was for is so anyway
        not_carried_out, ///< by a list that must know of it
        not_shown,       ///< a list shows nothing of it, and may lag behind
        unknown,         ///< no list could be read
    };

    TargetResult* result; ///< its `error` is what is known from the answer
    BootTime sent_at;     ///< when it was sent first
    BootTime missed;      ///< when it was known that there is no answer to it
    BootTime until;       ///< how long to look for
    /// Deactivate: when access was started, by the service's clock, where that is known and was a moment ago:
    /// a list that shows no access may just not know of it yet.
    std::optional<TimePoint> started = {};
    Resolution fate = Resolution::unknown;
    bool still_on = false;       ///< the last poll showed access that is on, or on its way
    std::string unreadable = {}; ///< why its state could not be read, if so
};

/// Looks at the state of each until it shows what was asked for, for as long as each is to be looked for.
/// What is carried out has an `answer` made of the state in place of an error, and mostly `seen`; of an
/// extend, `seen` is the last poll in any case.
///
/// This is where it is decided what a refusal of a deactivate means. It is the end of access where a poll
/// shows that end. A poll that shows no access is believed as well, but after a loss, or where access was
/// started a moment ago, only from a list that is known to know of all up to then: an earlier poll has shown
/// something newer.
void reconcile(Context& context, std::vector<Indeterminate>& lost);

} // namespace jit::access
