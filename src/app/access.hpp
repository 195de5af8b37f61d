#pragma once

#include "app/context.hpp"
#include "app/target.hpp"
#include "base/result.hpp"
#include "sailpoint/model.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace jit::app {

/// What one look at a list says of the access to a connection.
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

/// Whether an entry of the history can be of that connection: the service filters, and this looks once more.
[[nodiscard]] bool is_of(const sailpoint::HistoryEntry& entry, const Uuid& connection);

/// What a person has to do for access that waits for them: "Payroll Approver waits for a step of yours:
/// complete it in SailPoint, at https://acme.identitynow.com (AWAITING_FRICTIONS); missing: TICKET
/// (PENDING)".
[[nodiscard]] std::string waiting_words(Context& context, const std::string& title, const Access& access);

/// Looks at the state of one connection, one request a look. There is no endpoint for that: it reads the
/// history or the list of connections, and goes over to the other one for good where the first is not
/// allowed.
class AccessReader {
public:
    enum class Source { history, connections };

    /// `once`: a request that fails is not tried again, since the next look will be.
    AccessReader(Context& context, const Target& target, Source first, bool once = false);

    [[nodiscard]] const Uuid& connection() const { return connection_; }
    [[nodiscard]] bool tries_once() const { return once_; }
    [[nodiscard]] Source source() const { return source_; } ///< where it looks now

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

/// What was asked of the service and is to show in its lists.
struct Expected {
    sailpoint::Operation operation;
    std::string activation_id = {};      ///< of the answer to the request
    std::optional<TimePoint> since = {}; ///< when it was made, by the service's clock; empty: any look counts
    std::optional<TimePoint> expires = {}; ///< extend: what the end will be at least
    bool by_us = true;                     ///< false: it was under way when this run began
};

/// Whether a look came late enough to know of what was asked. An entry of the connections that has no time at
/// all is no proof of that.
[[nodiscard]] bool shows(const Access& access, const Expected& expected);

/// The same where what was asked is known to be accepted: then an entry without times counts, too, if its
/// state is what was asked for.
[[nodiscard]] bool agrees(const Access& access, const Expected& expected);

/// Looks at several, in as few requests as it takes: one each, or the whole list of connections for many.
class AccessLooker {
public:
    explicit AccessLooker(Context& context) : context_(context) {}

    /// What `AccessReader::read` says of each.
    [[nodiscard]] std::vector<Result<std::optional<Access>>> read(const std::vector<AccessReader*>& readers);

    /// Which list the last look of this one was at.
    [[nodiscard]] AccessReader::Source source_of(const AccessReader& reader) const {
        return by_list_ ? AccessReader::Source::connections : reader.source();
    }

private:
    Context& context_;
    bool list_refused_ = false;
    bool by_list_ = false; ///< the last looks were at the whole list of connections
};

/// How long to wait, and where to look.
struct Patience {
    std::chrono::seconds timeout{600};
    AccessReader::Source first = AccessReader::Source::history;
};

/// Something that was asked for, and what is seen of it.
struct Awaited {
    const Target* target;
    Expected expected;
    AccessReader::Source first = AccessReader::Source::history;
    std::optional<Access> last = {}; ///< what was seen last
    std::optional<Error> error = {}; ///< why the wait for it ended without it
};

/// Waits until access is usable (activate), lasts longer (extend) or is gone (deactivate), for each of them:
/// looks after 1 s, then at growing intervals up to 10 s, and shows the state where stderr is a terminal. An
/// entry from before the request counts for nothing. Code 11 for a state that cannot become it, 12 when the
/// time is over or the state cannot be read; the message says that the request itself was accepted.
void wait_until_done(Context& context, std::vector<Awaited>& awaited, std::chrono::seconds timeout);

/// The same for one. `last` is what was seen last.
[[nodiscard]] Result<void> wait_until_done(Context& context, const Target& target, const Expected& expected,
                                           const Patience& patience, std::optional<Access>& last);

} // namespace jit::app
