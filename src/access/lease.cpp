#include "access/lease.hpp"

#include "access/access_cache.hpp"
#include "access/batch.hpp"
#include "access/state_reader.hpp"
#include "util/duration.hpp"
#include "util/text.hpp"

#include <algorithm>
#include <utility>

namespace jit::access {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

/// Later than the lists lag behind.
constexpr seconds k_shows = k_index_lag + seconds(5);

constexpr minutes k_between_looks{1};

} // namespace

TimePoint extend_at(TimePoint expires, std::int32_t length) {
    constexpr milliseconds k_least = minutes(2);
    return expires - std::max<milliseconds>(k_least, milliseconds(minutes(length)) / 5);
}

std::int32_t minutes_up_to(TimePoint expires, std::int32_t length, TimePoint most) {
    const auto room = std::chrono::floor<minutes>(most - expires).count();
    return static_cast<std::int32_t>(std::clamp<std::int64_t>(room, 0, length));
}

Lease::Lease(Context& context, const RequestOptions& options, Target target, std::optional<TimePoint> expires,
             std::int32_t length, std::optional<TimePoint> keep_until)
    : context_(context), options_(options), target_(std::move(target)), expires_(expires), minutes_(length),
      keep_until_(keep_until), began_(context.service_now()), poll_at_(began_ + k_between_looks) {
    if (keep_until_ && !expires_) {
        context_.log().warn(
            concat({"when access to ", target_.title(), " ends is not known, so it is not extended"}));
    }
}

std::optional<TimePoint> Lease::due() const {
    if (over_) {
        return std::nullopt;
    }
    TimePoint next = std::min({poll_at_, expires_.value_or(poll_at_), check_.value_or(poll_at_)});
    if (expires_ && keep_until_) {
        next = std::min(next, std::max(not_before_, extend_at(*expires_, minutes_)));
    }
    return next;
}

void Lease::act() {
    const TimePoint now = context_.service_now();
    const bool is_check = check_ && now >= *check_;
    if ((expires_ && now >= *expires_) || is_check || now >= poll_at_) {
        if (is_check) {
            check_.reset();
        }
        poll_at_ = now + k_between_looks;
        constexpr seconds k_patience{5};
        context_.interrupt().set_deadline(k_patience);
        (void)poll(); // somebody else may have put the end off
        over_ = over_ || (expires_ && context_.service_now() >= *expires_);
        context_.interrupt().set_deadline(milliseconds(0));
    } else if (expires_ && keep_until_ && now >= not_before_ && now >= extend_at(*expires_, minutes_)) {
        context_.interrupt().set_deadline(std::max<milliseconds>(*expires_ - now, seconds(1)));
        extend(now);
        context_.interrupt().set_deadline(milliseconds(0));
    }
}

bool Lease::poll() {
    std::string entitlement_id = target_.entry ? target_.entry->entitlement_id : "";
    auto entry = read_entry(context_, target_.connection, entitlement_id);
    if (!entry || !*entry) {
        return false;
    }
    const TimePoint now = context_.service_now();
    const Access access = access_of(**entry, now);
    if (sailpoint::is_over(access.phase) || access.phase == sailpoint::Phase::ending) {
        const bool expired = expires_ && now >= *expires_;
        if (!expired && (!access.latest || *access.latest < began_)) {
            return false;
        }
        over_ = true;
        seen_over_ = true;
    } else if (access.expires) {
        // An end before the one that an extend led to is the old one, as long as the list may lag.
        const bool may_lag = now < extended_ + k_shows && expires_;
        expires_ = may_lag ? std::max(*expires_, *access.expires) : *access.expires;
    }
    return true;
}

void Lease::extend(TimePoint now) {
    if (unsure_) {
        const TimePoint before = *expires_;
        if (!poll()) {
            not_before_ = now + k_shows;
            return;
        }
        unsure_ = false;
        if (over_ || *expires_ > before) {
            return;
        }
    }
    const std::int32_t add = minutes_up_to(*expires_, minutes_, *keep_until_);
    if (add == 0) {
        keep_until_.reset();
        warned_ = true;
        context_.log().warn(concat({"--max-total is reached: access to ", target_.title(), " ends in ",
                                    duration_words(*expires_ - now)}));
        return;
    }
    TargetResult result{target_};
    result.request = request_for(options_, target_, sailpoint::Operation::extend, add);
    result.end_before = expires_;
    run_batch(context_, result);
    if (!result.error) {
        const std::int32_t granted = granted_minutes(result);
        check_ = *expires_ + k_shows;
        extended_ = context_.service_now();
        *expires_ += minutes(granted);
        warned_ = false;
        context_.log().info(concat(
            {"access to ", target_.title(), " was extended by ", std::to_string(granted), " minutes"}));
        return;
    }
    unsure_ = result.error->uncertain && !result.disproved;
    constexpr milliseconds k_longest = seconds(30);
    constexpr milliseconds k_shortest = seconds(5);
    const milliseconds requested_wait = result.error->retry_after.value_or(seconds(0));
    const milliseconds pause =
        std::max(requested_wait, std::clamp<milliseconds>((*expires_ - now) / 4, k_shortest, k_longest));
    const milliseconds spent = context_.service_now() - now; // mostly on polls
    failed(*result.error, now, unsure_ ? std::max<milliseconds>(pause, k_shows - spent) : pause);
}

void Lease::failed(const Error& error, TimePoint now, milliseconds pause) {
    not_before_ = context_.service_now() + pause;
    if (!std::exchange(warned_, true) && context_.interrupt().signal() == 0) {
        context_.log().warn(concat({"access to ", target_.title(), " was not extended and ends in ",
                                    duration_words(*expires_ - now), ": ", error.message, "; trying on"}));
    } else {
        context_.log().info(error.message);
    }
}

} // namespace jit::access
