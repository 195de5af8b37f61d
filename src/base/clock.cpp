#include "base/clock.hpp"

#include "base/interrupt.hpp"

#include <ctime>
#include <limits>
#include <poll.h>

namespace jit {
namespace {

#ifdef __linux__
constexpr clockid_t k_boot_clock = CLOCK_BOOTTIME;
#else
constexpr clockid_t k_boot_clock = CLOCK_MONOTONIC;
#endif

std::chrono::milliseconds read_clock(clockid_t id) {
    timespec time{};
    (void)clock_gettime(id, &time);
    return std::chrono::seconds(time.tv_sec) +
           std::chrono::floor<std::chrono::milliseconds>(std::chrono::nanoseconds(time.tv_nsec));
}

} // namespace

BootTime SystemClock::boot_time() const {
    return BootTime(read_clock(k_boot_clock));
}

MonotonicTime SystemClock::monotonic_time() const {
    return MonotonicTime(read_clock(CLOCK_MONOTONIC));
}

bool SystemClock::sleep(std::chrono::milliseconds duration) {
    const Deadline end(*this, duration);
    while (interrupt_.signal() == 0) {
        const auto left = end.left();
        if (left.count() == 0) {
            return true;
        }
        pollfd wake{interrupt_.wake_fd(), POLLIN, 0};
        (void)poll(&wake, 1,
                   static_cast<int>(std::min<std::int64_t>(left.count(), std::numeric_limits<int>::max())));
    }
    return false;
}

} // namespace jit
