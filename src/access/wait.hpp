#pragma once

#include "access/context.hpp"
#include "access/pending_change.hpp"
#include "access/state_reader.hpp"
#include "access/target.hpp"
#include "access/target_result.hpp"
#include "util/result.hpp"

#include <chrono>
#include <optional>
#include <vector>

namespace jit::access {

/// How long to wait, and what to read.
struct WaitOptions {
    std::chrono::seconds timeout{600};
    StateReader::Source first = StateReader::Source::history;
};

/// Something that was asked for, and what is seen of it.
struct WaitItem {
    const Target* target;
    PendingChange expected;
    StateReader::Source first = StateReader::Source::history;
    std::optional<Access> last = {}; ///< what was seen last
    std::optional<Error> error = {}; ///< why the wait for it ended without it
};

/// Waits until access is usable (activate), lasts longer (extend) or is gone (deactivate), for each of them:
/// polls after 1 s, then at growing intervals up to 10 s, and shows the state where stderr is a terminal. An
/// entry from before the request counts for nothing. Code 11 for a state that cannot become it, 12 when the
/// time is over or the state cannot be read; the message says that the request itself was accepted.
void wait_until_done(Context& context, std::vector<WaitItem>& awaited, std::chrono::seconds timeout);

/// The same for one. `last` is what was seen last.
[[nodiscard]] Result<void> wait_until_done(Context& context, const Target& target,
                                           const PendingChange& expected, const WaitOptions& patience,
                                           std::optional<Access>& last);

/// Waits until what was started is done, for all of them at once.
void wait_for_results(Context& context, const WaitOptions& options, std::vector<TargetResult>& results);

/// Says of what was accepted that nobody waits for it any more, because of an interrupt.
void give_up_waiting(std::vector<TargetResult>& results);

/// Reads when access ends before it is extended, so that the new end can be told from the old one. Where the
/// list may not be read, that is so: the wait will then take the history's word.
void read_ends_before(Context& context, std::vector<TargetResult>& results);

/// Reads, once, when access ends that was extended, where that is not known.
void read_ends_after(Context& context, std::vector<TargetResult>& results);

} // namespace jit::access
