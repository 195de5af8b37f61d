#pragma once

#include <array>
#include <csignal>

namespace jit {

/// One more than the largest number of a signal.
inline constexpr int k_signals = NSIG;

/// Whether a process may catch the signal, and is ended by it where it does not: all of the system's but
/// SIGKILL, those that stop or continue, and those that do nothing by themselves.
[[nodiscard]] bool ends_by_default(int number) noexcept;

/// Whether a signal was raised by a fault of this process (SIGSEGV, abort()), and was not sent by another.
[[nodiscard]] bool is_own_fault(int number, const siginfo_t& info) noexcept;

/// Whether somebody asks by it that the process comes to an end. Not so the terminal's keys (SIGINT,
/// SIGQUIT), which belong to the program in the foreground, and those that have no meaning but what a program
/// gives them (SIGUSR1, SIGUSR2, the real-time signals).
[[nodiscard]] bool asks_to_end(int number) noexcept;

/// How a process has its signals: the action of each, and those that are blocked.
class SignalState {
public:
    /// As they are now.
    SignalState() noexcept;

    [[nodiscard]] bool ignores(int number) const noexcept;
    [[nodiscard]] const sigset_t& mask() const noexcept { return mask_; }

    /// Makes them so again. To be called anywhere, in a handler or a forked child as well.
    void restore() const noexcept;
    void restore(int number) const noexcept;

private:
    std::array<struct sigaction, k_signals> actions_;
    std::array<bool, k_signals> known_;
    sigset_t mask_;
};

} // namespace jit
