#include "access/wait.hpp"

#include "access/access_cache.hpp"
#include "access/batch.hpp"
#include "access/progress.hpp"
#include "sailpoint/client.hpp"
#include "util/duration.hpp"
#include "util/text.hpp"

#include <algorithm>
#include <map>
#include <string_view>
#include <utility>

namespace jit::access {
namespace {

using sailpoint::Operation;
using sailpoint::Phase;
using std::chrono::milliseconds;

/// The wait for one of them.
class Wait {
public:
    Wait(Context& context, WaitItem& awaited, TimePoint until)
        : context_(context), awaited_(awaited), until_(until),
          reader_(context, *awaited.target, awaited.first), title_(awaited.target->title()),
          accepted_(awaited.expected.by_us ? concat({sailpoint::operation_name(awaited.expected.operation),
                                                     " of ", title_, " was accepted, "})
                                           : concat({title_, " was under way already, "})) {}

    [[nodiscard]] StateReader& reader() { return reader_; }
    [[nodiscard]] bool is_over() const { return over_; }
    [[nodiscard]] std::string progress() const { return concat({title_, ": ", state_}); }

    void time_is_over(std::chrono::seconds timeout) {
        Error error{ErrorKind::wait_timeout,
                    concat({accepted_, "but after ", duration_words(timeout), " it was still ", state_}),
                    hint()};
        if (!last_error_.empty()) {
            error.message += concat({" (the last request failed: ", last_error_, ")"});
        }
        end(std::move(error));
    }

    void interrupted() {
        end(Error{ErrorKind::interrupted, concat({accepted_, "and then interrupted while waiting for it"}),
                  hint()});
    }

    void take(Result<std::optional<Access>> access) {
        if (!access) {
            Error error = std::move(access).error();
            if (!is_transient(error)) {
                if (error.kind != ErrorKind::interrupted) {
                    error.kind = ErrorKind::wait_timeout; // of what was accepted, this is no refusal
                    error.message = concat({"its state cannot be read: ", error.message});
                }
                error.message = concat({accepted_, "but ", error.message});
                end(std::move(error));
                return;
            }
            context_.log().info(error.message);
            last_error_ = std::move(error.message);
            return;
        }
        last_error_.clear();
        if (*access) {
            take(**access);
        }
    }

private:
    void take(const Access& seen) {
        const PendingChange& expected = awaited_.expected;
        const Verdict verdict = evaluate(seen, expected);
        if (verdict == Verdict::not_yet && !matches(seen, expected)) {
            return; // from before the request
        }
        std::optional<Access>& last = awaited_.last;
        last = seen;
        if (!seen.status.empty() && seen.status != status_) {
            status_ = seen.status;
            state_ = sailpoint::state_words(status_);
            context_.log().info(concat({title_, ": ", status_}));
        }
        if (verdict == Verdict::done) {
            over_ = true;
        } else if (verdict == Verdict::failed) {
            if (auto more = reader_.read_more();
                more && reflects(*more, expected) && evaluate(*more, expected) == Verdict::failed) {
                last = std::move(more);
            }
            end(Error{ErrorKind::not_provisioned,
                      concat({accepted_, "but has ended in ", last->status,
                              last->error.empty() ? "" : concat({": ", last->error})}),
                      concat({"jit history -e ", awaited_.target->connection.str(),
                              " --detail shows what is known of it"})});
        } else if (seen.phase == Phase::waiting && !warned_) {
            warned_ = true;
            if (auto more = reader_.read_more(); more && more->phase == Phase::waiting) {
                last = std::move(more);
            }
            context_.log().warn(concat(
                {waiting_words(context_, title_, *last), "; jit waits until ", context_.time_text(until_)}));
        }
    }

    [[nodiscard]] std::string hint() const {
        return concat({"jit history -e ", awaited_.target->connection.str(), " shows what becomes of it"});
    }

    void end(Error error) {
        awaited_.error = std::move(error);
        over_ = true;
    }

    Context& context_;
    WaitItem& awaited_;
    TimePoint until_; ///< when it gives up
    StateReader reader_;
    std::string title_;
    std::string accepted_;           ///< how its messages begin
    std::string status_;             ///< the service's word
    std::string state_ = "accepted"; ///< ours
    std::string last_error_;         ///< why the last poll failed
    bool warned_ = false;
    bool over_ = false;
};

} // namespace

void wait_until_done(Context& context, std::vector<WaitItem>& awaited, std::chrono::seconds timeout) {
    constexpr milliseconds k_first{1000};
    constexpr milliseconds k_longest{10000};
    std::vector<Wait> waits;
    waits.reserve(awaited.size());
    for (WaitItem& one : awaited) {
        waits.emplace_back(context, one, context.now() + timeout);
    }
    BatchStateReader states(context);
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
                : concat({"waiting for ", std::to_string(open.size()), " of ", std::to_string(waits.size())});
        if (!sleep_visibly(context, std::min(pause, left), text, began)) {
            for (Wait* const wait : open) {
                wait->interrupted();
            }
            break;
        }
        std::vector<StateReader*> readers;
        readers.reserve(open.size());
        for (Wait* const wait : open) {
            readers.push_back(&wait->reader());
        }
        auto readings = states.read(readers);
        for (std::size_t i = 0; i < open.size(); ++i) {
            open[i]->take(std::move(readings[i]));
        }
    }
    context.console().end_progress();
}

