#include "base/interrupt.hpp"

#include <array>
#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <unistd.h>

namespace jit {
namespace {

/// A signal handler has no argument to find its object by.
std::atomic<Interrupt*> installed{nullptr};

void on_signal(int number) {
    const int saved = errno;
    Interrupt* const interrupt = installed.load(std::memory_order_relaxed);
    if (interrupt == nullptr || interrupt->signal() != 0) {
        _exit(128 + number);
    }
    interrupt->raise(number);
    errno = saved;
}

void set_handler(int number, void (*handler)(int)) {
    struct sigaction action = {};
    action.sa_handler = handler;
    sigemptyset(&action.sa_mask);
    (void)sigaction(number, &action, nullptr);
}

} // namespace

Interrupt::Interrupt() {
    // Without the pipe a waiter only notices the signal a little later, so a failure is not one of `jit`.
    if (pipe2(pipe_, O_CLOEXEC | O_NONBLOCK) != 0) {
        pipe_[0] = pipe_[1] = -1;
    }
}

Interrupt::~Interrupt() {
    Interrupt* self = this;
    if (installed.compare_exchange_strong(self, nullptr)) {
        set_handler(SIGINT, SIG_DFL);
        set_handler(SIGTERM, SIG_DFL);
    }
    for (const int fd : pipe_) {
        if (fd >= 0) {
            (void)close(fd);
        }
    }
}

void Interrupt::install() {
    installed.store(this);
    for (const int number : {SIGINT, SIGTERM}) {
        struct sigaction current = {};
        if (sigaction(number, nullptr, &current) == 0 && current.sa_handler != SIG_IGN) {
            set_handler(number, on_signal);
        }
    }
    set_handler(SIGPIPE, SIG_IGN);
}

void Interrupt::clear() noexcept {
    // In this order: a signal in between leaves the pipe empty, but those who wait look at `signal_` first.
    signal_.store(0);
    std::array<char, 64> bytes{};
    while (pipe_[0] >= 0 && read(pipe_[0], bytes.data(), bytes.size()) > 0) {
    }
}

void Interrupt::raise(int signal) noexcept {
    int none = 0;
    (void)first_.compare_exchange_strong(none, signal);
    signal_.store(signal, std::memory_order_relaxed);
    const char byte = 0;
    if (pipe_[1] >= 0 && write(pipe_[1], &byte, 1) < 0) {
        return; // full: the waiters are awake already
    }
}

} // namespace jit
