#pragma once

#include "access/context.hpp"
#include "access/target.hpp"
#include "access/target_list.hpp"
#include "commands/registry.hpp"
#include "util/result.hpp"
#include "util/time.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace jit::commands {

/// How long access is to last, as it was said: by --minutes, --duration or --until, at most one of them.
struct Length {
    std::int32_t minutes = 0; ///< of --minutes or --duration; 0: not given
    std::string until;        ///< of --until, not read yet: that takes the time of day
};

/// Adds the three options; `help` is that of --minutes.
void declare_length(OptionSet& set, Length& length, const std::string& help);

/// Asks the person at the terminal how long, with what the configuration says as offers: where nothing says
/// so, or where the targets were chosen there (`chosen`) and no option says so. Does nothing without a person
/// to ask.
[[nodiscard]] Result<void> ask_length(access::Context& context, Length& length,
                                      const access::TargetList& targets, bool chosen);

/// The time that --until means; empty where it was not given. Code 2 where it is no time, or past.
[[nodiscard]] Result<std::optional<TimePoint>> read_until(const Length& length, TimePoint now);

/// Whole minutes from `from` to `until`, at least 1. Code 2 beyond what the API takes.
[[nodiscard]] Result<std::int32_t> minutes_until(TimePoint until, TimePoint from);

/// The minutes for a target: those of its line of a file, the option's, its alias's, the configuration's
/// default. Code 2 where none is given.
[[nodiscard]] Result<std::int32_t> minutes_for(access::Context& context, const Length& length,
                                               const access::Target& target);

} // namespace jit::commands
