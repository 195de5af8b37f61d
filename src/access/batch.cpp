#include "access/batch.hpp"

#include "access/access_cache.hpp"
#include "access/reconcile.hpp"
#include "sailpoint/operations.hpp"
#include "util/duration.hpp"
#include "util/text.hpp"

#include <algorithm>
#include <chrono>
#include <map>
#include <utility>

namespace jit::access {
namespace {

using sailpoint::Operation;
using sailpoint::OperationRequest;
using sailpoint::Phase;
using std::chrono::milliseconds;
using std::chrono::seconds;

/// The end that an extend leads to, where the end before it is known.
std::optional<TimePoint> extended(const Context& context, const AccessCache& known,
                                  const TargetResult& result) {
    // The list may be older than what was done from here, so the later end counts.
    std::optional<TimePoint> before = result.end_before;
    if (result.target.entry) {
        before = std::max(before, expiry_of(*result.target.entry, context.service_now()));
    }
    if (const AccessRecord* const access = known.find(result.target.connection)) {
        before = std::max(before, access->expires);
    }
    if (before) {
        *before += std::chrono::minutes(result.request->minutes);
    }
    return before;
}

/// How far it has come, for a person at a terminal.
class Progress {
public:
    Progress(Context& context, std::size_t size)
        : context_(context), size_(size), shown_(size > 1 && context.shows_progress()) {}

    [[nodiscard]] std::optional<milliseconds> tick() const {
        return shown_ ? std::optional(k_tick) : std::nullopt;
    }

    void show(std::size_t done, std::size_t failed, bool interrupted) {
        const MonotonicTime now = context_.clock().monotonic_time();
        if (!shown_ || (last_ && now - *last_ < k_tick)) {
            return;
        }
        last_ = now;
        constexpr std::size_t k_width = 20;
        const std::size_t full = done * k_width / size_;
        std::string text = concat({"[", std::string(full, '#'), std::string(k_width - full, '.'), "] ",
                                   std::to_string(done), " of ", std::to_string(size_)});
        if (failed > 0) {
            text += concat({", ", std::to_string(failed), " failed"});
        }
        if (interrupted) {
            text += "; interrupted, waiting for the answers to what was sent";
        } else if (const auto until = context_.limited_until()) {
            text += concat(
                {"; waiting for the rate limit, in ", duration_words(*until - context_.clock().boot_time())});
        }
        context_.console().progress(text, concat({"sending ", std::to_string(size_), " requests"}));
    }

private:
    static constexpr milliseconds k_tick{100};

    Context& context_;
    std::size_t size_;
    bool shown_;
    std::optional<MonotonicTime> last_ = {};
};

class Sender {
public:
    Sender(Context& context, BatchSource& work, const BatchOptions& manner)
        : context_(context), work_(work), manner_(manner), progress_(context, work.size()) {}

    [[nodiscard]] bool run(sailpoint::Client& client) {
        do {
            send_all(client);
            wait_for_consistency();
        } while (!again_.empty());
        while (given_ < work_.size()) {
            const std::size_t number = given_++;
            TargetResult result = work_.next();
            if (result.request && !result.error) {
                result.error = not_sent(result);
                result.aborted_by_peer = interrupted_ == 0;
            }
            work_.done(number, std::move(result));
        }
        note();
        if (interrupted_ != 0) {
            context_.interrupt().raise(interrupted_); // the caller ends, after the batch
        }
        return interrupted_ == 0;
    }

private:
    struct Job {
        TargetResult result;
        BootTime sent_at; ///< when it was sent first
        int tries = 0;
        bool lost = false;    ///< nobody knows what became of a try
        BootTime missed = {}; ///< when the last answer came, or was given up
    };

    void send_all(sailpoint::Client& client) {
        sailpoint::Operations operations(client);
        while (send_next(operations)) {
            if (auto done = operations.wait(progress_.tick())) {
                take(*std::move(done));
            }
            if (context_.interrupted()) {
                take_interrupt(operations);
            }
            progress_.show(done_, failed_, interrupted_ != 0);
            if (is_ended()) {
                operations.stop_sending();
            }
        }
    }

