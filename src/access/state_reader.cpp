#include "access/state_reader.hpp"

#include "sailpoint/client.hpp"
#include "util/duration.hpp"
#include "util/text.hpp"

#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

namespace jit::access {
namespace {

using sailpoint::Connection;
using sailpoint::HistoryEntry;
using sailpoint::Phase;
using std::chrono::milliseconds;

bool may_be_read_elsewhere(const Error& error) {
    return error.kind == ErrorKind::forbidden || error.refusal == Refusal::not_enabled ||
           error.refusal == Refusal::missing;
}

/// The history's word for a connection's state, so that results use one set of words whichever list was read.
std::string status_word(Phase phase, const std::string& state) {
    switch (phase) {
    case Phase::starting:
        return "ACTIVATING";
    case Phase::waiting:
        return "AWAITING_FRICTIONS";
    case Phase::active:
        return "PROVISIONED";
    case Phase::ending:
        return "DEPROVISIONING";
    case Phase::ended:
        return "COMPLETE";
    case Phase::available:
    case Phase::failed:
        break;
    }
    return state;
}

} // namespace

Access access_of(const Connection& connection, TimePoint now) {
    Access access;
    access.phase = sailpoint::phase_of(connection, now);
    access.activated = sailpoint::start_of(connection);
    // Over without ever having been usable: COMPLETE would say too much.
    const bool came_to_nothing = access.phase == Phase::ended && !sailpoint::was_provisioned(connection);
    access.status = came_to_nothing ? connection.state : status_word(access.phase, connection.state);
    access.expires = expiry_of(connection, now);
    access.latest =
        sailpoint::latest_of({connection.activation, connection.provisioned, connection.deactivation,
                              connection.deprovisioned, connection.state_changed});
    return access;
}

Access access_of(const HistoryEntry& entry) {
    Access access;
    access.phase = sailpoint::phase_of_status(entry.status);
    access.status = entry.status;
    access.activated = parse_rfc3339(entry.initiated);
    access.latest = sailpoint::latest_of({entry.initiated, entry.provision_start, entry.provision_completed,
                                          entry.deprovision_start, entry.deprovision_complete});
    access.activation_id = entry.id;
    access.error = entry.error;
    access.missing = entry.missing;
    return access;
}

bool is_of(const HistoryEntry& entry, const Uuid& connection) {
    return entry.connection_id.empty() || Uuid::parse(entry.connection_id) == connection;
}

std::string waiting_words(Context& context, const std::string& title, const Access& access) {
    const config::Settings* const settings = context.loaded_settings();
    const std::string where = settings == nullptr ? "" : settings->ui_address;
    return concat({title, " is waiting for you: SailPoint asks for ",
                   access.missing.empty() ? "a step first" : concat({join(access.missing), " first"}),
                   where.empty() ? "" : ": ", where});
}

StateReader::StateReader(Context& context, const Target& target, Source first, bool once)
    : context_(context), connection_(target.connection),
      entitlement_id_(target.entry ? target.entry->entitlement_id : ""), source_(first), once_(once) {}

Result<std::optional<Access>> StateReader::read() {
    if (context_.interrupted()) {
        return Error{ErrorKind::interrupted, "interrupted before its state was read"};
    }
    auto access = source_ == Source::history ? read_history() : read_connections();
    if (access || !may_be_read_elsewhere(access.error())) {
        return access;
    }
    if (refusal_) {
        Error error = std::move(access).error();
        error.kind = ErrorKind::forbidden;
        error.hint = "it takes one of the scopes idn:jit-activation-history-self:read and "
                     "idn:entitlement-connections:read";
        return error;
    }
    refusal_ = std::move(access).error();
    context_.log().info(refusal_->message);
    source_ = source_ == Source::history ? Source::connections : Source::history;
    return read();
}

std::optional<Access> StateReader::read_more() {
    if (source_ == Source::history || refusal_) {
        return std::nullopt;
    }
    auto access = read_history();
    return access ? *std::move(access) : std::nullopt;
}

Result<std::optional<Access>> StateReader::read_history() {
    JIT_TRY(sailpoint::Client* const client, context_.client());
    std::optional<Access> newest;
    bool foreign = false;
    const sailpoint::Sink<HistoryEntry> take = [&](const HistoryEntry& entry) -> Result<bool> {
        foreign = !is_of(entry, connection_);
        if (!foreign) {
            newest = access_of(entry);
        }
        return foreign;
    };
    auto done = client->history(sailpoint::Whose::mine,
                                concat({"connectionId eq ", quote(connection_.str())}), 1, take, {once_});
    if (done && foreign) { // the filter is not heeded, so its own entry is somewhere among all of them
        constexpr std::size_t k_many = 1000;
        done = client->history(sailpoint::Whose::mine, "", k_many, take, {once_});
    }
    if (!done) {
        return std::move(done).error();
    }
    return newest;
}

Result<std::optional<Access>> StateReader::read_connections() {
    JIT_TRY(const auto entry, read_entry(context_, connection_, entitlement_id_, once_));
    return entry ? std::optional(access_of(*entry, context_.service_now())) : std::nullopt;
}

std::vector<Result<std::optional<Access>>> BatchStateReader::read(const std::vector<StateReader*>& readers) {
    using Reading = Result<std::optional<Access>>;
    constexpr std::size_t k_few = 5;
    std::vector<Reading> readings;
    readings.reserve(readers.size());
    by_list_ = false;
    if (readers.size() > k_few && !list_refused_) {
        const auto entries = read_connections(context_, false, readers.front()->tries_once());
        list_refused_ = !entries && may_be_read_elsewhere(entries.error());
        if (!list_refused_) {
            by_list_ = true;
            const EntriesById places = entries ? by_connection_id(*entries) : EntriesById();
            for (const StateReader* const reader : readers) {
                const auto place = places.find(reader->connection().str());
                readings.push_back(!entries ? Reading(entries.error())
                                   : place == places.end()
                                       ? Reading(std::nullopt)
                                       : Reading(access_of(*place->second, context_.service_now())));
            }
            return readings;
        }
    }
    for (StateReader* const reader : readers) {
        readings.push_back(reader->read());
    }
    return readings;
}

} // namespace jit::access
