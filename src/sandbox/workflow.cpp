#include "sandbox/workflow.hpp"

#include "sandbox/random.hpp"

#include <algorithm>

namespace jit::sandbox {
namespace {

/// The part of the provisioning delay in which a workflow is still being created.
constexpr double k_creating_part = 0.25;

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
    case Status::provisioned:
        return "PROVISIONED";
    case Status::deprovisioning:
        return "DEPROVISIONING";
    case Status::completed:
        break;
    }
    return "COMPLETED";
}

bool is_running(Status status) {
    return status == Status::creating || status == Status::activating || status == Status::provisioned;
}

Timeline timeline_of(const Activation& activation, const Pace& pace) {
    Timeline line;
    line.activating = activation.started + pace.on_the_wall(pace.provision_delay * k_creating_part);
    line.provisioned = activation.started + pace.on_the_wall(pace.provision_delay);
    line.expiration = activation.started + pace.on_the_wall(std::chrono::minutes(activation.total_minutes()));
    line.deprovisioning = std::min(activation.deactivated.value_or(line.expiration), line.expiration);
    line.completed = line.deprovisioning + pace.on_the_wall(pace.provision_delay);
    return line;
}

Status status_of(const Activation& activation, const Pace& pace, TimePoint now) {
    const Timeline line = timeline_of(activation, pace);
    if (now >= line.completed) {
        return Status::completed;
    }
    if (now >= line.deprovisioning) {
        return Status::deprovisioning;
    }
    if (now >= line.provisioned) {
        return Status::provisioned;
    }
    return now >= line.activating ? Status::activating : Status::creating;
}

Activation* Activations::latest(std::size_t connection) {
    const auto found = latest_.find(connection);
    return found == latest_.end() ? nullptr : &all_[found->second];
}

Activation& Activations::start(std::size_t connection, std::int64_t minutes, TimePoint now) {
    latest_[connection] = all_.size();
    all_.push_back({"jit-activation-" + random_hex(12), random_uuid(), connection, now, minutes});
    return all_.back();
}

} // namespace jit::sandbox
