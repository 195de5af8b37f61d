#pragma once

#include "base/time.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace jit::sandbox {

/// How fast workflows go.
struct Pace {
    std::chrono::duration<double> provision_delay{2}; ///< workflow time to provision; the same to deprovision
    double time_scale = 1;                            ///< workflow time passes that many times faster

    /// How long a workflow duration takes on the wall clock; cut to 200 years, which is for ever here.
    [[nodiscard]] TimePoint::duration on_the_wall(std::chrono::duration<double> workflow_time) const;
};

struct Extension {
    TimePoint at;
    std::int64_t minutes;
};

/// What happened to one activation. All times are the wall clock's; nothing in it changes by time alone.
struct Activation {
    std::string id;            ///< "jit-activation-…"
    std::string activation_id; ///< a UUID
    std::size_t connection;    ///< index into the tenant's connections
    TimePoint started;
    std::int64_t minutes; ///< as activated, without the extensions
    std::vector<Extension> extensions = {};
    std::optional<TimePoint> deactivated = {};

    /// Workflow minutes from the start to the expiration, extensions included.
    [[nodiscard]] std::int64_t total_minutes() const;
};

enum class Status { creating, activating, provisioned, deprovisioning, completed };

/// The word of the API for it: "CREATING"…
[[nodiscard]] std::string_view name_of(Status status);

/// Whether an activation in this state can be extended and deactivated.
[[nodiscard]] bool is_running(Status status);

/// When an activation reaches, or would reach, each state.
struct Timeline {
    TimePoint activating;
    TimePoint provisioned; ///< not reached where `deprovisioning` is not later
    TimePoint expiration;
    TimePoint deprovisioning; ///< deactivation or expiration, whichever is first
    TimePoint completed;
};

[[nodiscard]] Timeline timeline_of(const Activation& activation, const Pace& pace);

/// The state at a time: a function of what happened and nothing else.
[[nodiscard]] Status status_of(const Activation& activation, const Pace& pace, TimePoint now);

/// All activations since the sandbox started, oldest first.
class Activations {
public:
    /// The newest activation of a connection, or nullptr. Valid until the next `start`.
    [[nodiscard]] Activation* latest(std::size_t connection);

    /// Valid until the next `start`. Expects that none is under way for the connection.
    Activation& start(std::size_t connection, std::int64_t minutes, TimePoint now);

    [[nodiscard]] const std::vector<Activation>& all() const { return all_; }

private:
    std::vector<Activation> all_;
    std::unordered_map<std::size_t, std::size_t> latest_; ///< connection → index into all_
};

} // namespace jit::sandbox
