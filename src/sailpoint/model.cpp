#include "sailpoint/model.hpp"

#include "util/text.hpp"

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
    const auto minutes = parse_int(acceptance.minutes, 1, std::numeric_limits<std::int32_t>::max());
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
    return phase == Phase::active || phase == Phase::starting || phase == Phase::waiting;
}

bool is_over(Phase phase) {
    return phase == Phase::available || phase == Phase::ended || phase == Phase::failed;
}

std::string_view phase_name(Phase phase) {
    switch (phase) {
    case Phase::available:
        return "available";
    case Phase::starting:
        return "starting";
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
    for (const Phase phase : {Phase::available, Phase::starting, Phase::waiting, Phase::active, Phase::ending,
                              Phase::ended, Phase::failed}) {
        if (phase_name(phase) == name) {
            return phase;
        }
    }
    return std::nullopt;
}

namespace {

struct Word {
    std::string_view word;
    Phase phase;
};

/// Words for a state, in small letters alone. Whatever is not here is not known.
constexpr std::array<Word, 52> k_words = {{
    {"available", Phase::available},
    {"inactive", Phase::available},
    {"notactive", Phase::available},
    {"eligible", Phase::available},
    {"idle", Phase::available},
    {"none", Phase::available},
    {"disabled", Phase::available},
    {"unassigned", Phase::available},
    {"notprovisioned", Phase::available},
    {"creating", Phase::starting},
    {"created", Phase::starting},
    {"activating", Phase::starting},
    {"provisioning", Phase::starting},
    {"pending", Phase::starting},
    {"requested", Phase::starting},
    {"initiated", Phase::starting},
    {"scheduled", Phase::starting},
    {"queued", Phase::starting},
    {"starting", Phase::starting},
    {"inprogress", Phase::starting},
    {"processing", Phase::starting},
    {"provisioned", Phase::active},
    {"active", Phase::active},
    {"activated", Phase::active},
    {"inuse", Phase::active},
    {"enabled", Phase::active},
    {"granted", Phase::active},
    {"assigned", Phase::active},
    {"running", Phase::active},
    {"extending", Phase::active},
    {"extended", Phase::active},
    {"deprovisioning", Phase::ending},
    {"deactivating", Phase::ending},
    {"ending", Phase::ending},
    {"expiring", Phase::ending},
    {"revoking", Phase::ending},
    {"removing", Phase::ending},
    {"complete", Phase::ended},
    {"completed", Phase::ended},
    {"ended", Phase::ended},
    {"expired", Phase::ended},
    {"deactivated", Phase::ended},
    {"deprovisioned", Phase::ended},
    {"error", Phase::failed},
    {"invalid", Phase::failed},
    {"revoked", Phase::failed},
    {"cancelled", Phase::failed},
    {"canceled", Phase::failed},
    {"timedout", Phase::failed},
    {"failed", Phase::failed},
    {"denied", Phase::failed},
    {"rejected", Phase::failed},
}};

} // namespace

std::optional<Phase> meaning_of(std::string_view text) {
    std::string word; // "AWAITING_FRICTIONS" and "AwaitingFrictions" are one
    for (const char c : to_lower(text)) {
        if (c >= 'a' && c <= 'z') {
            word += c;
        }
    }
    for (const Word& known : k_words) {
        if (known.word == word) {
            return known.phase;
        }
    }
    return word.find("friction") == std::string::npos ? std::nullopt : std::optional(Phase::waiting);
}

std::string_view phase_words(Phase phase) {
    return phase == Phase::waiting ? "waiting for you" : phase_name(phase);
}

std::string state_words(std::string_view status) {
    const auto phase = meaning_of(status);
    return std::string(phase ? phase_words(*phase) : status);
}

Phase phase_of_status(std::string_view status) {
    return meaning_of(status).value_or(Phase::starting);
}

const std::string& Connection::title() const {
    for (const std::string* const candidate : {&display_name, &name, &value}) {
        if (!candidate->empty()) {
            return *candidate;
        }
    }
    return id;
}

namespace {

/// How far the times of an activation show that it has come.
enum class Stage {
    unknown, ///< they say nothing
    begun,
    maybe, ///< they speak for usable access, without proof
    usable,
    over, ///< its time is over, or it was told to end
    gone,
};

/// What the `jit.*` times say by themselves.
struct Reading {
    Stage stage = Stage::unknown;
    bool provisioned = false;
    std::optional<TimePoint> expiration = {}; ///< of this activation
};

/// Whether a text is there that cannot be read as a time.
bool is_unreadable(const std::string& text) {
    return !text.empty() && !parse_rfc3339(text);
}

Reading read_times(const Connection& connection, TimePoint now) {
    const auto activation = parse_rfc3339(connection.activation);
    const auto provisioned = parse_rfc3339(connection.provisioned);
    const auto deactivation = parse_rfc3339(connection.deactivation);
    const auto deprovisioned = parse_rfc3339(connection.deprovisioned);
    const auto expiration = parse_rfc3339(connection.expiration);
    Reading reading;
    auto start = activation ? activation : provisioned;
    if (!start) {
        const bool ended = !connection.deactivation.empty() || !connection.deprovisioned.empty();
        reading.provisioned = !ended && !connection.provisioned.empty();
        reading.stage = reading.provisioned ? Stage::maybe : Stage::unknown;
        reading.expiration = expiration && *expiration > now ? expiration : std::nullopt;
        return reading;
    }
    // Times of an earlier activation stay until the next one has its own, and those of one may lie a moment
    // before one another.
    constexpr std::chrono::seconds k_moment{5};
    const auto ends_earlier = [&](const std::optional<TimePoint>& end) {
        return end && *end >= *provisioned && *end < *start;
    };
    reading.provisioned = provisioned && *provisioned >= *start - k_moment && !ends_earlier(deactivation) &&
                          !ends_earlier(deprovisioned);
    if (provisioned && deprovisioned && *provisioned > *deprovisioned) {
        start = std::max(start, provisioned);
    }
    const auto is_of_this = [&start](const std::optional<TimePoint>& time) {
        return time && *time >= *start;
    };
    reading.expiration = is_of_this(expiration) ? expiration : std::nullopt;
    if (is_of_this(deprovisioned)) {
        reading.stage = Stage::gone;
    } else if (is_of_this(deactivation) || (reading.expiration && *reading.expiration <= now)) {
        reading.stage = Stage::over;
    } else if (is_unreadable(connection.deactivation) || is_unreadable(connection.deprovisioned)) {
        reading.stage = Stage::unknown;
    } else if (reading.provisioned) {
        reading.stage = Stage::usable;
    } else {
        reading.stage = is_unreadable(connection.provisioned) ? Stage::maybe : Stage::begun;
    }
    return reading;
}

} // namespace

bool was_provisioned(const Connection& connection) {
    return read_times(connection, {}).provisioned;
}

Phase phase_of(const Connection& connection, TimePoint now) {
    const std::optional<Phase> word = meaning_of(connection.state);
    const bool says_over = word == Phase::available || word == Phase::ended;
    const Reading reading = read_times(connection, now);
    switch (reading.stage) {
    case Stage::unknown:
        // An expiration may be left from access that has ended early.
        return word.value_or(connection.state.empty() && !reading.expiration ? Phase::available
                                                                             : Phase::active);
    case Stage::begun:
        return says_over ? Phase::ended // perhaps it came to nothing
                         : word.value_or(Phase::starting);
    case Stage::maybe:
        return word == Phase::starting || word == Phase::waiting || word == Phase::ending ? *word
                                                                                          : Phase::active;
    case Stage::usable:
        return word == Phase::ending ? Phase::ending : Phase::active;
    case Stage::over:
        return says_over ? Phase::ended : Phase::ending;
    case Stage::gone:
        break;
    }
    if (word == Phase::active) {
        return Phase::ending;
    }
    return !word || is_over(*word) ? Phase::ended : *word;
}

bool may_be_on(const Connection& connection, TimePoint now) {
    const Phase phase = phase_of(connection, now);
    if (phase == Phase::ending) {
        return meaning_of(connection.state) == Phase::active;
    }
    const Reading reading = read_times(connection, now);
    const bool ends_later =
        reading.stage == Stage::unknown && reading.expiration && connection.deprovisioned.empty();
    return is_running(phase) || ends_later;
}

std::optional<TimePoint> start_of(const Connection& connection) {
    for (const std::string* const text :
         {&connection.activation, &connection.provisioned, &connection.state_changed}) {
        if (const auto time = parse_rfc3339(*text)) {
            return time;
        }
    }
    return std::nullopt;
}

std::optional<TimePoint> expiry_of(const Connection& connection, TimePoint now) {
    const Phase phase = phase_of(connection, now);
    return is_over(phase) || phase == Phase::waiting ? std::nullopt : read_times(connection, now).expiration;
}

std::optional<TimePoint> latest_of(std::initializer_list<std::string_view> times) {
    std::optional<TimePoint> latest;
    for (const std::string_view text : times) {
        latest = std::max(latest, parse_rfc3339(text));
    }
    return latest;
}

} // namespace jit::sailpoint
