#include "commands/batch.hpp"

#include "app/known_access.hpp"
#include "base/duration.hpp"
#include "base/text.hpp"
#include "commands/recovery.hpp"
#include "sailpoint/client.hpp"

#include <algorithm>
#include <chrono>
#include <map>
#include <utility>

namespace jit::commands {
namespace {

using sailpoint::Operation;
using sailpoint::OperationRequest;
using sailpoint::Phase;
using std::chrono::milliseconds;
using std::chrono::seconds;

/// The end that an extend leads to, where the end before it is known.
std::optional<TimePoint> extended(const app::Context& context, const app::KnownAccesses& known,
                                  const Outcome& outcome) {
    // The list may be older than what was done from here, so the later end counts.
    std::optional<TimePoint> before = outcome.end_before;
    if (outcome.target.entry) {
        before = std::max(before, app::expiry_of(*outcome.target.entry, context.service_now()));
    }
    if (const app::KnownAccess* const access = known.find(outcome.target.connection)) {
        before = std::max(before, access->expires);
    }
    if (before) {
        *before += std::chrono::minutes(outcome.request->minutes);
    }
    return before;
}

/// Whether the service said no: neither that it cannot tell, nor to come back later.
bool is_refusal(const Error& error) {
    constexpr int k_bad_request = 400;
    constexpr int k_too_many = 429;
    constexpr int k_server_fault = 500;
    return error.http_status && *error.http_status >= k_bad_request && *error.http_status < k_server_fault &&
           *error.http_status != k_too_many;
}

/// How far it has come, for a person at a terminal.
class Progress {
public:
    Progress(app::Context& context, std::size_t size)
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
        std::string text = cat({"[", std::string(full, '#'), std::string(k_width - full, '.'), "] ",
                                std::to_string(done), " of ", std::to_string(size_)});
        if (failed > 0) {
            text += cat({", ", std::to_string(failed), " failed"});
        }
        if (interrupted) {
            text += "; interrupted, waiting for the answers to what was sent";
        } else if (const auto until = context_.limited_until()) {
            text += cat(
                {"; waiting for the rate limit, in ", duration_words(*until - context_.clock().boot_time())});
        }
        context_.console().progress(text, cat({"sending ", std::to_string(size_), " requests"}));
    }

    void end() {
        if (shown_) {
            context_.console().end_progress();
        }
    }

private:
    static constexpr milliseconds k_tick{100};

    app::Context& context_;
    std::size_t size_;
    bool shown_;
    std::optional<MonotonicTime> last_ = {};
};

class Sender final : public sailpoint::Feed {
public:
    Sender(app::Context& context, Work& work, const Manner& manner)
        : context_(context), work_(work), manner_(manner), progress_(context, work.size()) {}

    [[nodiscard]] bool run(sailpoint::Client& client) {
        do {
            client.start_all(*this, manner_.parallel, progress_.tick());
            settle();
        } while (!again_.empty());
        progress_.end();
        while (given_ < work_.size()) {
            const std::size_t number = given_++;
            Outcome outcome = work_.next();
            if (outcome.request && !outcome.error) {
                outcome.error = not_sent(outcome);
                outcome.collateral = interrupted_ == 0;
            }
            work_.done(number, std::move(outcome));
        }
        note();
        if (interrupted_ != 0 && !context_.interrupted()) {
            context_.interrupt().raise(interrupted_); // it is whoever called that ends
        }
        return interrupted_ == 0;
    }

private:
    struct Job {
        Outcome outcome;
        BootTime asked; ///< when it was sent first
        int tries = 0;
        bool lost = false;    ///< nobody knows what became of a try
        BootTime missed = {}; ///< when the last answer came, or was given up
    };

    std::optional<Item> next() override {
        while (!again_.empty() && !is_ended()) {
            const std::size_t number = again_.back();
            again_.pop_back();
            return send(number);
        }
        while (given_ < work_.size() && !is_ended()) {
            const std::size_t number = given_++;
            Outcome outcome = work_.next();
            if (!outcome.request || outcome.error) {
                finish(number, std::move(outcome));
                continue;
            }
            if (outcome.request->operation == Operation::extend) {
                outcome.ends = extended(context_, known(), outcome);
            }
            jobs_.insert({number, Job{std::move(outcome), context_.clock().boot_time()}});
            return send(number);
        }
        return std::nullopt;
    }

    Item send(std::size_t number) {
        Job& job = jobs_.at(number);
        ++job.tries;
        return {number, *job.outcome.request, job.lost};
    }

    void done(std::size_t number, Result<sailpoint::Acceptance> result) override {
        Job& job = jobs_.at(number);
        Outcome& outcome = job.outcome;
        if (result) {
            outcome.error.reset();
            outcome.answer = *std::move(result);
            finish(number);
            return;
        }
        outcome.error = std::move(result).error();
        job.missed = context_.clock().boot_time();
        job.lost = job.lost || outcome.error->uncertain;
        const bool refused_end = outcome.request->operation == Operation::deactivate &&
                                 is_refusal(*outcome.error) && outcome.error->code == ExitCode::refused;
        if (outcome.error->code != ExitCode::interrupted && (outcome.error->uncertain || refused_end)) {
            lost_.push_back(number);
        } else {
            finish(number);
        }
    }

