#include "io/input.hpp"

#include <cerrno>
#include <poll.h>
#include <unistd.h>

namespace jit::io {

bool FdInput::is_terminal() const {
    return isatty(fd_) == 1;
}

Result<std::optional<std::string>> FdInput::read_line() {
    constexpr std::size_t k_most = 65536;
    std::string line;
    for (;;) {
        if (interrupt_.signal() != 0) {
            return Error{ExitCode::interrupted, "interrupted; nothing was sent"};
        }
        pollfd ready[2] = {{fd_, POLLIN, 0}, {interrupt_.wake_fd(), POLLIN, 0}};
        if (poll(ready, 2, -1) < 0 || ready[0].revents == 0) {
            continue; // a signal
        }
        char c = 0;
        const ssize_t count = read(fd_, &c, 1);
        if (count < 0 && errno == EINTR) {
            continue;
        }
        if (count <= 0) {
            return line.empty() ? std::nullopt : std::optional(std::move(line));
        }
        if (c == '\n' || line.size() == k_most) {
            return std::optional(std::move(line));
        }
        line.push_back(c);
    }
}

} // namespace jit::io
