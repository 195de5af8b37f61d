#include "access/reconcile.hpp"

#include "access/access_cache.hpp"
#include "access/pending_change.hpp"
#include "access/state_reader.hpp"
#include "sailpoint/client.hpp"
#include "util/duration.hpp"
#include "util/text.hpp"

#include <algorithm>
#include <chrono>
#include <map>
#include <utility>

namespace jit::access {
namespace {

using sailpoint::Operation;
using std::chrono::milliseconds;
using std::chrono::seconds;
using Source = StateReader::Source;

/// How far two times of the service may lie apart that mean the same moment.
constexpr seconds k_tolerance{2};

/// The latest time in some entries of each list: it is known to know of all that was before.
class Newest {
public:
    explicit Newest(Context& context) : context_(context) {}

    [[nodiscard]] bool is_after(Source source, TimePoint time) const {
        const auto found = times_.find(source);
        return found != times_.end() && found->second && *found->second > time;
    }

    /// Looks for entries from after a time, whatever their connections.
    void read(Source source, TimePoint after) {
        const auto client = context_.client();
        if (!client) {
            return;
        }
        constexpr std::size_t k_enough = 250; // one page
        std::optional<TimePoint>& newest = times_[source];
        const auto take = [&newest](const Access& access) {
            newest = std::max(newest, access.latest);
            return Result<bool>(true);
        };
        const TimePoint now = context_.service_now();
        const auto read = source == Source::history
                              ? (*client)->history(sailpoint::Whose::mine, "", k_enough,
                                                   [&take](const sailpoint::HistoryEntry& entry) {
                                                       return take(access_of(entry));
                                                   },
                                                   {true})
                              : (*client)->connections(
                                    sailpoint::Whose::mine,
                                    concat({"jit.activation gt ", quote(format_rfc3339(after))}), k_enough,
                                    [&take, now](const sailpoint::Connection& entry) {
                                        return take(access_of(entry, now));
                                    },
                                    {true});
        if (!read) {
            context_.log().info(read.error().message);
        }
    }

private:
    Context& context_;
    std::map<Source, std::optional<TimePoint>> times_;
};

/// The answer that would have come, as far as the state tells it.
sailpoint::Acceptance acceptance_of(const TargetResult& result) {
    sailpoint::Acceptance answer{"{}"};
    answer.connection_id = result.target.connection.str();
    answer.by_state = true;
    const Operation operation = result.request->operation;
    if (operation == Operation::activate) {
        answer.minutes = std::to_string(result.request->minutes);
    }
    if (!result.seen) {
        return answer;
    }
    answer.activation_id = result.seen->activation_id;
    answer.status = result.seen->status;
    if (operation == Operation::activate) {
        answer.start_time = result.seen->activated ? format_rfc3339(*result.seen->activated) : "";
    }
    return answer;
}

/// Looks at the state of all of them, round by round.
class Finder {
public:
    Finder(Context& context, std::vector<Indeterminate>& lost)
        : context_(context), states_(context), newest_(context) {
        all_.reserve(lost.size());
        for (Indeterminate& one : lost) {
            // Only the connections tell when access ends, and show what was never active.
            const Source first =
                one.result->request->operation == Operation::activate ? Source::history : Source::connections;
            all_.push_back({&one, StateReader(context, one.result->target, first, true)});
        }
        for (One& one : all_) {
            open_.push_back(&one);
        }
    }

    void run() {
        milliseconds pause(500);
        while (!open_.empty() && !context_.interrupted()) {
            poll();
            if (open_.empty() || has_caught_up()) {
                continue; // what the polls did not show may be there by now
            }
            wait(pause);
            constexpr milliseconds k_longest(8000);
            pause = std::min(k_longest, pause * 2);
        }
        context_.console().end_progress();
    }

private:
    struct One {
        Indeterminate* lost;
        StateReader reader;
    };

    /// By the service's clock, as it was told when this was asked first.
    TimePoint service_time(BootTime time) {
        if (!zero_) {
            zero_ = context_.service_now() - context_.clock().boot_time().time_since_epoch();
            const auto client = context_.client();
            lead_ = client ? (*client)->service_lead() : milliseconds(0);
        }
        return *zero_ + time.time_since_epoch();
    }

