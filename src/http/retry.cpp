#include "http/retry.hpp"

#include "http/retry_after.hpp"
#include "util/text.hpp"

#include <algorithm>
#include <cmath>
#include <random>
#include <utility>

namespace jit::http {
namespace {

using std::chrono::milliseconds;

/// A wait from which on a person wonders what is going on.
constexpr milliseconds k_worth_telling{2000};
constexpr int k_too_many = 429;
constexpr int k_unavailable = 503;

std::string in_seconds(milliseconds wait) {
    const auto tenths = (wait.count() + 99) / 100;
    return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10) + " s";
}

bool is_limited(const Outcome& outcome) {
    return outcome && outcome->status == k_too_many;
}

/// Whether the service asks to come back later, and it is known that nothing was changed.
bool is_put_off(const Request& request, const Outcome& outcome) {
    const bool harmless = request.method == Method::get || request.harmless;
    return is_limited(outcome) ||
           (harmless && outcome && outcome->status == k_unavailable && outcome->header("retry-after"));
}

bool is_repeatable(const Request& request) {
    return request.method == Method::get || request.idempotent;
}

/// Whether the request reached the service, or may have, and nobody can tell what became of it.
bool is_lost(const Outcome& outcome) {
    return outcome ? outcome->status >= 500 : outcome.error().kind == Failure::Kind::no_answer;
}

/// Whether an outcome is worth another try. What is repeatable is, whatever became of it; anything else only
/// where it was certainly not carried out.
bool worth_retrying(const Request& request, const Outcome& outcome) {
    if (request.best_effort) {
        return false;
    }
    const bool not_sent =
        !outcome && outcome.error().kind == Failure::Kind::unreachable && !outcome.error().sent;
    return not_sent || is_limited(outcome) || (is_repeatable(request) && is_lost(outcome));
}

Failure interrupted(std::optional<int> status) {
    Failure failure{Failure::Kind::interrupted, false, "interrupted"};
    failure.status = status;
    return failure;
}

} // namespace

Random system_random() {
    return [] {
        std::random_device device;
        return std::uniform_real_distribution<double>(0.0, 1.0)(device);
    };
}

milliseconds RetryTransport::backoff(int attempt) {
    constexpr double k_first = 500.0;
    constexpr double k_max = 30000.0;
    const double ceiling = std::min(k_max, k_first * std::exp2(attempt));
    return milliseconds(std::llround(ceiling * random_()));
}

std::optional<BootTime> RetryTransport::paused_until() const {
    return paused_until_ > clock_.boot_time() ? std::optional(paused_until_) : std::nullopt;
}

void RetryTransport::do_begin(Ticket ticket, Request request) {
    queue_.push_back({ticket, std::move(request)});
    refuse_what_cannot_wait();
    send_what_is_due();
}

/// Where the pause is longer than may be waited for, all have the answer of the one that met it.
void RetryTransport::refuse_what_cannot_wait() {
    if (!hopeless_ || paused_until_ <= clock_.boot_time()) {
        return;
    }
    for (const Job& job : queue_) {
        Response answer = limit_;
        answer.after_ambiguous_attempt = job.lost;
        finished_.push_back({job.ticket, std::move(answer)});
    }
    queue_.clear();
}

bool RetryTransport::may_send() {
    const std::size_t most = pace_.limit() || sent_ < budget_ ? window_ : 1;
    return sending_.size() < most && pace_.allows(sending_.size(), clock_.boot_time());
}

bool RetryTransport::may_wait(BootTime until) {
    constexpr std::chrono::minutes k_forgotten{10};
    const BootTime now = clock_.boot_time();
    if (now > waited_until_ + k_forgotten) {
        waited_ = milliseconds(0);
    }
    const milliseconds more = until - std::max(now, waited_until_);
    if (more.count() <= 0) {
        return true;
    }
    if (waited_ + more > policy_.max_wait) {
        return false;
    }
    waited_ += more;
    waited_until_ = until;
    return true;
}

