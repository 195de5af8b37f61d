#include "util/signals.hpp"

#include <unistd.h>

namespace jit {
namespace {

bool is_real_time(int number) noexcept {
#ifdef SIGRTMIN
    return number >= SIGRTMIN && number <= SIGRTMAX;
#else
    (void)number;
    return false;
#endif
}

} // namespace

bool ends_by_default(int number) noexcept {
    switch (number) {
    case SIGKILL:
    case SIGSTOP:
    case SIGTSTP:
    case SIGTTIN:
    case SIGTTOU:
    case SIGCONT:
    case SIGCHLD:
    case SIGURG:
    case SIGWINCH:
        return false;
    default:
        return number > 0 && number < k_signals;
    }
}

bool is_own_fault(int number, const siginfo_t& info) noexcept {
    switch (number) {
    case SIGABRT:
    case SIGBUS:
    case SIGFPE:
    case SIGILL:
    case SIGSEGV:
    case SIGSYS:
    case SIGTRAP:
        return info.si_code > 0 || info.si_pid == getpid();
    default:
        return false;
    }
}

bool asks_to_end(int number) noexcept {
    return ends_by_default(number) && number != SIGINT && number != SIGQUIT && number != SIGUSR1 &&
           number != SIGUSR2 && !is_real_time(number);
}

SignalState::SignalState() noexcept : actions_(), known_(), mask_() {
    for (int number = 1; number < k_signals; ++number) {
        auto& action = actions_.at(static_cast<std::size_t>(number));
        known_.at(static_cast<std::size_t>(number)) = sigaction(number, nullptr, &action) == 0;
    }
    (void)pthread_sigmask(SIG_SETMASK, nullptr, &mask_);
}

bool SignalState::ignores(int number) const noexcept {
    const auto at = static_cast<std::size_t>(number);
    return known_[at] && actions_[at].sa_handler == SIG_IGN;
}

void SignalState::restore() const noexcept {
    for (int number = 1; number < k_signals; ++number) {
        restore(number);
    }
    (void)pthread_sigmask(SIG_SETMASK, &mask_, nullptr);
}

void SignalState::restore(int number) const noexcept {
    const auto at = static_cast<std::size_t>(number);
    if (known_[at]) {
        (void)sigaction(number, &actions_[at], nullptr);
    }
}

} // namespace jit
