#pragma once

#include "util/time.hpp"

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
    std::chrono::duration<double> friction_timeout{900}; ///< workflow time that frictions may take
    std::chrono::duration<double> effective_delay{0}; ///< workflow time from PROVISIONED until access works
    double time_scale = 1;                            ///< workflow time passes that many times faster

    /// How long a workflow duration takes on the wall clock; cut to 200 years, which is for ever here.
    [[nodiscard]] TimePoint::duration on_the_wall(std::chrono::duration<double> workflow_time) const;
};

/// What is special about a connection's activations.
struct Course {
    bool frictions = false;         ///< they wait until a person has done what the policy demands
    std::string provisioning_error; ///< they fail with this text; empty: they do not fail
};

struct Extension {
    TimePoint at;
    std::int64_t minutes;
};

/// How the wait for a person ended.
struct FrictionsEnd {
    TimePoint at;
    bool completed; ///< else cancelled
};

/// What happened to one activation. All times are the wall clock's; nothing in it changes by time alone.
struct Activation {
    std::string id;            ///< "jit-activation-…"
    std::string activation_id; ///< a UUID
    std::size_t connection;    ///< index into the tenant's connections
    TimePoint started;
    std::int64_t minutes; ///< as activated, without the extensions
    Course course = {};
    std::vector<Extension> extensions = {};
    std::optional<FrictionsEnd> frictions_end = {};
    std::optional<TimePoint> deactivated = {};
    std::optional<TimePoint> revoked = {};

    /// Workflow minutes from the start to the expiration, extensions included.
    [[nodiscard]] std::int64_t total_minutes() const;

    /// Whether its frictions have neither been completed nor cancelled.
    [[nodiscard]] bool is_held_up() const { return course.frictions && !frictions_end; }
};

enum class Status {
    creating,
    activating,
    awaiting_frictions,
    provisioned,
    deprovisioning,
    completed,
    cancelled,
    timed_out,
    error,
    revoked,
};

/// The word for it in the answers to POST, where these have one: "CREATING"…
[[nodiscard]] std::string_view name_of(Status status);

/// Whether an activation in this state can be extended and deactivated.
[[nodiscard]] bool is_running(Status status);

/// Whether nothing can happen to it any more, and its connection can be activated again.
[[nodiscard]] bool is_over(Status status);

/// How far an activation has come.
struct Progress {
    TimePoint started;
    Status status = Status::creating;
    TimePoint since; ///< of the status
    // When these were reached, if they were.
    std::optional<TimePoint> awaiting_frictions;
    std::optional<TimePoint> provisioning;
    std::optional<TimePoint> provisioned;
    std::optional<TimePoint> deprovisioning;
    std::optional<TimePoint> deprovisioned;
    /// When the access ends by itself; nothing while frictions hold it up.
    std::optional<TimePoint> expiration;
};

/// The progress at a time, as far as it was known then: a function of what had happened by that time, and
/// nothing else. Nothing when it had not started.
[[nodiscard]] std::optional<Progress> progress_of(const Activation& activation, const Pace& pace,
                                                  TimePoint at);

/// Whether the access works at a time: it is provisioned, and long enough.
[[nodiscard]] bool is_effective(const Activation& activation, const Pace& pace, TimePoint at);

/// The state now.
[[nodiscard]] Status status_of(const Activation& activation, const Pace& pace, TimePoint now);

/// All activations since the sandbox started, oldest first.
class Activations {
public:
    /// The newest activation of a connection, or nullptr. Valid until the next `start`.
    [[nodiscard]] Activation* latest(std::size_t connection);

    /// The activation with that activation ID, or nullptr. Valid until the next `start`.
    [[nodiscard]] Activation* find(std::string_view activation_id);

    /// Valid until the next `start`. Expects that none is under way for the connection.
    Activation& start(std::size_t connection, const Course& course, std::int64_t minutes, TimePoint now);

    [[nodiscard]] const std::vector<Activation>& all() const { return all_; }

private:
    std::vector<Activation> all_;
    std::unordered_map<std::size_t, std::size_t> latest_; ///< connection → index into all_
};

} // namespace jit::sandbox
