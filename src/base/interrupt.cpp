#include "base/interrupt.hpp"

#include "base/pipe.hpp"

#include <array>
#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <sys/time.h>
#include <unistd.h>

namespace jit {
namespace {

/// A signal handler has no argument to find its object by.
std::atomic<Interrupt*> installed{nullptr};

void on_signal(int number) {
    const int saved = errno;
    Interrupt* const interrupt = installed.load(std::memory_order_relaxed);
    if (interrupt == nullptr) {
        _exit(128 + number);
    }
    interrupt->take(number);
    errno = saved;
}

void on_alarm(int number) {
    const int saved = errno;
    Interrupt* const interrupt = installed.load(std::memory_order_relaxed);
    if (interrupt != nullptr) {
        interrupt->raise(number);
    }
    errno = saved;
}

void do_nothing(int /*number*/) {}

void set_handler(int number, void (*handler)(int)) {
    struct sigaction action = {};
    action.sa_handler = handler;
    sigemptyset(&action.sa_mask);
    (void)sigaction(number, &action, nullptr);
}

void set_unless_ignored(int number, void (*handler)(int)) {
    struct sigaction current = {};
    if (sigaction(number, nullptr, &current) == 0 && current.sa_handler != SIG_IGN) {
        set_handler(number, handler);
    }
}

} // namespace

Interrupt::Interrupt() {
    // Without the pipe a waiter only notices the signal a little later, so a failure is not one of `jit`.
    if (const auto pipe = make_pipe()) {
        pipe_[0] = pipe->read;
        pipe_[1] = pipe->write;
        for (const int fd : pipe_) {
            (void)fcntl(fd, F_SETFL, O_NONBLOCK);
        }
    }
}

Interrupt::~Interrupt() {
    Interrupt* self = this;
    if (installed.compare_exchange_strong(self, nullptr)) {
        for (const int number : {SIGINT, SIGTERM, SIGPIPE, SIGHUP, SIGQUIT}) {
            set_unless_ignored(number, SIG_DFL);
        }
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
        set_unless_ignored(number, on_signal);
    }
    set_unless_ignored(SIGPIPE, do_nothing); // ignored, it would be so in what is started, too
}

void Interrupt::persist(int spared) noexcept {
    spared_.store(spared);
    persistent_.store(true);
    if (installed.load() == this) {
        for (const int number : {SIGHUP, SIGQUIT}) {
            set_unless_ignored(number, on_signal);
        }
    }
    clear();
}

void Interrupt::clear() noexcept {
    // In this order: a signal in between leaves the pipe empty, but those who wait look at `signal_` first.
    signal_.store(0);
    std::array<char, 64> bytes{};
    while (pipe_[0] >= 0 && read(pipe_[0], bytes.data(), bytes.size()) > 0) {
    }
}

void Interrupt::raise_after(std::chrono::milliseconds time) noexcept {
    set_handler(SIGALRM, on_alarm);
    const auto seconds = std::chrono::floor<std::chrono::seconds>(time);
    itimerval timer{};
    timer.it_value.tv_sec = seconds.count();
    timer.it_value.tv_usec = std::chrono::microseconds(time - seconds).count();
    (void)setitimer(ITIMER_REAL, &timer, nullptr);
}

void Interrupt::take(int signal) noexcept {
    if (persistent_.load(std::memory_order_relaxed)) {
        if (spared_.load(std::memory_order_relaxed) > 0) {
            spared_.fetch_sub(1, std::memory_order_relaxed);
            return;
        }
    } else if (signal_.load(std::memory_order_relaxed) != 0) {
        _exit(128 + signal);
    }
    raise(signal);
}

void Interrupt::raise(int signal) noexcept {
    signal_.store(signal, std::memory_order_relaxed);
    const char byte = 0;
    if (pipe_[1] >= 0 && write(pipe_[1], &byte, 1) < 0) {
        return; // full: the waiters are awake already
    }
}

} // namespace jit
