#pragma once

#include "access/context.hpp"
#include "access/target.hpp"
#include "sailpoint/model.hpp"
#include "util/result.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace jit::access {

/// What one poll at a list says of the access to a connection.
struct Access {
    sailpoint::Phase phase = sailpoint::Phase::available;
    std::string status = {};                 ///< in the history's words
    std::optional<TimePoint> activated = {}; ///< when this activation began
    std::optional<TimePoint> expires = {};   ///< when it ends by itself; the history does not say
    std::optional<TimePoint> latest = {};    ///< the latest time in the entry: how recent it must be
    std::string activation_id = {};          ///< the history's; the connections do not say
    std::string error = {};                  ///< why it failed, where the service says so
    std::vector<std::string> missing = {};   ///< steps of the person, where the history was read
};

[[nodiscard]] Access access_of(const sailpoint::Connection& connection, TimePoint now);
[[nodiscard]] Access access_of(const sailpoint::HistoryEntry& entry);

using sailpoint::expiry_of;

/// Whether an entry of the history can be of that connection: the service filters as well, and this checks
/// again.
[[nodiscard]] bool is_of(const sailpoint::HistoryEntry& entry, const Uuid& connection);

/// What a person has to do for access that waits for them: "Payroll Approver waits for a step of yours:
/// complete it in SailPoint, at https://acme.identitynow.com (AWAITING_FRICTIONS); missing: TICKET
/// (PENDING)".
[[nodiscard]] std::string waiting_words(Context& context, const std::string& title, const Access& access);

/// Looks at the state of one connection, one request a poll. There is no endpoint for that: it reads the
/// history or the list of connections, and goes over to the other one for good where the first is not
/// allowed.
class StateReader {
public:
    enum class Source { history, connections };

    /// `once`: a request that fails is not tried again, since the next poll will be.
    StateReader(Context& context, const Target& target, Source first, bool once = false);

    [[nodiscard]] const Uuid& connection() const { return connection_; }
    [[nodiscard]] bool tries_once() const { return once_; }
    [[nodiscard]] Source source() const { return source_; } ///< where it reads now

    /// Empty where the list has no entry for it. Code 4, with both scopes in the hint, where neither list may
    /// be read. Both lists lag behind by seconds.
    [[nodiscard]] Result<std::optional<Access>> read();

    /// What the history says of it, for what the list of connections does not tell: how it failed, and why.
    /// Empty where it may not be read, or was read anyway.
    [[nodiscard]] std::optional<Access> read_more();

private:
    [[nodiscard]] Result<std::optional<Access>> read_history();
    [[nodiscard]] Result<std::optional<Access>> read_connections();

    Context& context_;
    Uuid connection_;
    std::string entitlement_id_; ///< narrows the list of connections; empty: not known yet
    Source source_;
    bool once_;
    std::optional<Error> refusal_ = {}; ///< of the source that was tried first
};

/// Looks at several, in as few requests as it takes: one each, or the whole list of connections for many.
class BatchStateReader {
public:
    explicit BatchStateReader(Context& context) : context_(context) {}

    /// What `StateReader::read` says of each.
    [[nodiscard]] std::vector<Result<std::optional<Access>>> read(const std::vector<StateReader*>& readers);

    /// Which list the last poll of this one was at.
    [[nodiscard]] StateReader::Source source_of(const StateReader& reader) const {
        return by_list_ ? StateReader::Source::connections : reader.source();
    }

private:
    Context& context_;
    bool list_refused_ = false;
    bool by_list_ = false; ///< the last readings were at the whole list of connections
};

} // namespace jit::access