    /// Sends as many as may be under way. False where there are none.
    bool send_next(sailpoint::Operations& operations) {
        while (operations.size() < manner_.parallel) {
            const auto number = next();
            if (!number) {
                break;
            }
            Job& job = jobs_.at(*number);
            ++job.tries;
            operations.begin(*number, *job.result.request, job.lost);
        }
        return operations.size() != 0;
    }

    /// The next one to be sent, if there is one.
    std::optional<std::size_t> next() {
        if (!again_.empty() && !is_ended()) {
            const std::size_t number = again_.back();
            again_.pop_back();
            return number;
        }
        while (given_ < work_.size() && !is_ended()) {
            const std::size_t number = given_++;
            TargetResult result = work_.next();
            if (!result.request || result.error) {
                finish(number, std::move(result));
                continue;
            }
            if (result.request->operation == Operation::extend) {
                result.ends = extended(context_, known(), result);
            }
            jobs_.insert({number, Job{std::move(result), context_.clock().boot_time()}});
            return number;
        }
        return std::nullopt;
    }

    void take(sailpoint::Operations::Done done) {
        const std::size_t number = done.number;
        auto& answer = done.result;
        Job& job = jobs_.at(number);
        TargetResult& result = job.result;
        if (answer) {
            result.error.reset();
            result.answer = *std::move(answer);
            finish(number);
            return;
        }
        result.error = std::move(answer).error();
        job.missed = context_.clock().boot_time();
        job.lost = job.lost || result.error->uncertain;
        const bool refused_end = result.request->operation == Operation::deactivate &&
                                 result.error->refusal && result.error->kind == ErrorKind::refused;
        if (result.error->kind != ErrorKind::interrupted && (result.error->uncertain || refused_end)) {
            lost_.push_back(number);
        } else {
            finish(number);
        }
    }

    /// The first interrupt ends the sending, the second one the waiting; so does the first where there is a
    /// single target.
    void take_interrupt(sailpoint::Operations& operations) {
        const bool is_second = interrupted_ != 0;
        interrupted_ = context_.interrupt().signal();
        if (is_second || work_.size() == 1) {
            for (auto& done : operations.abandon()) {
                take(std::move(done));
            }
            return;
        }
        context_.interrupt().clear(); // the next one is another wish
        context_.log().note("interrupted: waiting for the answers to what was sent; once more gives up");
    }

    [[nodiscard]] bool is_ended() const {
        return interrupted_ != 0 || (manner_.all_or_nothing && failed_ > 0);
    }

    /// Finds out what became of those whose answer does not tell.
    void wait_for_consistency() {
        std::vector<Indeterminate> lost;
        for (const std::size_t number : lost_) {
            lost.push_back(lost_of(jobs_.at(number)));
        }
        if (interrupted_ == 0) {
            reconcile(context_, lost);
            interrupted_ = context_.interrupt().signal();
        }
        for (std::size_t i = 0; i < lost.size(); ++i) {
            const std::size_t number = lost_[i];
            Job& job = jobs_.at(number);
            if (may_be_sent_again(job, lost[i].fate)) {
                context_.log().info(concat({job.result.target.title(), ": sending it again"}));
                again_.push_back(number);
                continue;
            }
            if (job.result.error) {
                job.result.disproved = lost[i].fate == Indeterminate::Resolution::not_carried_out;
                explain(lost[i], job.result);
            }
            finish(number);
        }
        lost_.clear();
        if (is_ended()) {
            for (const std::size_t number : std::exchange(again_, {})) {
                finish(number);
            }
        }
    }

