#pragma once

#include "app/context.hpp"
#include "app/known_access.hpp"
#include "commands/outcome.hpp"

#include <cstddef>
#include <optional>
#include <vector>

namespace jit::commands {

/// How the requests of several targets are sent.
struct Manner {
    std::size_t parallel = 8;    ///< how many are under way at a time
    bool all_or_nothing = false; ///< nothing more is sent once one has failed
};

/// Where outcomes without an answer come from, and where they go with one.
class Work {
public:
    Work() = default;
    Work(const Work&) = delete;
    Work& operator=(const Work&) = delete;
    Work(Work&&) = delete;
    Work& operator=(Work&&) = delete;
    virtual ~Work() = default;

    /// How many there are in all.
    [[nodiscard]] virtual std::size_t size() const = 0;

    /// The next one: with a request where there is something to send, with an error where there cannot be.
    /// Asked for no earlier than it can be sent, `size()` times at most.
    [[nodiscard]] virtual Outcome next() = 0;

    /// Takes it back. `number` counts the calls of `next`, from 0; they come back in any order, each once.
    virtual void done(std::size_t number, Outcome outcome) = 0;
};

/// What this machine knows of access after an operation that was accepted.
[[nodiscard]] app::KnownAccess known_access_of(const app::Context& context, const Outcome& outcome);

/// Sends the requests, several at a time, each at most once; finds out what became of those whose answer was
/// lost, and sends an activate once more that was not carried out (for --retries times). An interrupt ends
/// the sending; answers that are on their way are waited for, where there are several targets, until the next
/// interrupt. Shows progress on a terminal. What was done is noted for this machine's later runs. False where
/// an interrupt ended it.
[[nodiscard]] bool carry_out(app::Context& context, Work& work, const Manner& manner);

/// The same in place.
[[nodiscard]] bool carry_out(app::Context& context, std::vector<Outcome>& outcomes, const Manner& manner);

/// The same for one alone.
void carry_out(app::Context& context, Outcome& outcome);

} // namespace jit::commands
