#pragma once

#include "app/access.hpp"
#include "app/context.hpp"
#include "app/output.hpp"
#include "app/target.hpp"
#include "base/result.hpp"
#include "sailpoint/model.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace jit::commands {

/// What became of one target.
struct Outcome {
    app::Target target;
    std::optional<sailpoint::OperationRequest> request = {}; ///< what was sent; empty: nothing had to be
    std::optional<sailpoint::Acceptance> answer = {};
    std::optional<TimePoint> asked = {}; ///< when that was sent first, by the service's clock
    /// Deactivate: when the access was started that is to end, by the service's clock. A refusal is then no
    /// reason to believe that it is over, and is answered by another try.
    std::optional<TimePoint> started = {};
    bool was_active = true;                   ///< deactivate: false where there was nothing to end
    std::optional<TimePoint> end_before = {}; ///< extend: when access ends without it, where that is known
    std::optional<TimePoint> ends =
        {}; ///< when access ends then, as far as can be worked out before it is seen
    std::optional<app::Access> seen = {}; ///< what was seen last
    std::optional<Error> error = {};
    bool disproved = false;   ///< a list that must know of it shows that it was not carried out
    bool ended_again = false; ///< --all-or-nothing: it was activated, and then ended
    bool collateral = false;  ///< --all-or-nothing: it failed only because another one did
};

/// What people call the targets: by their entries in the list, else as this machine last saw them in it, else
/// their connection IDs. Makes no request.
class EntitlementNames {
public:
    explicit EntitlementNames(app::Context& context) : context_(context) {}

    [[nodiscard]] std::string of(const app::Target& target);

private:
    app::Context& context_;
    std::optional<std::map<std::string, std::string>> known_; ///< by connection ID; read when first needed
};

/// When what was asked for began, by the service's clock: as its answer says, else when it was sent.
[[nodiscard]] std::optional<TimePoint> started_at(const Outcome& outcome);

/// The minutes that the service granted; those that were asked for where its answer does not tell.
[[nodiscard]] std::int32_t granted_minutes(const Outcome& outcome);

/// Prints what became of several targets as a list in which each has `ok`: JSON lines as they come, all else
/// in the order of the targets.
class OutcomePrinter {
public:
    /// `operation` is empty for ensure, whose results name the `action`. `context.settings()` was called
    /// already.
    OutcomePrinter(app::Context& context, std::optional<sailpoint::Operation> operation);

    /// Takes the outcome of the target with that place in the order, from 0. False where it cannot be
    /// printed, so that nothing more should be done.
    bool add(std::size_t place, const Outcome& outcome);

    /// Prints what is kept back. Code 10 where some failed, or the code that they all have; code 130 where
    /// one was interrupted; code 1 where printing failed, with what was accepted nevertheless.
    [[nodiscard]] Result<void> finish();

private:
    struct Kept {
        app::Record record;
        std::string trouble; ///< for a person
    };

    void print(const Kept& kept);
    void note(const Outcome& outcome);

    app::Context& context_;
    std::optional<sailpoint::Operation> operation_;
    EntitlementNames names_;
    app::ListPrinter printer_;
    bool in_order_;
    bool tells_;                       ///< failures on stderr; in JSON each stands with its target
    std::map<std::size_t, Kept> kept_; ///< whose turn has not come
    std::vector<std::string> troubles_;
    std::vector<std::string> accepted_; ///< the first few
    std::size_t accepted_count_ = 0;
    std::size_t count_ = 0; ///< of those that were printed
    std::size_t failed_ = 0;
    std::size_t total_ = 0;
    std::optional<ExitCode> code_; ///< of those that failed
    bool interrupted_ = false;     ///< one of them was
    std::optional<Error> failure_; ///< of the printing
};

/// Prints one outcome as itself, and returns its error.
[[nodiscard]] Result<void> print_outcome(app::Context& context, std::optional<sailpoint::Operation> operation,
                                         const Outcome& outcome);

/// Prints one as itself, several as a list.
[[nodiscard]] Result<void> print_outcomes(app::Context& context,
                                          std::optional<sailpoint::Operation> operation,
                                          const std::vector<Outcome>& outcomes, bool as_list = false);

/// Prints requests instead of sending them, in the same way.
[[nodiscard]] Result<void> print_dry_run(app::Context& context, const std::vector<Outcome>& outcomes,
                                         bool as_list = false);

} // namespace jit::commands
