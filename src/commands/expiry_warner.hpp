#pragma once

#include "access/context.hpp"
#include "access/target_result.hpp"
#include "commands/options.hpp"
#include "util/result.hpp"

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace jit::commands {

/// The longest before the end, where --warn does not say.
inline constexpr std::chrono::minutes k_default_warning{5};

/// When to warn that access ends, and how.
struct WarnOptions {
    std::optional<long> minutes = {};      ///< --warn: before the end; 0: never
    std::vector<std::string> command = {}; ///< --on-warn
};

/// Adds --warn and --on-warn.
void declare_warn(OptionSet& set, WarnOptions& options, const std::string& group,
                  const std::string& warn_help);

/// When access ends that a list says ends at `listed`: later where this machine has extended it a moment ago,
/// and the list may not show that yet.
[[nodiscard]] TimePoint latest_end(access::Context& context, const Uuid& connection, TimePoint listed);

/// Warns once of each end of each access: again only where the end was moved.
class ExpiryWarner {
public:
    ExpiryWarner(access::Context& context, const WarnOptions& options)
        : context_(context), options_(options) {}

    /// Whether to warn now that access ends at `expires`, by the service's clock: that is less than `before`
    /// away, and nobody was warned of it. Starts the command, for 10 s at most.
    [[nodiscard]] bool warns(const access::TargetResult& result, TimePoint expires,
                             std::chrono::milliseconds before);

private:
    access::Context& context_;
    const WarnOptions& options_;
    std::map<std::string, std::vector<TimePoint>> warned_; ///< ends, by connection ID
};

inline constexpr const char* k_warn_details =
    "`--on-warn` runs a command once for each end of each access, for example `sh -c 'notify-send "
    "\"$JIT_ENTITLEMENT ends\"'`. JIT_ENTITLEMENT, JIT_CONNECTION_ID, JIT_ACTIVATION_ID, JIT_EXPIRES_AT and "
    "JIT_SECONDS_LEFT are in its environment, and no credentials of jit. The command has no terminal, no "
    "input and no output. jit stops it after 10 s and ignores its exit code.";

} // namespace jit::commands