void RetryTransport::send_what_is_due() {
    const BootTime now = clock_.boot_time();
    if (now < paused_until_) {
        return;
    }
    while (may_send()) {
        // Those last that have been tried most, so that it is not always the same one that meets the limit.
        const auto due = std::min_element(queue_.begin(), queue_.end(), [now](const Job& a, const Job& b) {
            return std::pair(a.due > now, a.tries) < std::pair(b.due > now, b.tries);
        });
        if (due == queue_.end() || due->due > now) {
            return;
        }
        Job job = std::move(*due);
        queue_.erase(due);
        ++job.tries;
        ++sent_;
        const Ticket ticket = inner_.begin(job.request);
        sending_.insert({ticket, std::move(job)});
    }
}

/// When something can be sent that cannot be now; empty where that only takes an answer.
std::optional<BootTime> RetryTransport::next_due() const {
    std::optional<BootTime> next;
    const BootTime now = clock_.boot_time();
    const BootTime paced = std::max(paused_until_, pace_.next(now).value_or(BootTime::min()));
    for (const Job& job : queue_) {
        const BootTime due = std::max(job.due, paced);
        if (due > now) {
            next = next ? std::min(*next, due) : due;
        }
    }
    return next;
}

std::optional<Transport::Answer> RetryTransport::do_wait(std::optional<milliseconds> at_most) {
    const auto end = at_most ? std::optional(clock_.boot_time() + *at_most) : std::nullopt;
    for (;;) {
        if (!finished_.empty()) {
            Answer answer = std::move(finished_.front());
            finished_.pop_front();
            return answer;
        }
        send_what_is_due();
        const BootTime now = clock_.boot_time();
        std::optional<BootTime> wake = next_due();
        wake = wake && end ? std::min(*wake, *end) : wake ? wake : end;
        if (wake && *wake <= now) {
            return std::nullopt;
        }
        const auto pause = wake ? std::optional(std::chrono::ceil<milliseconds>(*wake - now)) : std::nullopt;
        if (!sending_.empty()) {
            if (auto answer = inner_.wait(pause)) {
                if (auto taken = take(*std::move(answer))) {
                    return taken;
                }
            } else if (!clock_.sleep(milliseconds(0))) {
                return std::nullopt; // an interrupt
            }
        } else if (!pause || !clock_.sleep(*pause)) {
            return std::nullopt;
        }
    }
}

void RetryTransport::note_answer(const Job& job, const Outcome& outcome) {
    const BootTime now = clock_.boot_time();
    const bool counted = !job.request.bearer.empty() && (outcome || outcome.error().sent);
    if (is_limited(outcome)) {
        pace_.note_refusal(now);
    } else if (counted) { // a token request is not counted by the service
        pace_.note_pass(now);
    }
    if (outcome && !is_limited(outcome) && !is_lost(outcome)) {
        note_pass();
    }
}

/// What becomes of a try: the outcome, or empty where the request is to be tried again.
std::optional<Transport::Answer> RetryTransport::take(Answer answer) {
    Job job = std::move(sending_.extract(answer.ticket).mapped());
    Outcome& outcome = answer.outcome;
    const BootTime now = clock_.boot_time();
    const bool limited = is_limited(outcome);
    const bool put_off = is_put_off(job.request, outcome);
    if (put_off) {
        job.tries -= passed_ > job.others_passed && job.tries > 1 ? 1 : 0;
        job.others_passed = passed_;
    }
    note_answer(job, outcome);
    const std::optional<milliseconds> requested_wait =
        put_off ? retry_after(*outcome, clock_.now()) : std::nullopt;
    auto wait = wait_before_retry(job, outcome, requested_wait);
    const bool known = limited && paused_until();
    const milliseconds length = wait.value_or(requested_wait.value_or(milliseconds(0)));
    const bool too_long = put_off && !may_wait(now + length);
    if (limited) {
        limit_ = *outcome;
        hopeless_ = too_long || (hopeless_ && known);
        pause(now + length);
    }
    if (too_long || (limited && hopeless_)) {
        wait.reset();
    }
    if (!wait || job.last) {
        if (wait && !is_lost(outcome)) {
            outcome = interrupted(outcome ? std::optional(outcome->status) : std::nullopt);
        }
        if (outcome) {
            outcome->after_ambiguous_attempt = job.lost;
        } else {
            outcome.error().sent = outcome.error().sent || job.lost;
        }
        return Answer{job.ticket, std::move(outcome)};
    }
    tell(job, outcome, *wait, known);
    job.lost = job.lost || is_lost(outcome);
    job.status = outcome ? std::optional(outcome->status) : std::nullopt;
    job.due = now + *wait;
    queue_.push_back(std::move(job));
    return std::nullopt;
}

