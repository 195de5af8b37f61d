#include "sailpoint/model.hpp"

#include "base/text.hpp"

#include <algorithm>
#include <array>
#include <limits>

namespace jit::sailpoint {

std::string_view operation_name(Operation operation) {
    switch (operation) {
    case Operation::activate:
        return "activate";
    case Operation::extend:
        return "extend";
    case Operation::deactivate:
        return "deactivate";
    }
    return "";
}

std::optional<TimePoint> expiry_of(const Acceptance& acceptance) {
    const auto start = parse_rfc3339(acceptance.start_time);
    const auto minutes = parse_whole(acceptance.minutes, 1, std::numeric_limits<std::int32_t>::max());
    if (!start || !minutes) {
        return std::nullopt;
    }
    const TimePoint expiry = *start + std::chrono::minutes(*minutes);
    return expiry <= k_latest_time ? std::optional(expiry) : std::nullopt;
}

bool is_failed(Operation operation, std::string_view status) {
    const std::string word = to_lower(status);
    // Access that is to end has ended when it was revoked, cancelled or timed out.
    return operation == Operation::deactivate ? word == "error" || word == "invalid"
                                              : phase_of_status(word) == Phase::failed;
}

bool is_running(Phase phase) {
    return phase == Phase::active || phase == Phase::pending || phase == Phase::waiting;
}

bool is_over(Phase phase) {
    return phase == Phase::available || phase == Phase::ended || phase == Phase::failed;
}

std::string_view phase_name(Phase phase) {
    switch (phase) {
    case Phase::available:
        return "available";
    case Phase::pending:
        return "pending";
    case Phase::waiting:
        return "waiting";
    case Phase::active:
        return "active";
    case Phase::ending:
        return "ending";
    case Phase::ended:
        return "ended";
    case Phase::failed:
        return "failed";
    }
    return "";
}

std::optional<Phase> phase_named(std::string_view name) {
    for (const Phase phase : {Phase::available, Phase::pending, Phase::waiting, Phase::active, Phase::ending,
                              Phase::ended, Phase::failed}) {
        if (phase_name(phase) == name) {
            return phase;
        }
    }
    return std::nullopt;
}

Phase phase_of_status(std::string_view status) {
    struct Meaning {
        std::string_view word;
        Phase phase;
    };
    constexpr std::array<Meaning, 10> k_meanings = {{{"provisioned", Phase::active},
                                                     {"awaiting_frictions", Phase::waiting},
                                                     {"deprovisioning", Phase::ending},
                                                     {"complete", Phase::ended},
                                                     {"completed", Phase::ended},
                                                     {"error", Phase::failed},
                                                     {"invalid", Phase::failed},
                                                     {"revoked", Phase::failed},
                                                     {"cancelled", Phase::failed},
                                                     {"timed_out", Phase::failed}}};
    const std::string word = to_lower(status);
    for (const Meaning& meaning : k_meanings) {
        if (meaning.word == word) {
            return meaning.phase;
        }
    }
    return Phase::pending;
}

const std::string& Connection::title() const {
    for (const std::string* const candidate : {&display_name, &name, &value}) {
        if (!candidate->empty()) {
            return *candidate;
        }
    }
    return id;
}

bool was_provisioned(const Connection& connection) {
    const auto activation = parse_rfc3339(connection.activation);
    const auto provisioned = parse_rfc3339(connection.provisioned);
    return activation && provisioned && *provisioned >= *activation;
}

Phase phase_of(const Connection& connection, TimePoint now) {
    const auto activation = parse_rfc3339(connection.activation);
    if (!activation) {
        return Phase::available;
    }
    // Times of an earlier activation stay until the next one has its own.
    const auto since = [&activation](const std::string& text) {
        const auto time = parse_rfc3339(text);
        return time && *time >= *activation ? time : std::nullopt;
    };
    if (since(connection.deprovisioned)) {
        return Phase::ended;
    }
    const auto expiration = since(connection.expiration);
    const bool over = since(connection.deactivation) || (expiration && *expiration <= now);
    if (!over && was_provisioned(connection)) {
        return Phase::active;
    }
    const std::string state = to_lower(connection.state);
    if (state == "available") {
        return Phase::ended; // perhaps it came to nothing
    }
    if (over) {
        return Phase::ending;
    }
    if (state.find("friction") != std::string::npos) {
        return Phase::waiting;
    }
    return phase_of_status(state) == Phase::failed ? Phase::failed : Phase::pending;
}

std::optional<TimePoint> latest_of(std::initializer_list<std::string_view> times) {
    std::optional<TimePoint> latest;
    for (const std::string_view text : times) {
        latest = std::max(latest, parse_rfc3339(text));
    }
    return latest;
}

} // namespace jit::sailpoint
