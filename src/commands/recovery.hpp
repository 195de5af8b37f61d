#pragma once

#include "app/context.hpp"
#include "base/clock.hpp"
#include "commands/outcome.hpp"

#include <optional>
#include <string>
#include <vector>

namespace jit::commands {

/// A request that was sent, and nobody can tell from an answer what became of it.
struct Lost {
    enum class Fate { carried_out, not_carried_out, unknown };

    Outcome* outcome;
    BootTime asked; ///< when it was begun
    Fate fate = Fate::unknown;
    std::string unreadable = {}; ///< why its state could not be read, if so
};

/// Looks at the state of each until it shows what was asked for, for up to `app::k_lag`, since the lists lag.
/// What is carried out has `seen`, and an `answer` made of it in place of an error. An extend is only told:
/// its `seen` is the last look, and it keeps its error.
void find_out(app::Context& context, std::vector<Lost>& lost);

} // namespace jit::commands
