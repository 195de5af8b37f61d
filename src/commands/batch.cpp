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

/// The end that an extend leads to, where the end before it is known.
std::optional<TimePoint> extended(const app::Context& context, const app::KnownAccesses& known,
                                  const Outcome& outcome) {
    // The list may be older than what was done from here, so the later end counts.
    std::optional<TimePoint> before;
    if (outcome.target.entry) {
        before = app::expiry_of(*outcome.target.entry, context.service_now());
    }
    if (const app::KnownAccess* const access = known.find(outcome.target.connection)) {
        before = std::max(before, access->expires);
    }
    if (before) {
        *before += std::chrono::minutes(outcome.request->minutes);
    }
    return before;
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
        std::optional<Error> lost = {}; ///< of the try before, which may have been carried out after all
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
        return {number, *job.outcome.request};
    }

    void done(std::size_t number, Result<sailpoint::Acceptance> result) override {
        Job& job = jobs_.at(number);
        Outcome& outcome = job.outcome;
        if (result) {
            outcome.error.reset();
            outcome.answer = *std::move(result);
            if (outcome.answer->by_state) {
                context_.log().warn(
                    cat({"an answer to ", sailpoint::operation_name(outcome.request->operation), " of ",
                         outcome.target.title(), " was lost; nothing is running there now"}));
            }
            finish(number);
            return;
        }
        outcome.error = std::move(result).error();
        // What this try has met says nothing of the one before; that it is refused may be because of it.
        const bool given_up = outcome.error->code == ExitCode::interrupted;
        if ((outcome.error->uncertain || job.lost) && !given_up) {
            lost_.push_back(number);
        } else {
            if (job.lost) {
                outcome.error = job.lost;
                outcome.error->code = ExitCode::interrupted;
            }
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

    /// Finds out what became of those whose answer was lost.
    void settle() {
        std::vector<Lost> lost;
        for (const std::size_t number : lost_) {
            Job& job = jobs_.at(number);
            lost.push_back({&job.outcome, job.asked});
        }
        if (interrupted_ == 0) {
            find_out(context_, lost);
            interrupted_ = context_.interrupt().signal();
        }
        for (std::size_t i = 0; i < lost.size(); ++i) {
            const std::size_t number = lost_[i];
            Job& job = jobs_.at(number);
            if (lost[i].fate == Lost::Fate::not_carried_out && may_be_sent_again(job)) {
                context_.log().info(cat({job.outcome.target.title(),
                                         ": its state shows that it was not carried out; sending it again"}));
                job.lost = job.outcome.error;
                again_.push_back(number);
                continue;
            }
            if (job.lost && job.outcome.error && lost[i].fate == Lost::Fate::unknown) {
                job.outcome.error = job.lost;
            }
            if (job.outcome.error) {
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

    [[nodiscard]] bool may_be_sent_again(const Job& job) const {
        return job.outcome.request->operation == Operation::activate && job.outcome.error &&
               job.outcome.error->code == ExitCode::unknown_outcome && job.tries <= context_.retries() &&
               !is_ended();
    }

    /// Adds what the look at the state has told.
    void explain(const Lost& lost, Outcome& outcome) const {
        Error& error = *outcome.error;
        if (!error.uncertain) {
            return;
        }
        if (interrupted_ != 0) {
            error.code = ExitCode::interrupted;
            return;
        }
        if (!lost.unreadable.empty()) {
            error.message += cat({"; ", lost.unreadable});
            return;
        }
        if (outcome.request->operation == Operation::extend && outcome.seen && outcome.seen->expires) {
            error.message +=
                cat({"; access now ends ", context_.time_cell(format_rfc3339(*outcome.seen->expires)),
                     lost.fate == Lost::Fate::carried_out ? ", so it was carried out"
                     : outcome.ends                       ? ", so by the list it was not carried out"
                                                          : ", by the list, which may lag behind"});
            return;
        }
        if (lost.fate == Lost::Fate::not_carried_out) {
            error.message += "; its state shows nothing of it so far";
        }
    }

    void finish(std::size_t number) { finish(number, std::move(jobs_.extract(number).mapped().outcome)); }

    void finish(std::size_t number, Outcome outcome) {
        if (outcome.answer) {
            complete(outcome);
        } else if (outcome.error && outcome.request && work_.size() == 1) {
            app::explain_refusal(context_, outcome.target,
                                 sailpoint::operation_name(outcome.request->operation), *outcome.error);
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
        }
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
    access.asked = context.now();
    access.since = parse_rfc3339(outcome.answer->start_time);
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
