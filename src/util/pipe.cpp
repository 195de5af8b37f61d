#include "util/pipe.hpp"

#include <array>
#include <fcntl.h>
#include <unistd.h>

namespace jit {

std::optional<Pipe> make_pipe() noexcept {
    std::array<int, 2> ends{};
#ifdef __linux__
    if (pipe2(ends.data(), O_CLOEXEC) != 0) {
        return std::nullopt;
    }
#else
    if (pipe(ends.data()) != 0) {
        return std::nullopt;
    }
    for (const int end : ends) {
        (void)fcntl(end, F_SETFD, FD_CLOEXEC);
    }
#endif
    return Pipe{ends[0], ends[1]};
}

} // namespace jit
