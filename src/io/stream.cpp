#include "io/stream.hpp"

#include <cerrno>
#include <poll.h>
#include <unistd.h>

namespace jit::io {

bool FdStream::write(std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t written = ::write(fd_, bytes.data(), bytes.size());
        if (written >= 0) {
            bytes.remove_prefix(static_cast<std::size_t>(written));
        } else if (errno == EAGAIN) {
            // The other end shares a non-blocking pipe with us and is not reading yet.
            pollfd ready{fd_, POLLOUT, 0};
            (void)poll(&ready, 1, -1);
        } else if (errno != EINTR) {
            return false;
        }
    }
    return true;
}

} // namespace jit::io