void RetryTransport::note_pass() {
    ++passed_;
    window_ = std::min(k_all, window_ * 2);
    if (passed_ > budget_) {
        budget_ *= 2; // the limit is not where it was thought to be
    }
}

void RetryTransport::pause(BootTime until) {
    paused_until_ = std::max(paused_until_, until);
    window_ = 1;
    refuse_what_cannot_wait();
}

std::optional<milliseconds> RetryTransport::wait_before_retry(const Job& job, const Outcome& outcome,
                                                              std::optional<milliseconds> requested_wait) {
    if (!worth_retrying(job.request, outcome) || job.tries > policy_.retries) {
        return std::nullopt;
    }
    return requested_wait ? *requested_wait : backoff(job.tries - 1);
}

/// `known`: a person was told already.
void RetryTransport::tell(const Job& job, const Outcome& outcome, milliseconds wait, bool known) {
    const std::string what = is_limited(outcome) ? "the rate limit is reached (HTTP 429)"
                             : outcome
                                 ? concat({"the service failed (HTTP ", std::to_string(outcome->status), ")"})
                                 : outcome.error().message;
    const std::string_view then = is_repeatable(job.request) ? "; try " : "; not carried out; try ";
    const std::string progress = concat({what, then, std::to_string(job.tries + 1), " of ",
                                         std::to_string(policy_.retries + 1), " in ", in_seconds(wait)});
    if (wait >= k_worth_telling && !known) {
        log_.warn(progress);
    } else {
        log_.info(progress);
    }
}

Outcome RetryTransport::do_abandon(Ticket ticket) {
    const auto finished = std::find_if(finished_.begin(), finished_.end(),
                                       [ticket](const Answer& answer) { return answer.ticket == ticket; });
    if (finished != finished_.end()) {
        Outcome outcome = std::move(finished->outcome);
        finished_.erase(finished);
        return outcome;
    }
    const auto waiting =
        std::find_if(queue_.begin(), queue_.end(), [ticket](const Job& job) { return job.ticket == ticket; });
    if (waiting != queue_.end()) {
        Failure failure = interrupted(waiting->status);
        failure.sent = waiting->lost;
        queue_.erase(waiting);
        return failure;
    }
    const auto sending = std::find_if(sending_.begin(), sending_.end(),
                                      [ticket](const auto& entry) { return entry.second.ticket == ticket; });
    const Ticket inner = sending->first;
    const bool lost = sending->second.lost;
    sending_.erase(sending);
    Outcome outcome = inner_.abandon(inner);
    if (!outcome) {
        outcome.error().sent = outcome.error().sent || lost;
    }
    return outcome;
}

void RetryTransport::stop_sending() {
    for (const Job& job : queue_) {
        Failure failure = interrupted(job.status);
        failure.sent = job.lost;
        finished_.push_back({job.ticket, failure});
    }
    queue_.clear();
    for (auto& [ticket, job] : sending_) {
        job.last = true;
    }
    inner_.stop_sending();
}

} // namespace jit::http