    /// The same, and surely no earlier.
    TimePoint missed(const Indeterminate& lost) { return service_time(lost.missed) + lead_; }

    PendingChange expected_of(const Indeterminate& lost) {
        PendingChange expected{lost.result->request->operation};
        expected.since = service_time(lost.sent_at);
        if (expected.operation == Operation::extend) {
            expected.expires = lost.result->ends;
        }
        return expected;
    }

    /// Takes a poll at all that are open.
    void poll() {
        began_ = context_.clock().boot_time();
        context_.log().info(
            concat({"looking at the state of ", std::to_string(open_.size()),
                    open_.size() == 1 ? " target" : " targets", ", to find out what came of it"}));
        std::vector<StateReader*> readers;
        readers.reserve(open_.size());
        for (One* const one : open_) {
            readers.push_back(&one->reader);
        }
        auto readings = states_.read(readers);
        std::vector<One*> left;
        for (std::size_t i = 0; i < open_.size(); ++i) {
            if (!take(*open_[i], std::move(readings[i])) && began_ < open_[i]->lost->until) {
                left.push_back(open_[i]);
            }
        }
        open_ = std::move(left);
    }

    /// True where another poll would tell nothing more.
    bool take(One& one, Result<std::optional<Access>> access) {
        Indeterminate& lost = *one.lost;
        TargetResult& result = *lost.result;
        const PendingChange expected = expected_of(lost);
        const Source source = states_.source_of(one.reader);
        const bool current = newest_.is_after(source, missed(lost)) || began_ >= lost.missed + k_index_lag;
        lost.still_on = false;
        if (!access) {
            const Error& error = access.error();
            lost.unreadable = concat({"its state cannot be read: ", error.message});
            lost.fate = Indeterminate::Resolution::unknown;
            return is_under_way(lost, expected, std::nullopt) || !is_transient(error);
        }
        lost.unreadable.clear();
        lost.fate =
            current ? Indeterminate::Resolution::not_carried_out : Indeterminate::Resolution::not_shown;
        if (!*access) {
            const bool not_mine = !result.error->uncertain && !lost.started; // it was just refused
            return is_under_way(lost, expected, std::nullopt) || current || not_mine;
        }
        // Where the list tells no times, access that is active at last is what was asked for.
        const bool active_by_now =
            current && expected.operation == Operation::activate && matches(**access, expected);
        if (active_by_now || shows_that_it_was_done(**access, lost, expected, source)) {
            result.seen = std::move(*access);
            carried_out(lost, expected);
            return true;
        }
        lost.still_on = sailpoint::is_running((*access)->phase);
        if (expected.operation == Operation::extend) {
            result.seen = std::move(*access);
            return current ||
                   !expected.expires; // without the end before it, no poll tells more than the first
        }
        if (expected.operation == Operation::activate && lost.still_on) {
            lost.fate = Indeterminate::Resolution::not_shown; // of another activation, and a second one would
                                                              // be refused
        }
        return is_under_way(lost, expected, **access) || current;
    }

    [[nodiscard]] bool shows_that_it_was_done(const Access& access, const Indeterminate& lost,
                                              const PendingChange& expected, Source source) const {
        switch (expected.operation) {
        case Operation::activate:
            return reflects(access, expected);
        case Operation::extend:
            return expected.expires && access.expires && reflects(access, expected);
        case Operation::deactivate:
            break;
        }
        if (sailpoint::is_running(access.phase)) {
            return false;
        }
        const auto& started = lost.started;
        const bool ended_since = reflects(access, expected) && (!started || access.latest > started);
        const bool of_that_start = started && access.activated && *access.activated >= *started - k_tolerance;
        const auto since = must_know_of(lost, expected);
        return ended_since || of_that_start || !since || newest_.is_after(source, *since);
    }

    /// What a list must know of for it to be believed that it shows no access.
    static std::optional<TimePoint> must_know_of(const Indeterminate& lost, const PendingChange& expected) {
        return lost.started || !lost.result->error->uncertain ? lost.started : expected.since;
    }

