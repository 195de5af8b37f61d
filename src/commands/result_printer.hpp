#pragma once

#include "access/context.hpp"
#include "access/state_reader.hpp"
#include "access/target.hpp"
#include "access/target_result.hpp"
#include "commands/output.hpp"
#include "sailpoint/model.hpp"
#include "util/result.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace jit::commands {

/// Prints what became of several targets as a list in which each has `ok`: JSON lines as they come, all else
/// in the order of the targets.
class ResultPrinter {
public:
    /// `operation` is empty for ensure, whose results name the `action`. `context.settings()` was called
    /// already.
    ResultPrinter(access::Context& context, std::optional<sailpoint::Operation> operation);

    /// Takes the result of the target with that place in the order, from 0. False where it cannot be
    /// printed, so that nothing more should be done.
    bool add(std::size_t place, const access::TargetResult& result);

    /// Prints what is kept back. Code 10 where some failed, or the code that they all have; code 130 where
    /// one was interrupted; code 1 where printing failed, with what was accepted nevertheless.
    [[nodiscard]] Result<void> finish();

private:
    struct Kept {
        Record record;
        std::string trouble; ///< for a person
    };

    void print(const Kept& kept);
    void note(const access::TargetResult& result);

    access::Context& context_;
    std::optional<sailpoint::Operation> operation_;
    access::EntitlementNames names_;
    ListPrinter printer_;
    bool in_order_;
    bool tells_;                       ///< failures on stderr; in JSON each stands with its target
    std::map<std::size_t, Kept> kept_; ///< whose turn has not come
    std::vector<std::string> troubles_;
    std::vector<std::string> accepted_; ///< the first few
    std::size_t accepted_count_ = 0;
    std::size_t count_ = 0; ///< of those that were printed
    std::size_t failed_ = 0;
    std::size_t total_ = 0;
    std::optional<ErrorKind> code_; ///< of those that failed
    bool interrupted_ = false;      ///< one of them was
    std::optional<Error> failure_;  ///< of the printing
};

/// What can be named of the results; without an operation, of those of ensure.
[[nodiscard]] FieldNames result_field_names(std::optional<sailpoint::Operation> operation);

/// Prints one result as itself, and returns its error.
[[nodiscard]] Result<void> print_result(access::Context& context,
                                        std::optional<sailpoint::Operation> operation,
                                        const access::TargetResult& result);

/// Prints one as itself, several as a list.
[[nodiscard]] Result<void> print_results(access::Context& context,
                                         std::optional<sailpoint::Operation> operation,
                                         const std::vector<access::TargetResult>& results,
                                         bool as_list = false);

/// Prints requests instead of sending them, in the same way.
[[nodiscard]] Result<void> print_dry_run(access::Context& context,
                                         const std::vector<access::TargetResult>& results,
                                         bool as_list = false);

} // namespace jit::commands
