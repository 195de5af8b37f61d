#include "http/pace.hpp"

#include <algorithm>

namespace jit::http {

void Pace::forget_old(BootTime now) {
    while (!passed_.empty() && passed_.front() + k_window <= now) {
        passed_.pop_front();
    }
    if (limit_ && *limit_ < k_documented_limit && now - refused_ > k_hold) {
        limit_ = std::min(k_documented_limit, *limit_ * 2); // others may have gone
        refused_ = now;
    }
}

void Pace::note_pass(BootTime now) {
    forget_old(now);
    passed_.push_back(now);
}

void Pace::note_refusal(BootTime now) {
    forget_old(now);
    if (!limit_) {
        limit_ = passed_.size() < k_telling ? k_unknown : passed_.size();
    } else if (now - refused_ >= k_window) { // else it was under way at that one
        limit_ = std::max<std::size_t>(1, std::min(*limit_ / 2, passed_.size()));
    } else {
        return;
    }
    refused_ = now;
}

bool Pace::allows(std::size_t under_way, BootTime now) {
    forget_old(now);
    return !limit_ || passed_.size() + under_way < *limit_;
}

std::optional<BootTime> Pace::next(BootTime now) const {
    if (!limit_ || passed_.size() < *limit_) {
        return std::nullopt;
    }
    return std::max(now, passed_[passed_.size() - *limit_] + k_window);
}

} // namespace jit::http
