#include "sandbox/workflow.hpp"

#include "sandbox/random.hpp"

#include <algorithm>

namespace jit::sandbox {
namespace {

/// The part of the provisioning delay in which a workflow is still being created.
constexpr double k_creating_part = 0.25;

/// A state, and when an activation reaches it, or would.
struct Step {
    TimePoint at;
    Status status;
};

/// The activation as it was at a time: without what happened later.
Activation as_of(Activation activation, TimePoint at) {
    std::erase_if(activation.extensions, [at](const Extension& extension) { return extension.at > at; });
    if (activation.frictions_end && activation.frictions_end->at > at) {
        activation.frictions_end.reset();
    }
    for (std::optional<TimePoint>* const event : {&activation.deactivated, &activation.revoked}) {
        if (*event && **event > at) {
            event->reset();
        }
    }
    return activation;
}

/// When the workflow has been created, and waits for frictions or provisions.
TimePoint created_at(const Activation& activation, const Pace& pace) {
    return activation.started + pace.on_the_wall(pace.provision_delay * k_creating_part);
}

/// When provisioning starts; nothing while frictions hold it up or when they were cancelled.
std::optional<TimePoint> provisioning_at(const Activation& activation, const Pace& pace) {
    const TimePoint created = created_at(activation, pace);
    if (!activation.course.frictions) {
        return created;
    }
    if (!activation.frictions_end || !activation.frictions_end->completed) {
        return std::nullopt;
    }
    return std::max(activation.frictions_end->at, created);
}

/// The period counts from the activation, or from the moment at which its frictions were done with.
std::optional<TimePoint> expiration_of(const Activation& activation, const Pace& pace) {
    const std::optional<TimePoint> provisioning = provisioning_at(activation, pace);
    if (!provisioning) {
        return std::nullopt;
    }
    return (activation.course.frictions ? *provisioning : activation.started) +
           pace.on_the_wall(std::chrono::minutes(activation.total_minutes()));
}

/// Leaves out the steps behind `at`, and goes on with `step`.
void turn(std::vector<Step>& steps, Step step) {
    std::erase_if(steps, [&step](const Step& other) { return other.at > step.at; });
    steps.push_back(step);
}

/// The way that an activation goes if nothing more happens to it, in order of time.
std::vector<Step> steps_of(const Activation& activation, const Pace& pace) {
    std::vector<Step> steps = {{activation.started, Status::creating}};
    const TimePoint created = created_at(activation, pace);
    if (activation.course.frictions) {
        steps.push_back({created, Status::awaiting_frictions});
    }
    if (const std::optional<TimePoint> provisioning = provisioning_at(activation, pace)) {
        const TimePoint start = activation.course.frictions
                                    ? *provisioning - pace.on_the_wall(pace.provision_delay * k_creating_part)
                                    : activation.started;
        const TimePoint provisioned = start + pace.on_the_wall(pace.provision_delay);
        const TimePoint expiration = *expiration_of(activation, pace);
        const TimePoint end = std::min(activation.deactivated.value_or(expiration), expiration);
        steps.push_back({*provisioning, Status::activating});
        if (!activation.course.provisioning_error.empty() && provisioned <= end) {
            steps.push_back({provisioned, Status::error});
        } else {
            steps.push_back({provisioned, Status::provisioned});
            turn(steps, {end, Status::deprovisioning});
            steps.push_back({end + pace.on_the_wall(pace.provision_delay), Status::completed});
        }
    } else if (activation.frictions_end) {
        turn(steps, {activation.frictions_end->at, Status::cancelled});
    } else {
        steps.push_back({created + pace.on_the_wall(pace.friction_timeout), Status::timed_out});
    }
    if (activation.revoked) {
        turn(steps, {*activation.revoked, Status::revoked});
    }
    return steps;
}

} // namespace

TimePoint::duration Pace::on_the_wall(std::chrono::duration<double> workflow_time) const {
    constexpr std::chrono::duration<double> k_longest = std::chrono::years(200);
    return std::chrono::duration_cast<TimePoint::duration>(std::min(workflow_time / time_scale, k_longest));
}

std::int64_t Activation::total_minutes() const {
    std::int64_t total = minutes;
    for (const Extension& extension : extensions) {
        total += extension.minutes;
    }
    return total;
}

std::string_view name_of(Status status) {
    switch (status) {
    case Status::creating:
        return "CREATING";
    case Status::activating:
        return "ACTIVATING";
    case Status::awaiting_frictions:
        return "AWAITING_FRICTIONS";
    case Status::provisioned:
        return "PROVISIONED";
    case Status::deprovisioning:
        return "DEPROVISIONING";
    case Status::completed:
        return "COMPLETED";
    case Status::cancelled:
        return "CANCELLED";
    case Status::timed_out:
        return "TIMED_OUT";
    case Status::error:
        return "ERROR";
    case Status::revoked:
        break;
    }
    return "REVOKED";
}

bool is_running(Status status) {
    return status == Status::creating || status == Status::activating || status == Status::provisioned;
}

bool is_over(Status status) {
    return !is_running(status) && status != Status::awaiting_frictions && status != Status::deprovisioning;
}

std::optional<Progress> progress_of(const Activation& activation, const Pace& pace, TimePoint at) {
    if (activation.started > at) {
        return std::nullopt;
    }
    const Activation known = as_of(activation, at);
    Progress progress;
    progress.started = known.started;
    progress.since = known.started;
    progress.expiration = expiration_of(known, pace);
    for (const Step& step : steps_of(known, pace)) {
        if (step.at > at) {
            break;
        }
        progress.status = step.status;
        progress.since = step.at;
        switch (step.status) {
        case Status::awaiting_frictions:
            progress.awaiting_frictions = step.at;
            break;
        case Status::activating:
            progress.provisioning = step.at;
            break;
        case Status::provisioned:
            progress.provisioned = step.at;
            break;
        case Status::deprovisioning:
            progress.deprovisioning = step.at;
            break;
        case Status::completed:
            progress.deprovisioned = step.at;
            break;
        case Status::revoked:
            if (progress.provisioned) { // what is revoked is gone at once
                progress.deprovisioning = step.at;
                progress.deprovisioned = step.at;
            }
            break;
        case Status::creating:
        case Status::cancelled:
        case Status::timed_out:
        case Status::error:
            break;
        }
    }
    return progress;
}

bool is_effective(const Activation& activation, const Pace& pace, TimePoint at) {
    const std::optional<Progress> progress = progress_of(activation, pace, at);
    return progress && progress->status == Status::provisioned &&
           *progress->provisioned + pace.on_the_wall(pace.effective_delay) <= at;
}

Status status_of(const Activation& activation, const Pace& pace, TimePoint now) {
    const std::optional<Progress> progress = progress_of(activation, pace, now);
    return progress ? progress->status : Status::creating; // the clock was set back
}

Activation* Activations::latest(std::size_t connection) {
    const auto found = latest_.find(connection);
    return found == latest_.end() ? nullptr : &all_[found->second];
}

Activation* Activations::find(std::string_view activation_id) {
    const auto found = std::find_if(all_.begin(), all_.end(), [activation_id](const Activation& activation) {
        return activation.activation_id == activation_id;
    });
    return found == all_.end() ? nullptr : &*found;
}

Activation& Activations::start(std::size_t connection, const Course& course, std::int64_t minutes,
                               TimePoint now) {
    latest_[connection] = all_.size();
    all_.push_back({"jit-activation-" + random_hex(12), random_uuid(), connection, now, minutes, course});
    return all_.back();
}

} // namespace jit::sandbox
