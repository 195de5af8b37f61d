#pragma once

#include "app/access.hpp"
#include "app/context.hpp"
#include "app/target.hpp"
#include "base/result.hpp"
#include "sailpoint/model.hpp"

#include <optional>
#include <vector>

namespace jit::commands {

/// What became of one target.
struct Outcome {
    app::Target target;
    std::optional<sailpoint::OperationRequest> request = {}; ///< what was sent; empty: nothing had to be
    std::optional<sailpoint::Acceptance> answer = {};
    std::optional<TimePoint> ends =
        {}; ///< when access ends then, as far as can be worked out before it is seen
    std::optional<app::Access> seen = {}; ///< what was seen last
    std::optional<Error> error = {};
};

/// Prints what became of the targets: one as itself, several as a list in which each has `ok`. `operation` is
/// empty for ensure, whose results name the `action`. Returns the error of one; code 10 where some of several
/// failed, or the code that they all have.
[[nodiscard]] Result<void> print_outcomes(app::Context& context,
                                          std::optional<sailpoint::Operation> operation,
                                          const std::vector<Outcome>& outcomes);

/// Prints requests instead of sending them.
[[nodiscard]] Result<void> print_dry_run(app::Context& context, const std::vector<Outcome>& outcomes);

} // namespace jit::commands
