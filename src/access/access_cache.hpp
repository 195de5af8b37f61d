#pragma once

#include "access/context.hpp"
#include "access/target.hpp"
#include "sailpoint/model.hpp"
#include "util/result.hpp"

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace jit::access {

/// What this machine knows of one connection without asking: what was done here, and what a list showed.
struct AccessRecord {
    Uuid connection;
    std::string title;
    sailpoint::Phase phase = sailpoint::Phase::starting;
    std::optional<TimePoint> expires = {};

    /// The last operation that was done from here, if there was one.
    std::optional<sailpoint::Operation> operation = {};
    std::optional<TimePoint> since = {};   ///< when it began, by the service's clock
    std::optional<TimePoint> sent_at = {}; ///< when it was sent, by the service's clock
};

/// Whether what was done from here is so recent that a list may not know of it.
[[nodiscard]] bool is_recent(const AccessRecord& access, TimePoint now, std::chrono::seconds within);

/// The file in which a person's jit processes keep that, in the cache directory: one for each
/// tenant and its credentials. It answers prompts without a request, and shows which entries of a list are
/// too old. A file that cannot be read or written is as good as none: never an error.
class AccessCache {
public:
    /// Reads the file. Makes no request and needs no credentials.
    [[nodiscard]] static Result<AccessCache> load(Context& context);

    [[nodiscard]] const std::vector<AccessRecord>& all() const { return accesses_; }
    [[nodiscard]] const AccessRecord* find(const Uuid& connection) const;

    /// Notes some, in place of what was known of these connections, and writes the file. It holds the latest
    /// 1,000.
    static void record(Context& context, std::vector<AccessRecord> accesses);

    /// Notes what the whole list of my connections shows: what is active or under way stays, all else goes,
    /// except what was done from here since and the list cannot know of yet.
    static void replace(Context& context, const std::vector<sailpoint::Connection>& entries);

private:
    /// `now` is by the service's clock.
    static void update(Context& context,
                       const std::function<void(std::vector<AccessRecord>&, TimePoint now)>& change);

    std::vector<AccessRecord> accesses_;
};

/// How long the service's lists may lag behind what was done. A poll that must decide something is repeated
/// as long.
inline constexpr std::chrono::seconds k_index_lag{60};

/// As long is a poll repeated that only tells a person something.
inline constexpr std::chrono::seconds k_display_lag{10};

/// Looks at the entries of targets again while they cannot show yet what was done from this machine a moment
/// ago, for at most `patience` each. `entry` of each target then is the last poll.
[[nodiscard]] Result<void> wait_for_consistency(Context& context, std::vector<Target>& targets,
                                                std::chrono::seconds patience = k_index_lag);

/// Reads my JIT connections, those that were touched from this machine a moment ago until they show it, and
/// notes what is on.
[[nodiscard]] Result<std::vector<sailpoint::Connection>>
read_consistent_connections(Context& context, std::chrono::seconds patience = k_display_lag);

} // namespace jit::access
