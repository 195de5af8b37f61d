#include "commands/connection_view.hpp"

#include "access/state_reader.hpp"
#include "util/duration.hpp"
#include "util/text.hpp"

#include <algorithm>
#include <cmath>

namespace jit::commands {
namespace {

using sailpoint::Connection;
using sailpoint::Phase;

/// The share of the time that is left, drawn: "██████░░░░".
std::string bar(const Connection& connection, TimePoint now) {
    constexpr int k_cells = 12;
    const auto expires = access::expiry_of(connection, now);
    const auto began =
        parse_rfc3339(connection.provisioned.empty() ? connection.activation : connection.provisioned);
    if (sailpoint::phase_of(connection, now) != Phase::active || !expires || !began || *expires <= *began) {
        return "";
    }
    const double share =
        static_cast<double>((*expires - now).count()) / static_cast<double>((*expires - *began).count());
    const int full = std::clamp(static_cast<int>(std::lround(share * k_cells)), 0, k_cells);
    std::string text;
    for (int i = 0; i < k_cells; ++i) {
        text += i < full ? "█" : "░";
    }
    return text;
}

/// What has ended can be had again.
Phase shown_phase(const Connection& connection, TimePoint now) {
    const Phase phase = sailpoint::phase_of(connection, now);
    return phase == Phase::ended ? Phase::available : phase;
}

/// The state in our words; a word of the service that means nothing to us, and any with --verbose, as it is.
std::string state_cell(const access::Context& context, const Connection& connection, TimePoint now) {
    const bool is_unknown = !connection.state.empty() && !sailpoint::meaning_of(connection.state);
    return context.shows_service_words() || is_unknown
               ? connection.state
               : std::string(sailpoint::phase_words(shown_phase(connection, now)));
}

} // namespace

std::string state_cell(const access::Context& context, std::string_view status) {
    return context.shows_service_words() ? std::string(status) : sailpoint::state_words(status);
}

std::string_view access_name(const Connection& connection, TimePoint now) {
    return sailpoint::phase_name(shown_phase(connection, now));
}

std::string access_words(const Connection& connection, TimePoint now) {
    const Phase phase = shown_phase(connection, now);
    const auto expires = access::expiry_of(connection, now);
    if (phase == Phase::active && expires) {
        return duration_words(*expires - now) + " left";
    }
    return std::string(sailpoint::phase_words(phase));
}

void sort_by_title(std::vector<Connection>& connections) {
    std::vector<std::pair<std::string, std::size_t>> keys;
    keys.reserve(connections.size());
    for (std::size_t i = 0; i < connections.size(); ++i) {
        keys.emplace_back(concat({fold_case(connections[i].title()), "\n", connections[i].source}), i);
    }
    std::sort(keys.begin(), keys.end());
    std::vector<Connection> sorted;
    sorted.reserve(connections.size());
    for (const auto& key : keys) {
        sorted.push_back(std::move(connections[key.second]));
    }
    connections = std::move(sorted);
}

FieldNames connection_field_names() {
    return names_of(connection_fields({}), {"machineIdentity", "jit", "standalone"});
}

Fields connection_fields(const ConnectionColumns& columns) {
    using io::Yields;
    Fields fields{{{"identity", "", Yields::shortened},
                   {"entitlement", "", Yields::shortened},
                   {"source", "", Yields::second},
                   {"account", "", Yields::first},
                   {"type"},
                   {"state"},
                   {"access"},
                   {"expiresAt", "ENDS", Yields::last},
                   {"bar", " ", Yields::first, false, false},
                   {"id"},
                   {"entitlementName", "", Yields::shortened},
                   {"connectionId", "", Yields::third}},
                  {}};
    const auto add = [&fields](std::string_view name, bool wanted = true) {
        if (wanted) {
            fields.table.push_back(name);
        }
    };
    add("identity", columns.identity);
    add("entitlement");
    add("source");
    add("account");
    add("type", columns.type);
    add("state");
    add("expiresAt");
    add("bar", columns.bar);
    add("connectionId");
    return fields;
}

Record connection_record(access::Context& context, const Connection& connection) {
    const TimePoint now = context.service_now();
    const std::string access(access_name(connection, now));
    const auto expires = access::expiry_of(connection, now);
    const std::string expires_text = expires ? format_rfc3339(*expires) : "";
    const bool active = sailpoint::phase_of(connection, now) == Phase::active;
    const std::string id = hyphenated(connection.id);
    const std::string& name = connection.title();
    Record record{connection.raw,
                  {{"entitlementName", name}, {"connectionId", id}, {"access", access}},
                  {connection.identity,
                   name,
                   connection.source,
                   connection.account,
                   connection.type,
                   {connection.state, state_cell(context, connection, now)},
                   access,
                   {expires_text, active ? context.time_cell(expires_text) : ""},
                   {"", bar(connection, now)},
                   id,
                   name,
                   id}};
    if (expires) {
        record.members.push_back({"expiresAt", expires_text});
    }
    return record;
}

} // namespace jit::commands
