#include "app/access.hpp"

#include "base/duration.hpp"
#include "base/text.hpp"
#include "sailpoint/client.hpp"

#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

namespace jit::app {
namespace {

using sailpoint::Connection;
using sailpoint::HistoryEntry;
using sailpoint::Operation;
using sailpoint::Phase;
using std::chrono::milliseconds;

/// How far two times of the service may lie apart that mean the same moment.
constexpr std::chrono::seconds k_tolerance{2};

/// Whether two IDs are one: the service writes them with hyphens in some places and without in others.
bool same_id(const std::string& a, const std::string& b) {
    const auto left = Uuid::parse(a);
    return left ? left == Uuid::parse(b) : !a.empty() && a == b;
}

bool may_be_read_elsewhere(const Error& error) {
    return error.code == ExitCode::forbidden || error.http_status == 412 || error.http_status == 404;
}

constexpr std::string_view k_unreadable = "its state cannot be read: ";

/// Why the state cannot be read, for what was changed before that.
std::string unreadable_words(const Error& error) {
    constexpr std::string_view k_end = "; nothing was changed"; // by the look
    std::string_view why = error.message;
    why.remove_suffix(why.ends_with(k_end) ? k_end.size() : 0);
    return cat({why.starts_with(k_unreadable) ? "" : k_unreadable, why});
}

/// The history's word for a connection's state, so that results use one set of words whichever list was read.
std::string status_word(Phase phase, const std::string& state) {
    switch (phase) {
    case Phase::pending:
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

/// Whether something happened to the access after the request.
bool is_since(const Access& access, const Expected& expected) {
    return !expected.since || (access.latest && *access.latest >= *expected.since - k_tolerance);
}

/// What became of the wait after a look.
enum class Verdict { not_yet, done, failed };

Verdict judge(const Access& access, const Expected& expected) {
    const bool over = access.phase == Phase::ended || access.phase == Phase::failed;
    switch (expected.operation) {
    case Operation::activate:
        if (!agrees(access, expected)) {
            return Verdict::not_yet;
        }
        if (access.phase == Phase::active) {
            return Verdict::done;
        }
        return over || access.phase == Phase::ending ? Verdict::failed : Verdict::not_yet;
    case Operation::extend:
        if (access.phase == Phase::active) {
            return shows(access, expected) ? Verdict::done : Verdict::not_yet;
        }
        return over && (same_id(access.activation_id, expected.activation_id) || is_since(access, expected))
                   ? Verdict::failed
                   : Verdict::not_yet;
    case Operation::deactivate:
        if (!agrees(access, expected)) {
            return Verdict::not_yet;
        }
        if (sailpoint::is_failed(Operation::deactivate, access.status)) {
            return Verdict::failed;
        }
        return over || access.phase == Phase::available ? Verdict::done : Verdict::not_yet;
    }
    return Verdict::not_yet;
}

/// Sleeps, with a line of progress that moves.
bool sleep_visibly(Context& context, milliseconds wait, const std::string& text, MonotonicTime began) {
    if (!context.shows_progress()) {
        return context.clock().sleep(wait);
    }
    const bool ascii = context.console().charset() == io::Charset::ascii;
    const std::vector<std::string_view> frames =
        ascii ? std::vector<std::string_view>{"-", "\\", "|", "/"}
              : std::vector<std::string_view>{"⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"};
    constexpr milliseconds k_frame{100};
    const Deadline end(context.clock(), wait);
    bool slept = true;
    while (slept && !end.is_over()) {
        const auto elapsed = context.clock().monotonic_time() - began;
        const auto frame = static_cast<std::size_t>(elapsed / k_frame) % frames.size();
        context.console().progress(cat({frames[frame], " ", text, ", ", duration_words(elapsed)}), text);
        slept = context.clock().sleep(std::min(k_frame, end.left()));
    }
    return slept;
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
    return cat({title, " waits for a step of yours: complete it in SailPoint", where.empty() ? "" : ", at ",
                where, " (", access.status, ")",
                access.missing.empty() ? "" : cat({"; missing: ", join(access.missing)})});
}

bool shows(const Access& access, const Expected& expected) {
    if (same_id(access.activation_id, expected.activation_id) && expected.operation == Operation::activate) {
        return true;
    }
    switch (expected.operation) {
    case Operation::activate:
        return !expected.since || (access.activated && *access.activated >= *expected.since - k_tolerance);
    case Operation::extend:
        return !expected.expires || !access.expires || *access.expires >= *expected.expires - k_tolerance;
    case Operation::deactivate:
        return same_id(access.activation_id, expected.activation_id) || is_since(access, expected);
    }
    return false;
}

bool agrees(const Access& access, const Expected& expected) {
    const bool is_undated = access.activation_id.empty() && !access.activated && !access.latest;
    const bool deactivates = expected.operation == Operation::deactivate;
    return shows(access, expected) || (is_undated && sailpoint::is_running(access.phase) != deactivates &&
                                       (deactivates || access.phase == Phase::active));
}

AccessReader::AccessReader(Context& context, const Target& target, Source first, bool once)
    : context_(context), connection_(target.connection),
      entitlement_id_(target.entry ? target.entry->entitlement_id : ""), source_(first), once_(once) {}

Result<std::optional<Access>> AccessReader::read() {
    if (context_.interrupted()) {
        return Error{ExitCode::interrupted, "interrupted before its state was read"};
    }
    auto access = source_ == Source::history ? read_history() : read_connections();
    if (access || !may_be_read_elsewhere(access.error())) {
        return access;
    }
    if (refusal_) {
        Error error = std::move(access).error();
        error.code = ExitCode::forbidden;
        error.message = cat({k_unreadable, error.message});
        error.hint = "it takes one of the scopes idn:jit-activation-history-self:read and "
                     "idn:entitlement-connections:read";
        return error;
    }
    refusal_ = std::move(access).error();
    context_.log().info(refusal_->message);
    source_ = source_ == Source::history ? Source::connections : Source::history;
    return read();
}

std::optional<Access> AccessReader::read_more() {
    if (source_ == Source::history || refusal_) {
        return std::nullopt;
    }
    auto access = read_history();
    return access ? *std::move(access) : std::nullopt;
}

Result<std::optional<Access>> AccessReader::read_history() {
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
                                cat({"connectionId eq ", in_quotes(connection_.str())}), 1, take, {once_});
    if (done && foreign) { // the filter is not heeded, so its own entry is somewhere among all of them
        constexpr std::size_t k_many = 1000;
        done = client->history(sailpoint::Whose::mine, "", k_many, take, {once_});
    }
    if (!done) {
        return std::move(done).error();
    }
    return newest;
}

Result<std::optional<Access>> AccessReader::read_connections() {
    JIT_TRY(const auto entry, read_entry(context_, connection_, entitlement_id_, once_));
    return entry ? std::optional(access_of(*entry, context_.service_now())) : std::nullopt;
}

std::vector<Result<std::optional<Access>>> AccessLooker::read(const std::vector<AccessReader*>& readers) {
    using Look = Result<std::optional<Access>>;
    constexpr std::size_t k_few = 5;
    std::vector<Look> looks;
    looks.reserve(readers.size());
    by_list_ = false;
    if (readers.size() > k_few && !list_refused_) {
        const auto entries = app::read_connections(context_, false, readers.front()->tries_once());
        list_refused_ = !entries && may_be_read_elsewhere(entries.error());
        if (!list_refused_) {
            by_list_ = true;
            const EntriesById places = entries ? by_connection_id(*entries) : EntriesById();
            for (const AccessReader* const reader : readers) {
                const auto place = places.find(reader->connection().str());
                looks.push_back(!entries ? Look(entries.error())
                                : place == places.end()
                                    ? Look(std::nullopt)
                                    : Look(access_of(*place->second, context_.service_now())));
            }
            return looks;
        }
    }
    for (AccessReader* const reader : readers) {
        looks.push_back(reader->read());
    }
    return looks;
}

namespace {

/// The wait for one of them.
class Wait {
public:
    Wait(Context& context, Awaited& awaited, TimePoint until)
        : context_(context), awaited_(awaited), until_(until),
          reader_(context, *awaited.target, awaited.first), title_(awaited.target->title()),
          accepted_(awaited.expected.by_us ? cat({sailpoint::operation_name(awaited.expected.operation),
                                                  " of ", title_, " was accepted, "})
                                           : cat({title_, " was under way already, "})) {}

    [[nodiscard]] AccessReader& reader() { return reader_; }
    [[nodiscard]] bool is_over() const { return over_; }
    [[nodiscard]] std::string progress() const { return cat({title_, ": ", status_}); }

    void time_is_over(std::chrono::seconds timeout) {
        Error error{ExitCode::wait_timeout,
                    cat({accepted_, "but after ", duration_words(timeout), " it was still ", status_}),
                    find_out()};
        if (!trouble_.empty()) {
            error.message += cat({" (the last look failed: ", trouble_, ")"});
        }
        end(std::move(error));
    }

    void interrupted() {
        end(Error{ExitCode::interrupted, cat({accepted_, "and then interrupted while waiting for it"}),
                  find_out()});
    }

    void take(Result<std::optional<Access>> access) {
        if (!access) {
            Error error = std::move(access).error();
            const bool passing = error.code == ExitCode::server || error.code == ExitCode::unreachable ||
                                 error.code == ExitCode::rate_limited;
            if (!passing) {
                if (error.code != ExitCode::interrupted) {
                    error.code = ExitCode::wait_timeout; // of what was accepted, this is no refusal
                    error.message = unreadable_words(error);
                }
                error.message = cat({accepted_, "but ", error.message});
                end(std::move(error));
                return;
            }
            context_.log().info(error.message);
            trouble_ = std::move(error.message);
            return;
        }
        trouble_.clear();
        if (*access) {
            take(**access);
        }
    }

private:
    void take(const Access& seen) {
        const Expected& expected = awaited_.expected;
        const Verdict verdict = judge(seen, expected);
        if (verdict == Verdict::not_yet && !agrees(seen, expected)) {
            return; // from before the request
        }
        std::optional<Access>& last = awaited_.last;
        last = seen;
        if (!seen.status.empty() && seen.status != status_) {
            status_ = seen.status;
            context_.log().info(progress());
        }
        if (verdict == Verdict::done) {
            over_ = true;
        } else if (verdict == Verdict::failed) {
            if (auto more = reader_.read_more();
                more && shows(*more, expected) && judge(*more, expected) == Verdict::failed) {
                last = std::move(more);
            }
            end(Error{ExitCode::not_provisioned,
                      cat({accepted_, "but has ended in ", last->status,
                           last->error.empty() ? "" : cat({": ", last->error})}),
                      cat({"jit history -e ", awaited_.target->connection.str(),
                           " --detail shows what is known of it"})});
        } else if (seen.phase == Phase::waiting && !told_) {
            told_ = true;
            if (auto more = reader_.read_more(); more && more->phase == Phase::waiting) {
                last = std::move(more);
            }
            context_.log().warn(cat(
                {waiting_words(context_, title_, *last), "; jit waits until ", context_.time_text(until_)}));
        }
    }

    [[nodiscard]] std::string find_out() const {
        return cat({"jit history -e ", awaited_.target->connection.str(), " shows what becomes of it"});
    }

    void end(Error error) {
        awaited_.error = std::move(error);
        over_ = true;
    }

    Context& context_;
    Awaited& awaited_;
    TimePoint until_; ///< when it gives up
    AccessReader reader_;
    std::string title_;
    std::string accepted_; ///< how its messages begin
    std::string status_ = "accepted";
    std::string trouble_; ///< why the last look failed
    bool told_ = false;
    bool over_ = false;
};

} // namespace

void wait_until_done(Context& context, std::vector<Awaited>& awaited, std::chrono::seconds timeout) {
    constexpr milliseconds k_first{1000};
    constexpr milliseconds k_longest{10000};
    std::vector<Wait> waits;
    waits.reserve(awaited.size());
    for (Awaited& one : awaited) {
        waits.emplace_back(context, one, context.now() + timeout);
    }
    AccessLooker looker(context);
    const MonotonicTime began = context.clock().monotonic_time();
    const Deadline end(context.clock(), timeout);
    for (milliseconds pause = k_first;; pause = std::min(k_longest, pause * 3 / 2)) {
        std::vector<Wait*> open;
        for (Wait& wait : waits) {
            if (!wait.is_over()) {
                open.push_back(&wait);
            }
        }
        if (open.empty()) {
            break;
        }
        const milliseconds left = end.left();
        if (left.count() == 0) {
            for (Wait* const wait : open) {
                wait->time_is_over(timeout);
            }
            break;
        }
        const std::string text =
            open.size() == 1
                ? open.front()->progress()
                : cat({"waiting for ", std::to_string(open.size()), " of ", std::to_string(waits.size())});
        if (!sleep_visibly(context, std::min(pause, left), text, began)) {
            for (Wait* const wait : open) {
                wait->interrupted();
            }
            break;
        }
        std::vector<AccessReader*> readers;
        readers.reserve(open.size());
        for (Wait* const wait : open) {
            readers.push_back(&wait->reader());
        }
        auto looks = looker.read(readers);
        for (std::size_t i = 0; i < open.size(); ++i) {
            open[i]->take(std::move(looks[i]));
        }
    }
    context.console().end_progress();
}

Result<void> wait_until_done(Context& context, const Target& target, const Expected& expected,
                             const Patience& patience, std::optional<Access>& last) {
    std::vector<Awaited> awaited{{&target, expected, patience.first, last}};
    wait_until_done(context, awaited, patience.timeout);
    last = std::move(awaited.front().last);
    return awaited.front().error ? Result<void>(*std::move(awaited.front().error)) : Result<void>();
}

} // namespace jit::app
