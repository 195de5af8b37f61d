#include "util/interrupt.hpp"

#include "util/pipe.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <ctime>
#include <fcntl.h>
#include <unistd.h>

namespace jit {
namespace {

using std::chrono::milliseconds;

/// A signal handler has no argument to find its object by.
std::atomic<Interrupt*> installed{nullptr};

/// For handlers, too.
std::int64_t monotonic_ms() noexcept {
    timespec time{};
    (void)clock_gettime(CLOCK_MONOTONIC, &time);
    return std::int64_t{time.tv_sec} * 1000 + time.tv_nsec / 1000000;
}

void handle_signal(int number, siginfo_t* info, void* /*context*/) {
    const int saved = errno;
    Interrupt* const interrupt = installed.load(std::memory_order_relaxed);
    if (interrupt == nullptr) {
        _exit(128 + number);
    }
    if (is_own_fault(number, *info)) {
        interrupt->inherited().restore(number); // it happens again, and ends the process
    } else {
        interrupt->on_signal(number, *info);
    }
    errno = saved;
}

void do_nothing(int /*number*/) {}

/// Not blocked any more, if it was.
void unblock(int number) {
    sigset_t one;
    sigemptyset(&one);
    sigaddset(&one, number);
    (void)pthread_sigmask(SIG_UNBLOCK, &one, nullptr);
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
    if (installed.load() == self) {
        inherited_.restore();
        installed.store(nullptr);
    }
    for (const int fd : pipe_) {
        if (fd >= 0) {
            (void)close(fd);
        }
    }
}

void Interrupt::handle(int number) noexcept {
    if (!inherited_.ignores(number)) {
        struct sigaction action = {};
        action.sa_sigaction = handle_signal;
        action.sa_flags = SA_SIGINFO;
        sigemptyset(&action.sa_mask);
        (void)sigaction(number, &action, nullptr);
        unblock(number);
    }
}

void Interrupt::install() {
    installed.store(this);
    // Ignored, they would be so in what is started, too.
    for (const int number : {SIGPIPE, SIGXFSZ}) {
        if (!inherited_.ignores(number)) {
            struct sigaction action = {};
            action.sa_handler = do_nothing;
            sigemptyset(&action.sa_mask);
            (void)sigaction(number, &action, nullptr);
        }
    }
    // The end of a child that was started could not be told.
    if (inherited_.ignores(SIGCHLD)) {
        struct sigaction action = {};
        action.sa_handler = SIG_DFL;
        (void)sigaction(SIGCHLD, &action, nullptr);
    }
    unblock(SIGCHLD);
    handle(SIGINT);
    handle(SIGTERM);
}

void Interrupt::defer_exit() noexcept {
    mode_.store(Mode::persistent);
    for (int number = 1; installed.load() == this && number < k_signals; ++number) {
        if (ends_by_default(number) && number != SIGPIPE && number != SIGXFSZ) {
            handle(number);
        }
    }
}

void Interrupt::ignore_first() noexcept {
    last_asked_.store(0);
    given_up_.store(false);
    defer_exit();
    mode_.store(Mode::insistent);
    clear();
}

void Interrupt::clear() noexcept {
    // In this order: a signal in between leaves the pipe empty, but those who wait look at `signal_` first.
    signal_.store(0);
    if (signal() != 0) {
        limit_.store(0);
    }
    std::array<char, 64> bytes{};
    while (pipe_[0] >= 0 && read(pipe_[0], bytes.data(), bytes.size()) > 0) {
    }
}

void Interrupt::set_deadline(milliseconds time) noexcept {
    limit_.store(time.count() == 0 ? 0 : monotonic_ms() + time.count());
}

int Interrupt::signal() const noexcept {
    const int signal = signal_.load(std::memory_order_relaxed);
    const std::int64_t limit = limit_.load(std::memory_order_relaxed);
    return signal == 0 && limit != 0 && monotonic_ms() >= limit ? SIGALRM : signal;
}

milliseconds Interrupt::poll_time(milliseconds wanted) const noexcept {
    const std::int64_t limit = limit_.load(std::memory_order_relaxed);
    return limit == 0 ? wanted : std::clamp(milliseconds(limit - monotonic_ms()), milliseconds(0), wanted);
}

void Interrupt::on_signal(int signal, const siginfo_t& info) noexcept {
    switch (mode_.load(std::memory_order_relaxed)) {
    case Mode::impatient:
        if (signal_.load(std::memory_order_relaxed) != 0) {
            _exit(128 + signal);
        }
        raise(signal);
        break;
    case Mode::persistent:
        raise(signal);
        break;
    case Mode::insistent:
        if (signal == SIGINT) {
            constexpr std::int64_t k_one_time = 250; // ms
            const std::int64_t now = monotonic_ms();
            const std::int64_t before = last_asked_.load(std::memory_order_relaxed);
            const bool from_a_key = info.si_code > 0;
            if (before == 0) {
                last_asked_.store(now, std::memory_order_relaxed);
            } else if (from_a_key || now - before > k_one_time) {
                given_up_.store(true, std::memory_order_relaxed);
                raise(signal);
            }
        }
        break;
    }
}

void Interrupt::raise(int signal) noexcept {
    signal_.store(signal, std::memory_order_relaxed);
    const char byte = 0;
    if (pipe_[1] >= 0 && write(pipe_[1], &byte, 1) < 0) {
        return; // full: the waiters are awake already
    }
}

} // namespace jit
