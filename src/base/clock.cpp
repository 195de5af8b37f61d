#include "base/clock.hpp"

#include "base/interrupt.hpp"

#include <algorithm>
#include <limits>
#include <poll.h>

namespace jit {

bool SystemClock::sleep(std::chrono::milliseconds duration) {
    using SteadyClock = std::chrono::steady_clock;
    const auto end = SteadyClock::now() + duration;
    while (interrupt_.signal() == 0) {
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(end - SteadyClock::now());
        if (left.count() <= 0) {
            return true;
        }
        pollfd wake{interrupt_.wake_fd(), POLLIN, 0};
        (void)poll(&wake, 1,
                   static_cast<int>(std::min<std::int64_t>(left.count(), std::numeric_limits<int>::max())));
    }
    return false;
}

} // namespace jit
