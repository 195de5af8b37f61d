#pragma once

#include "access/access_cache.hpp"
#include "access/context.hpp"
#include "access/target_result.hpp"

#include <cstddef>
#include <optional>
#include <vector>

namespace jit::access {

/// How the requests of several targets are sent.
struct BatchOptions {
    std::size_t parallel = 8;    ///< how many are under way at a time
    bool all_or_nothing = false; ///< nothing more is sent once one has failed
};

/// Where results without an answer come from, and where they go with one.
class BatchSource {
public:
    BatchSource() = default;
    BatchSource(const BatchSource&) = delete;
    BatchSource& operator=(const BatchSource&) = delete;
    BatchSource(BatchSource&&) = delete;
    BatchSource& operator=(BatchSource&&) = delete;
    virtual ~BatchSource() = default;

    /// How many there are in all.
    [[nodiscard]] virtual std::size_t size() const = 0;

    /// The next one: with a request where there is something to send, with an error where there cannot be.
    /// Asked for no earlier than it can be sent, `size()` times at most.
    [[nodiscard]] virtual TargetResult next() = 0;

    /// Takes it back. `number` counts the calls of `next`, from 0; they come back in any order, each once.
    virtual void done(std::size_t number, TargetResult result) = 0;
};

/// What this machine knows of access after an operation that was accepted.
[[nodiscard]] AccessRecord record_of_access(const Context& context, const TargetResult& result);

/// Sends the requests, several at a time, each at most once; finds out what became of those whose answer was
/// lost, and sends an activate once more that was not carried out (for --retries times). An interrupt ends
/// the sending; answers that are on their way are waited for, where there are several targets, until the next
/// interrupt. Shows progress on a terminal. What was done is noted for this machine's later runs. False where
/// an interrupt ended it.
[[nodiscard]] bool run_batch(Context& context, BatchSource& work, const BatchOptions& manner);

/// The same in place.
[[nodiscard]] bool run_batch(Context& context, std::vector<TargetResult>& results,
                             const BatchOptions& manner);

/// The same for one alone.
void run_batch(Context& context, TargetResult& result);

} // namespace jit::access
