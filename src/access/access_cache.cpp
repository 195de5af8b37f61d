#include "access/access_cache.hpp"

#include "access/pending_change.hpp"
#include "access/state_reader.hpp"
#include "util/private_file.hpp"
#include "util/text.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <string_view>

namespace jit::access {
namespace {

using sailpoint::Connection;
using sailpoint::Operation;
using sailpoint::Phase;

/// What is known of access that ended stays this long, so that a list that lags is not believed.
constexpr std::chrono::seconds k_remembered{120};

constexpr std::string_view k_kind = "access";

constexpr std::array<Operation, 3> k_operations = {Operation::activate, Operation::extend,
                                                   Operation::deactivate};

std::string time_field(const std::optional<TimePoint>& time) {
    return time ? format_rfc3339(*time) : "-";
}

// One access a line, its fields separated by blanks: connection, phase, expires, operation, since, sent_at,
// title (encoded like a part of a URL).
std::string to_line(const AccessRecord& access) {
    return concat(
        {access.connection.str(), " ", sailpoint::phase_name(access.phase), " ", time_field(access.expires),
         " ", access.operation ? sailpoint::operation_name(*access.operation) : "-", " ",
         time_field(access.since), " ", time_field(access.sent_at), " ", percent_encode(access.title), "\n"});
}

std::optional<AccessRecord> from_line(std::string_view line) {
    const auto connection = Uuid::parse(split_first(line, ' '));
    if (!connection) {
        return std::nullopt;
    }
    AccessRecord access{*connection, {}};
    access.phase = sailpoint::phase_named(split_first(line, ' ')).value_or(access.phase);
    access.expires = parse_rfc3339(split_first(line, ' '));
    const std::string_view operation = split_first(line, ' ');
    for (const Operation candidate : k_operations) {
        if (sailpoint::operation_name(candidate) == operation) {
            access.operation = candidate;
        }
    }
    access.since = parse_rfc3339(split_first(line, ' '));
    access.sent_at = parse_rfc3339(split_first(line, ' '));
    access.title = percent_decode(split_first(line, ' '));
    return access;
}

std::vector<AccessRecord> read(const std::string& path) {
    constexpr std::size_t k_max = std::size_t{1024} * 1024;
    std::vector<AccessRecord> accesses;
    const auto text = read_private_file(path, k_max);
    if (!text || !*text) {
        return accesses;
    }
    std::string_view rest = (*text)->reveal();
    while (!rest.empty()) {
        if (auto access = from_line(split_first(rest, '\n'))) {
            accesses.push_back(*std::move(access));
        }
    }
    return accesses;
}

/// Whether an entry of the list shows what was done from here, or that was long enough ago.
bool is_settled(const AccessRecord& known, const std::optional<Connection>& entry, TimePoint now) {
    if (!known.operation || !is_recent(known, now, k_index_lag)) {
        return true;
    }
    if (known.phase == Phase::failed) {
        return true;
    }
    if (!entry) {
        return false;
    }
    if (*known.operation == Operation::extend && !known.expires) {
        return false; // nothing to tell the new end by: sit it out
    }
    constexpr std::chrono::minutes k_clocks_differ{1};
    const TimePoint since = known.since.value_or(*known.sent_at - k_clocks_differ);
    return matches(access_of(*entry, now), {*known.operation, {}, since, known.expires});
}

} // namespace

bool is_recent(const AccessRecord& access, TimePoint now, std::chrono::seconds within) {
    return access.sent_at &&
           std::chrono::abs(now - *access.sent_at) < within; // clocks may be set back a little
}

Result<AccessCache> AccessCache::load(Context& context) {
    JIT_TRY(const std::string path, context.cache_file(k_kind));
    AccessCache known;
    if (!path.empty()) {
        known.accesses_ = read(path);
    }
    return known;
}

const AccessRecord* AccessCache::find(const Uuid& connection) const {
    for (const AccessRecord& access : accesses_) {
        if (access.connection == connection) {
            return &access;
        }
    }
    return nullptr;
}

void AccessCache::update(Context& context,
                         const std::function<void(std::vector<AccessRecord>&, TimePoint now)>& change) {
    const auto path = context.cache_file(k_kind);
    if (!path || path->empty()) {
        return;
    }
    constexpr std::chrono::seconds k_patience{1};
    const auto lock = FileLock::acquire(*path + ".lock", context.clock(), k_patience);
    if (!lock) {
        return;
    }
    const TimePoint now = context.service_now();
    context.remember_clock();
    std::vector<AccessRecord> accesses = read(*path);
    change(accesses, now);
    constexpr std::size_t k_max = 1000;
    std::string text;
    for (std::size_t i = accesses.size() > k_max ? accesses.size() - k_max : 0; i < accesses.size(); ++i) {
        AccessRecord& access = accesses[i];
        access.title = context.console().redactor().apply(access.title); // nobody knows the secret later on
        const bool gone = sailpoint::is_over(access.phase) || (access.expires && *access.expires <= now);
        if (!gone || is_recent(access, now, k_remembered)) {
            text += to_line(access);
        }
    }
    if (const auto written = write_private_file(*path, text); !written) {
        context.log().info(written.error().message);
    }
}

void AccessCache::record(Context& context, std::vector<AccessRecord> news) {
    update(context, [&news](std::vector<AccessRecord>& accesses, TimePoint) {
        std::map<std::string_view, AccessRecord*> noted; // by connection
        for (AccessRecord& access : news) {
            noted.insert_or_assign(access.connection.str(), &access);
        }
        const auto take_title = [&noted](const AccessRecord& before) {
            const auto found = noted.find(before.connection.str());
            if (found == noted.end()) {
                return false;
            }
            AccessRecord& access = *found->second;
            if (access.title == access.connection.str()) {
                access.title = before.title;
            }
            return true;
        };
        accesses.erase(std::remove_if(accesses.begin(), accesses.end(), take_title), accesses.end());
        for (const AccessRecord& access : news) {
            if (noted.at(access.connection.str()) == &access) {
                accesses.push_back(access);
            }
        }
    });
}

void AccessCache::replace(Context& context, const std::vector<Connection>& entries) {
    update(context, [&entries](std::vector<AccessRecord>& accesses, TimePoint now) {
        std::vector<AccessRecord> shown;
        for (const Connection& entry : entries) {
            const auto id = Uuid::parse(entry.id);
            const Phase phase = sailpoint::phase_of(entry, now);
            if (!id) {
                continue;
            }
            const auto before =
                std::find_if(accesses.begin(), accesses.end(),
                             [&id](const AccessRecord& other) { return other.connection == *id; });
            if (before != accesses.end() && !is_settled(*before, entry, now)) {
                shown.push_back(*before);
                shown.back().title = entry.title();
            } else if (!sailpoint::is_over(phase)) {
                shown.push_back({*id, entry.title(), phase, expiry_of(entry, now)});
                if (before != accesses.end()) {
                    shown.back().operation = before->operation;
                    shown.back().since = before->since;
                    shown.back().sent_at = before->sent_at;
                }
            }
        }
        accesses = std::move(shown);
    });
}

namespace {

Result<void> settle_by(const AccessCache& known, Context& context, std::vector<Target>& targets,
                       std::chrono::seconds patience) {
    constexpr std::chrono::milliseconds k_pause{1000};
    for (Target& target : targets) {
        const AccessRecord* const access = known.find(target.connection);
        if (access == nullptr) {
            continue;
        }
        const TimePoint start = context.service_now();
        const BootTime began = context.clock().boot_time();
        const auto waited = [&context, began] { return context.clock().boot_time() - began; };
        std::string entitlement_id = target.entry ? target.entry->entitlement_id : "";
        while (waited() < patience && !is_settled(*access, target.entry, start + waited())) {
            context.log().info(concat({"the list does not show yet what was done to ", target.title(),
                                       " a moment ago; looking again"}));
            if (!context.clock().sleep(k_pause)) {
                return Error{ErrorKind::interrupted, "interrupted; nothing was sent"};
            }
            JIT_TRY(target.entry, read_entry(context, target.connection, entitlement_id));
        }
    }
    return {};
}

} // namespace

Result<void> wait_for_consistency(Context& context, std::vector<Target>& targets,
                                  std::chrono::seconds patience) {
    JIT_TRY(const AccessCache known, AccessCache::load(context));
    return settle_by(known, context, targets, patience);
}

Result<std::vector<Connection>> read_consistent_connections(Context& context, std::chrono::seconds patience) {
    JIT_TRY(auto entries, read_connections(context));
    JIT_TRY(const AccessCache known, AccessCache::load(context));
    std::vector<Target> touched;
    for (const Connection& entry : entries) {
        const auto id = Uuid::parse(entry.id);
        if (id && known.find(*id) != nullptr) {
            touched.push_back({entry.title(), *id, entry});
        }
    }
    if (auto settled = settle_by(known, context, touched, patience); !settled) {
        return std::move(settled).error();
    }
    for (Connection& entry : entries) {
        for (const Target& target : touched) {
            if (target.entry && Uuid::parse(entry.id) == target.connection) {
                entry = *target.entry;
            }
        }
    }
    AccessCache::replace(context, entries);
    return entries;
}

} // namespace jit::access
