#include "util/clock.hpp"

#include "util/interrupt.hpp"
#include "util/text.hpp"

#include <array>
#include <ctime>
#include <fcntl.h>
#include <limits>
#include <poll.h>
#include <unistd.h>

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

std::string boot_id() {
    std::array<char, 64> id{};
    const int fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
    const ssize_t size = fd < 0 ? 0 : read(fd, id.data(), id.size());
    if (fd >= 0) {
        (void)close(fd);
    }
    return std::string(trim({id.data(), static_cast<std::size_t>(std::max<ssize_t>(size, 0))}));
}

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
                   static_cast<int>(std::min<std::int64_t>(interrupt_.poll_time(left).count(),
                                                           std::numeric_limits<int>::max())));
    }
    return false;
}

} // namespace jit