    /// Whether an activate was refused because one is under way: that is the one whose answer was lost,
    /// unless the state shows another.
    bool is_under_way(Indeterminate& lost, const PendingChange& expected,
                      const std::optional<Access>& access) {
        if (!lost.result->error->already_under_way || (access && sailpoint::is_running(access->phase))) {
            return false;
        }
        carried_out(lost, expected);
        return true;
    }

    void carried_out(Indeterminate& lost, const PendingChange& expected) {
        TargetResult& result = *lost.result;
        lost.fate = Indeterminate::Resolution::carried_out;
        const bool uncertain = result.error->uncertain;
        const bool seen_done = result.seen && reflects(*result.seen, expected);
        result.was_active = expected.operation != Operation::deactivate || (uncertain && seen_done);
        result.answer = acceptance_of(result);
        result.error.reset();
        if (uncertain) {
            context_.log().warn(
                concat({"the answer to ", sailpoint::operation_name(expected.operation), " of ",
                        result.target.title(), " was lost; ",
                        !result.seen        ? "it is under way, as the service says"
                        : result.was_active ? "its state shows that it was carried out"
                                            : "its state shows that nothing is active there"}));
        }
    }

    /// Reads what is newest in the lists that were looked at, where that could tell more than time alone.
    /// True where one is now known to know what it was not known to before.
    bool has_caught_up() {
        bool caught_up = false;
        for (const Source source : {Source::history, Source::connections}) {
            std::vector<TimePoint> wanted;
            for (const One* const one : open_) {
                if (states_.source_of(one->reader) != source || !one->lost->unreadable.empty()) {
                    continue;
                }
                wanted.push_back(missed(*one->lost));
                if (const auto since = must_know_of(*one->lost, expected_of(*one->lost))) {
                    wanted.push_back(*since);
                }
            }
            const auto is_known = [this, source](TimePoint time) { return newest_.is_after(source, time); };
            wanted.erase(std::remove_if(wanted.begin(), wanted.end(), is_known), wanted.end());
            if (!wanted.empty() && !context_.interrupted()) {
                newest_.read(source, *std::min_element(wanted.begin(), wanted.end()));
                caught_up = std::any_of(wanted.begin(), wanted.end(), is_known) || caught_up;
            }
        }
        return caught_up;
    }

    /// Waits for the next poll, or for an interrupt.
    void wait(milliseconds pause) {
        const auto sooner = [](const One* a, const One* b) { return a->lost->until < b->lost->until; };
        const Indeterminate& first = *(*std::min_element(open_.begin(), open_.end(), sooner))->lost;
        const Indeterminate& last = *(*std::max_element(open_.begin(), open_.end(), sooner))->lost;
        const BootTime next = std::min(context_.clock().boot_time() + pause, first.until);
        const TargetResult& result = *last.result;
        const bool one = open_.size() == 1;
        const std::string what =
            concat({"looking for what became of ", sailpoint::operation_name(result.request->operation),
                    " of ", one ? result.target.title() : concat({std::to_string(open_.size()), " targets"}),
                    !result.error->uncertain ? ", which was refused"
                    : one                    ? ", whose answer was lost"
                                             : ", whose answers were lost"});
        const milliseconds step = context_.shows_progress() ? milliseconds(1000) : pause;
        do {
            const BootTime now = context_.clock().boot_time();
            if (context_.shows_progress()) {
                context_.console().progress(
                    concat({"at most ", duration_words(last.until - now), ": ", what}), what);
            }
            (void)context_.clock().sleep(std::clamp<milliseconds>(next - now, milliseconds(0), step));
        } while (context_.clock().boot_time() < next && !context_.interrupted());
    }

    Context& context_;
    BatchStateReader states_;
    Newest newest_;
    std::vector<One> all_;
    std::vector<One*> open_;        ///< those of which more polls may tell more
    BootTime began_;                ///< of the last poll
    std::optional<TimePoint> zero_; ///< when the boot clock was at zero, by the service's clock
    milliseconds lead_{0};
};

} // namespace

void reconcile(Context& context, std::vector<Indeterminate>& lost) {
    Finder(context, lost).run();
}

} // namespace jit::access