Result<void> wait_until_done(Context& context, const Target& target, const PendingChange& expected,
                             const WaitOptions& patience, std::optional<Access>& last) {
    std::vector<WaitItem> awaited{{&target, expected, patience.first, last}};
    wait_until_done(context, awaited, patience.timeout);
    last = std::move(awaited.front().last);
    return awaited.front().error ? Result<void>(*std::move(awaited.front().error)) : Result<void>();
}

void wait_for_results(Context& context, const WaitOptions& options, std::vector<TargetResult>& results) {
    std::vector<WaitItem> awaited;
    std::vector<TargetResult*> waiting;
    for (TargetResult& result : results) {
        if (!result.request || !result.answer || result.error || !result.was_active) {
            continue;
        }
        PendingChange expected{result.request->operation, result.answer->activation_id, started_at(result)};
        if (expected.operation == Operation::extend) {
            expected.expires = result.ends;
        }
        // Only the list of connections knows when access ends.
        const bool end_known = expected.operation == Operation::extend && result.target.entry;
        awaited.push_back({&result.target, std::move(expected),
                           end_known ? StateReader::Source::connections : options.first, result.seen});
        waiting.push_back(&result);
    }
    wait_until_done(context, awaited, options.timeout);
    std::vector<AccessRecord> notes;
    for (std::size_t i = 0; i < awaited.size(); ++i) {
        waiting[i]->seen = std::move(awaited[i].last);
        waiting[i]->error = std::move(awaited[i].error);
        if (waiting[i]->seen) {
            notes.push_back(record_of_access(context, *waiting[i]));
        }
    }
    if (!notes.empty()) {
        AccessCache::record(context, std::move(notes));
    }
}

void read_ends_after(Context& context, std::vector<TargetResult>& results) {
    std::map<std::string_view, TargetResult*> open; // by connection
    for (TargetResult& result : results) {
        const bool extended =
            result.request && result.request->operation == Operation::extend && result.answer;
        const bool known = result.ends || (result.seen && result.seen->expires);
        if (extended && !known && !result.error) {
            open.insert({result.target.connection.str(), &result});
        }
    }
    const auto client = context.client();
    if (open.empty() || !client) {
        return;
    }
    const TimePoint now = context.service_now();
    constexpr std::size_t k_page = 250; // in one request
    std::vector<AccessRecord> notes;
    const auto read = (*client)->connections(
        sailpoint::Whose::mine, concat({k_only_jit, " and jit.expiration gt ", quote(format_rfc3339(now))}),
        k_page,
        [&](const sailpoint::Connection& entry) -> Result<bool> {
            const auto id = Uuid::parse(entry.id);
            const auto found = id ? open.find(id->str()) : open.end();
            const auto expires = expiry_of(entry, now);
            if (found == open.end() || !expires) {
                return true;
            }
            TargetResult& result = *found->second;
            // An end that is nearer than the minutes that were added is the one from before: the list lags.
            if (*expires >= now + std::chrono::minutes(granted_minutes(result)) - k_time_tolerance) {
                result.ends = expires;
                notes.push_back(record_of_access(context, result));
            }
            open.erase(found);
            return !open.empty();
        },
        {true});
    if (!read) {
        context.log().info(read.error().message);
    }
    if (!notes.empty()) {
        AccessCache::record(context, std::move(notes));
    }
}

void give_up_waiting(std::vector<TargetResult>& results) {
    for (TargetResult& result : results) {
        if (result.request && result.answer && !result.error) {
            result.error =
                Error{ErrorKind::interrupted,
                      concat({sailpoint::operation_name(result.request->operation), " of ",
                              result.target.title(), " was accepted, and not waited for: interrupted"})};
        }
    }
}

void read_ends_before(Context& context, std::vector<TargetResult>& results) {
    const bool known = std::all_of(results.begin(), results.end(), [](const TargetResult& result) {
        return !result.request || result.target.entry;
    });
    if (known) {
        return;
    }
    const auto entries = read_connections(context, false);
    if (!entries) {
        context.log().info(entries.error().message);
        return;
    }
    const EntriesById places = by_connection_id(*entries);
    for (TargetResult& result : results) {
        const auto place = places.find(result.target.connection.str());
        if (!result.target.entry && place != places.end()) {
            result.target.entry = *place->second;
        }
    }
}

} // namespace jit::access