    Wish wish() override {
        if (context_.interrupted()) {
            const bool again = interrupted_ != 0;
            interrupted_ = context_.interrupt().signal();
            if (again || work_.size() == 1) {
                return Wish::give_up;
            }
            context_.interrupt().clear(); // the next one is another wish
            context_.log().note("interrupted: waiting for the answers to what was sent; once more gives up");
        }
        progress_.show(done_, failed_, interrupted_ != 0);
        return is_ended() ? Wish::stop : Wish::go_on;
    }

    [[nodiscard]] bool is_ended() const {
        return interrupted_ != 0 || (manner_.all_or_nothing && failed_ > 0);
    }

    /// Finds out what became of those whose answer does not tell.
    void settle() {
        std::vector<Lost> lost;
        for (const std::size_t number : lost_) {
            lost.push_back(lost_of(jobs_.at(number)));
        }
        if (interrupted_ == 0) {
            find_out(context_, lost);
            interrupted_ = context_.interrupt().signal();
        }
        for (std::size_t i = 0; i < lost.size(); ++i) {
            const std::size_t number = lost_[i];
            Job& job = jobs_.at(number);
            if (may_be_sent_again(job, lost[i].fate)) {
                context_.log().info(cat({job.outcome.target.title(), ": sending it again"}));
                again_.push_back(number);
                continue;
            }
            if (job.outcome.error) {
                job.outcome.disproved = lost[i].fate == Lost::Fate::not_carried_out;
                explain(lost[i], job.outcome);
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

    [[nodiscard]] Lost lost_of(Job& job) {
        Lost lost{&job.outcome, job.asked, job.missed, job.missed + app::k_lag};
        if (job.outcome.request->operation != Operation::deactivate) {
            return lost;
        }
        const app::KnownAccess* const access = known().find(job.outcome.target.connection);
        const bool recent = access != nullptr && access->operation && access->asked &&
                            *access->asked + app::k_lag > context_.service_now();
        const bool ended_here = recent && *access->operation == Operation::deactivate;
        if (recent && !ended_here) {
            lost.started = access->since.value_or(context_.service_now());
        }
        lost.started = std::max(lost.started, job.outcome.started);
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

    [[nodiscard]] bool may_be_sent_again(const Job& job, Lost::Fate fate) const {
        if (!job.outcome.error || job.tries > context_.retries() || is_ended()) {
            return false;
        }
        switch (job.outcome.request->operation) {
        case Operation::activate: // only by proof, and not after a refusal, which another try would meet, too
            return fate == Lost::Fate::not_carried_out && !is_refusal(*job.outcome.error) &&
                   job.outcome.error->code == ExitCode::unknown_outcome;
        case Operation::deactivate:
            return may_be_repeated(job) &&
                   (fate == Lost::Fate::not_carried_out || fate == Lost::Fate::not_shown);
        case Operation::extend:
            break;
        }
        return false;
    }

    /// Whether a deactivate that was refused is sent again while the list does not show that access is over.
    [[nodiscard]] bool may_be_repeated(const Job& job) const {
        return (job.lost || job.outcome.started) && is_refusal(*job.outcome.error) &&
               job.tries <= context_.retries() && !is_ended();
    }

    /// Adds what the look at the state has told.
    void explain(const Lost& lost, Outcome& outcome) const {
        Error& error = *outcome.error;
        if (interrupted_ != 0) {
            error.code = error.uncertain ? ExitCode::interrupted : error.code;
            return;
        }
        if (!lost.unreadable.empty()) {
            error.message += cat({"; ", lost.unreadable});
        } else if (outcome.request->operation == Operation::extend) {
            if (outcome.seen && outcome.seen->expires) {
                const bool as_before =
                    outcome.ends &&
                    *outcome.seen->expires <= *outcome.ends - std::chrono::minutes(outcome.request->minutes);
                error.message += cat({"; by the list, access ends ",
                                      context_.time_cell(format_rfc3339(*outcome.seen->expires)),
                                      as_before ? ", as before" : ""});
            }
        } else if (lost.still_on && outcome.request->operation == Operation::deactivate) {
            error.message += "; its state shows that it is active, or on its way";
        } else if (error.uncertain && lost.fate != Lost::Fate::unknown) {
            error.message += "; its state shows nothing of it so far";
        }
    }

    void finish(std::size_t number) {
        Job job = std::move(jobs_.extract(number).mapped());
        job.outcome.asked = context_.service_now() - (context_.clock().boot_time() - job.asked);
        finish(number, std::move(job.outcome));
    }

    void finish(std::size_t number, Outcome outcome) {
        if (outcome.answer) {
            complete(outcome);
        } else if (outcome.error && outcome.request) {
            app::explain_refusal(context_, outcome.target,
                                 sailpoint::operation_name(outcome.request->operation), *outcome.error,
                                 work_.size() == 1 && interrupted_ == 0);
        }
        ++done_;
        failed_ += std::size_t{outcome.error.has_value()};
        work_.done(number, std::move(outcome));
    }

    /// Works out what follows from the answer, and has it noted.
    void complete(Outcome& outcome) {
        const OperationRequest& request = *outcome.request;
        if (request.operation == Operation::activate) {
            outcome.ends = sailpoint::expiry_of(*outcome.answer);
        } else if (request.operation == Operation::extend && outcome.ends) {
            *outcome.ends -= std::chrono::minutes(request.minutes - granted_minutes(outcome));
        }
        tell(outcome);
        if (sailpoint::is_failed(request.operation, outcome.answer->status)) {
            outcome.error =
                Error{ExitCode::not_provisioned,
                      cat({sailpoint::operation_name(request.operation), " of ", outcome.target.title(),
                           " was accepted, but has ended in ", outcome.answer->status}),
                      cat({"jit history -e ", outcome.target.connection.str(),
                           " --detail shows what is known of it"})};
        }
        constexpr std::size_t k_enough = 500;
        notes_.push_back(known_access_of(context_, outcome));
        if (notes_.size() >= k_enough) {
            note();
        }
    }

    /// Tells what the answer says beside that it is done.
    void tell(const Outcome& outcome) {
        const std::int32_t granted = granted_minutes(outcome);
        if (granted < outcome.request->minutes) {
            context_.log().warn(
                cat({outcome.target.title(), ": ", std::to_string(granted), " of the ",
                     std::to_string(outcome.request->minutes), " minutes that were asked for were granted"}));
        }
        if (!outcome.was_active && !outcome.started && work_.size() == 1) {
            context_.log().note(cat({outcome.target.title(), " was not active; nothing to end"}));
        }
    }

    void note() {
        if (!notes_.empty()) {
            app::KnownAccesses::note(context_, std::exchange(notes_, {}));
        }
    }

    const app::KnownAccesses& known() {
        if (!known_) {
            auto known = app::KnownAccesses::load(context_);
            known_ = known ? *std::move(known) : app::KnownAccesses();
        }
        return *known_;
    }

    [[nodiscard]] Error not_sent(const Outcome& outcome) const {
        return interrupted_ != 0
                   ? Error{ExitCode::interrupted,
                           cat({outcome.target.title(), ": interrupted; nothing was sent"})}
                   : Error{ExitCode::partial,
                           cat({outcome.target.title(), ": nothing was sent, since another one failed"})};
    }

    app::Context& context_;
    Work& work_;
    const Manner& manner_;
    Progress progress_;
    std::optional<app::KnownAccesses> known_;
    std::size_t given_ = 0;           ///< how many `work_` has given
    std::map<std::size_t, Job> jobs_; ///< what is under way
    std::vector<std::size_t> lost_;   ///< those of which nobody knows what became of them
    std::vector<std::size_t> again_;  ///< those to be sent once more
    std::vector<app::KnownAccess> notes_;
    std::size_t done_ = 0;
    std::size_t failed_ = 0;
    int interrupted_ = 0; ///< the signal
};

/// What is in a list already.
class ListedWork final : public Work {
public:
    explicit ListedWork(std::vector<Outcome>& outcomes) : outcomes_(outcomes) {}

    [[nodiscard]] std::size_t size() const override { return outcomes_.size(); }
    [[nodiscard]] Outcome next() override { return std::move(outcomes_[next_++]); }
    void done(std::size_t number, Outcome outcome) override { outcomes_[number] = std::move(outcome); }

private:
    std::vector<Outcome>& outcomes_;
    std::size_t next_ = 0;
};

} // namespace

app::KnownAccess known_access_of(const app::Context& context, const Outcome& outcome) {
    const OperationRequest& request = *outcome.request;
    app::KnownAccess access{outcome.target.connection, outcome.target.title()};
    access.operation = request.operation;
    access.asked = context.service_now();
    access.since = started_at(outcome);
    const bool failed = outcome.error && outcome.error->code == ExitCode::not_provisioned;
    access.phase = failed                                       ? Phase::failed
                   : outcome.seen                               ? outcome.seen->phase
                   : request.operation == Operation::deactivate ? Phase::ending
                   : request.operation == Operation::extend     ? Phase::active
                                                                : Phase::pending;
    access.expires = failed                                  ? std::nullopt
                     : outcome.seen && outcome.seen->expires ? outcome.seen->expires
                                                             : outcome.ends;
    return access;
}

bool carry_out(app::Context& context, Work& work, const Manner& manner) {
    auto client = context.client();
    if (client) {
        return Sender(context, work, manner).run(**client);
    }
    for (std::size_t number = 0; number < work.size(); ++number) {
        Outcome outcome = work.next();
        if (outcome.request && !outcome.error) {
            outcome.error = client.error();
        }
        work.done(number, std::move(outcome));
    }
    return true;
}

bool carry_out(app::Context& context, std::vector<Outcome>& outcomes, const Manner& manner) {
    ListedWork work(outcomes);
    return carry_out(context, work, manner);
}

void carry_out(app::Context& context, Outcome& outcome) {
    std::vector<Outcome> one{std::move(outcome)};
    (void)carry_out(context, one, {});
    outcome = std::move(one.front());
}

} // namespace jit::commands
