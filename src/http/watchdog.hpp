#pragma once

#include "util/interrupt.hpp"

#include <chrono>
#include <set>

namespace jit::http {

/// Bounds a call of libcurl from outside. A peer that sends without end keeps libcurl reading within one
/// call, which looks neither at its own time limits nor at interrupts (frames of HTTP/2 that carry nothing,
/// say). The callbacks that libcurl makes meanwhile look here, and once the time is over all connections are
/// shut, so that there is nothing left to read. The sockets are made here, so that they are known.
class Watchdog {
public:
    using Clock = std::chrono::steady_clock;

    /// How long a call may last without being looked at: no call that makes progress takes so long.
    static constexpr std::chrono::milliseconds k_grace{1000};

    explicit Watchdog(const Interrupt& interrupt) : interrupt_(interrupt) {}

    /// As socket(2) and close(2); the socket is not passed on to child processes.
    [[nodiscard]] int open_socket(int family, int type, int protocol);
    int close_socket(int socket);

    /// A call begins, of which `deadline` is the first moment at which a request must have ended.
    void begin(Clock::time_point deadline);

    /// To be called whenever libcurl calls back. Shuts all connections where the call has lasted longer than
    /// the grace, and the deadline is over or an interrupt came.
    void look() noexcept { look(Clock::now()); }
    void look(Clock::time_point now) noexcept;

    /// Whether this call's connections were shut.
    [[nodiscard]] bool has_shut() const { return shut_; }

private:
    const Interrupt& interrupt_;
    std::set<int> sockets_;
    Clock::time_point begun_;
    Clock::time_point deadline_;
    bool shut_ = false;
};

} // namespace jit::http
