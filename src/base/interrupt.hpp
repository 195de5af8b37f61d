#pragma once

#include <atomic>
#include <chrono>

namespace jit {

/// Remembers that the person (SIGINT) or the system (SIGTERM) asked `jit` to stop, and wakes whoever waits.
class Interrupt {
public:
    Interrupt();
    Interrupt(const Interrupt&) = delete;
    Interrupt& operator=(const Interrupt&) = delete;
    Interrupt(Interrupt&&) = delete;
    Interrupt& operator=(Interrupt&&) = delete;
    ~Interrupt();

    /// Makes SIGINT and SIGTERM raise this object, and SIGPIPE do nothing, until the object goes. A signal
    /// that the parent had set to be ignored (a job under nohup, say) stays ignored; a program that is
    /// started has all of them as the parent had. The second signal ends the process at once, for a person
    /// who will not wait. At most one object of the process may be installed.
    void install();

    /// For a command that has something to undo before it ends: from now on SIGHUP and SIGQUIT are taken like
    /// the other two, and no signal ends the process, however many come. What came so far is forgotten. The
    /// next `spared` signals count for nothing, the one after them raises this object.
    void persist(int spared = 0) noexcept;

    /// Forgets what came so far: the next signal is a new one.
    void clear() noexcept;

    /// Raises this object, by SIGALRM, once the time is over; takes the place of an earlier call. Zero:
    /// never.
    void raise_after(std::chrono::milliseconds time) noexcept;

    /// What a signal handler may call: sets the signal and wakes the waiters.
    void raise(int signal) noexcept;

    /// What a handler calls for a signal that asks to stop.
    void take(int signal) noexcept;

    /// 0, or a signal that came.
    [[nodiscard]] int signal() const noexcept { return signal_.load(std::memory_order_relaxed); }

    /// A descriptor that is readable once `signal()` is not 0; to be polled, never read.
    [[nodiscard]] int wake_fd() const noexcept { return pipe_[0]; }

private:
    std::atomic<int> signal_{0};
    std::atomic<int> spared_{0};
    std::atomic<bool> persistent_{false};
    int pipe_[2] = {-1, -1};
};

} // namespace jit
