#include "commands/expiry_warner.hpp"

#include "access/access_cache.hpp"
#include "access/variables.hpp"
#include "commands/operation.hpp"
#include "util/child.hpp"
#include "util/text.hpp"

#include <algorithm>

namespace jit::commands {
namespace {

using std::chrono::seconds;

/// Two ends that differ by less are one: the same end is worked out, and read from lists.
constexpr seconds k_same_end{30};

} // namespace

TimePoint latest_end(access::Context& context, const Uuid& connection, TimePoint listed) {
    const auto known = access::AccessCache::load(context);
    const access::AccessRecord* const record = known ? known->find(connection) : nullptr;
    const bool lags = record != nullptr && record->operation == sailpoint::Operation::extend &&
                      access::is_recent(*record, context.service_now(), access::k_index_lag);
    return lags && record->expires ? std::max(*record->expires, listed) : listed;
}

bool ExpiryWarner::warns(const access::TargetResult& result, TimePoint expires,
                         std::chrono::milliseconds before) {
    const TimePoint now = context_.service_now();
    if (expires <= now || expires - now >= before) {
        return false;
    }
    std::vector<TimePoint>& ends = warned_[result.target.connection.str()];
    const bool again = std::any_of(ends.begin(), ends.end(), [expires](TimePoint end) {
        return std::chrono::abs(end - expires) < k_same_end;
    });
    if (again) {
        return false;
    }
    if (latest_end(context_, result.target.connection, expires) - now >= before) {
        return false;
    }
    ends.push_back(expires);
    if (!options_.command.empty()) {
        constexpr seconds k_limit{10};
        Variables variables = access::variables_of(context_.console(), {result});
        variables.emplace_back("JIT_SECONDS_LEFT",
                               std::to_string(std::chrono::floor<seconds>(expires - now).count()));
        start_detached({options_.command,
                        {k_limit, 0},
                        Terminal::taken,
                        Captured::last,
                        config::credential_variables(),
                        std::move(variables)},
                       context_.interrupt());
    }
    return true;
}

void declare_warn(OptionSet& set, WarnOptions& options, const std::string& group,
                  const std::string& warn_help) {
    constexpr long k_max = 1440;
    set.whole_number(
           "--warn", [&options](long minutes) { options.minutes = minutes; }, 0, k_max, warn_help)
        .takes("MINUTES")
        .in(group);
    declare_command(set, "--on-warn", options.command, "run COMMAND with each warning").in(group);
}

} // namespace jit::commands
