#include "http/watchdog.hpp"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

namespace jit::http {

int Watchdog::open_socket(int family, int type, int protocol) {
    const int opened = socket(family, type, protocol);
    if (opened >= 0) {
        (void)fcntl(opened, F_SETFD, FD_CLOEXEC);
        sockets_.insert(opened);
    }
    return opened;
}

int Watchdog::close_socket(int socket) {
    sockets_.erase(socket);
    return close(socket);
}

void Watchdog::begin(Clock::time_point deadline) {
    begun_ = Clock::now();
    deadline_ = deadline;
    shut_ = false;
}

void Watchdog::look(Clock::time_point now) noexcept {
    if (shut_ || now < begun_ + k_grace || (now < deadline_ && interrupt_.signal() == 0)) {
        return;
    }
    shut_ = true;
    for (const int socket : sockets_) {
        (void)shutdown(socket, SHUT_RDWR);
    }
}

} // namespace jit::http