    [[nodiscard]] Indeterminate lost_of(Job& job) {
        Indeterminate lost{&job.result, job.sent_at, job.missed, job.missed + k_index_lag};
        if (job.result.request->operation != Operation::deactivate) {
            return lost;
        }
        const AccessRecord* const access = known().find(job.result.target.connection);
        const bool recent = access != nullptr && access->operation && access->sent_at &&
                            *access->sent_at + k_index_lag > context_.service_now();
        const bool ended_here = recent && *access->operation == Operation::deactivate;
        if (recent && !ended_here) {
            lost.started = access->since.value_or(context_.service_now());
        }
        lost.started = std::max(lost.started, job.result.started);
        if (may_be_repeated(job)) { // which tells more than waiting
            constexpr milliseconds k_first(500);
            lost.until =
                context_.clock().boot_time() + k_first * (1U << static_cast<unsigned>(job.tries - 1));
        } else if (!job.lost && !lost.started && !ended_here) {
            constexpr seconds k_few(5); // a refusal, and a list that shows access: likely just that
            lost.until = job.missed + k_few;
        }
        return lost;
    }

    [[nodiscard]] bool may_be_sent_again(const Job& job, Indeterminate::Resolution fate) const {
        if (!job.result.error || job.tries > context_.retries() || is_ended()) {
            return false;
        }
        switch (job.result.request->operation) {
        case Operation::activate: // only by proof, and not after a refusal, which another try would meet, too
            return fate == Indeterminate::Resolution::not_carried_out && !job.result.error->refusal &&
                   job.result.error->kind == ErrorKind::unknown_outcome;
        case Operation::deactivate:
            return may_be_repeated(job) && (fate == Indeterminate::Resolution::not_carried_out ||
                                            fate == Indeterminate::Resolution::not_shown);
        case Operation::extend:
            break;
        }
        return false;
    }

    /// Whether a deactivate that was refused is sent again while the list does not show that access is over.
    [[nodiscard]] bool may_be_repeated(const Job& job) const {
        return (job.lost || job.result.started) && job.result.error->refusal &&
               job.tries <= context_.retries() && !is_ended();
    }

    /// Adds what the poll at the state has told.
    void explain(const Indeterminate& lost, TargetResult& result) const {
        Error& error = *result.error;
        if (interrupted_ != 0) {
            error.kind = error.uncertain ? ErrorKind::interrupted : error.kind;
            return;
        }
        if (!lost.unreadable.empty()) {
            error.message += concat({"; ", lost.unreadable});
        } else if (result.request->operation == Operation::extend) {
            if (result.seen && result.seen->expires) {
                const bool as_before =
                    result.ends &&
                    *result.seen->expires <= *result.ends - std::chrono::minutes(result.request->minutes);
                error.message +=
                    concat({"; by the list, access ends ", context_.time_words(*result.seen->expires),
                            as_before ? ", as before" : ""});
            }
        } else if (lost.still_on && result.request->operation == Operation::deactivate) {
            error.message += "; the list shows that it is active or starting";
        } else if (error.uncertain && lost.fate != Indeterminate::Resolution::unknown) {
            error.message += "; its state shows nothing of it so far";
        }
    }

    void finish(std::size_t number) {
        Job job = std::move(jobs_.extract(number).mapped());
        job.result.sent_at = context_.service_now() - (context_.clock().boot_time() - job.sent_at);
        finish(number, std::move(job.result));
    }

    void finish(std::size_t number, TargetResult result) {
        if (result.answer) {
            complete(result);
        } else if (result.error && result.request) {
            explain_refusal(context_, result.target, sailpoint::operation_name(result.request->operation),
                            *result.error, work_.size() == 1 && interrupted_ == 0);
        }
        ++done_;
        failed_ += std::size_t{result.error.has_value()};
        work_.done(number, std::move(result));
    }

    /// Works out what follows from the answer, and has it noted.
    void complete(TargetResult& result) {
        const OperationRequest& request = *result.request;
        if (request.operation == Operation::activate) {
            result.ends = sailpoint::expiry_of(*result.answer);
        } else if (request.operation == Operation::extend && result.ends) {
            *result.ends -= std::chrono::minutes(request.minutes - granted_minutes(result));
        }
        tell(result);
        if (sailpoint::is_failed(request.operation, result.answer->status)) {
            result.error =
                Error{ErrorKind::not_provisioned,
                      concat({sailpoint::operation_name(request.operation), " of ", result.target.title(),
                              " was accepted, but has ended in ", result.answer->status}),
                      concat({"jit history -e ", result.target.connection.str(),
                              " --detail shows what is known of it"})};
        }
        constexpr std::size_t k_enough = 500;
        notes_.push_back(record_of_access(context_, result));
        if (notes_.size() >= k_enough) {
            note();
        }
    }

    /// Tells what the answer says beside that it is done.
    void tell(const TargetResult& result) {
        const std::int32_t granted = granted_minutes(result);
        if (granted < result.request->minutes) {
            context_.log().warn(concat({result.target.title(), ": ", std::to_string(granted), " of the ",
                                        std::to_string(result.request->minutes),
                                        " minutes that were asked for were granted"}));
        }
        if (!result.was_active && !result.started && work_.size() == 1) {
            context_.log().note(concat({result.target.title(), " was not active; nothing to end"}));
        }
    }

    void note() {
        if (!notes_.empty()) {
            AccessCache::record(context_, std::exchange(notes_, {}));
        }
    }

    const AccessCache& known() {
        if (!known_) {
            auto known = AccessCache::load(context_);
            known_ = known ? *std::move(known) : AccessCache();
        }
        return *known_;
    }

    [[nodiscard]] Error not_sent(const TargetResult& result) const {
        return interrupted_ != 0
                   ? Error{ErrorKind::interrupted,
                           concat({result.target.title(), ": interrupted; nothing was sent"})}
                   : Error{ErrorKind::partial,
                           concat({result.target.title(), ": nothing was sent, since another one failed"})};
    }

    Context& context_;
    BatchSource& work_;
    const BatchOptions& manner_;
    Progress progress_;
    std::optional<AccessCache> known_;
    std::size_t given_ = 0;           ///< how many `work_` has given
    std::map<std::size_t, Job> jobs_; ///< what is under way
    std::vector<std::size_t> lost_;   ///< those of which nobody knows what became of them
    std::vector<std::size_t> again_;  ///< those to be sent once more
    std::vector<AccessRecord> notes_;
    std::size_t done_ = 0;
    std::size_t failed_ = 0;
    int interrupted_ = 0; ///< the signal
};

/// What is in a list already.
class ListedWork final : public BatchSource {
public:
    explicit ListedWork(std::vector<TargetResult>& results) : outcomes_(results) {}

    [[nodiscard]] std::size_t size() const override { return outcomes_.size(); }
    [[nodiscard]] TargetResult next() override { return std::move(outcomes_[next_++]); }
    void done(std::size_t number, TargetResult result) override { outcomes_[number] = std::move(result); }

private:
    std::vector<TargetResult>& outcomes_;
    std::size_t next_ = 0;
};

} // namespace

AccessRecord record_of_access(const Context& context, const TargetResult& result) {
    const OperationRequest& request = *result.request;
    AccessRecord access{result.target.connection, result.target.title()};
    access.operation = request.operation;
    access.sent_at = context.service_now();
    access.since = started_at(result);
    const bool failed = result.error && result.error->kind == ErrorKind::not_provisioned;
    access.phase = failed                                       ? Phase::failed
                   : result.seen                                ? result.seen->phase
                   : request.operation == Operation::deactivate ? Phase::ending
                   : request.operation == Operation::extend     ? Phase::active
                                                                : Phase::starting;
    access.expires = failed                                ? std::nullopt
                     : result.seen && result.seen->expires ? result.seen->expires
                                                           : result.ends;
    return access;
}

bool run_batch(Context& context, BatchSource& work, const BatchOptions& manner) {
    auto client = context.client();
    if (client) {
        return Sender(context, work, manner).run(**client);
    }
    for (std::size_t number = 0; number < work.size(); ++number) {
        TargetResult result = work.next();
        if (result.request && !result.error) {
            result.error = client.error();
        }
        work.done(number, std::move(result));
    }
    return true;
}

bool run_batch(Context& context, std::vector<TargetResult>& results, const BatchOptions& manner) {
    ListedWork work(results);
    return run_batch(context, work, manner);
}

void run_batch(Context& context, TargetResult& result) {
    std::vector<TargetResult> one{std::move(result)};
    (void)run_batch(context, one, {});
    result = std::move(one.front());
}

} // namespace jit::access
