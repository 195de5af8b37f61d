#pragma once

#include <atomic>

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

    /// Makes SIGINT and SIGTERM raise this object, and ignores SIGPIPE, until the object goes. A signal that
    /// the parent had set to be ignored (a job under nohup, say) stays ignored. The second signal ends the
    /// process at once, for a person who will not wait. At most one object of the process may be installed.
    void install();

    /// Forgets what came so far: the next signal is a new one.
    void clear() noexcept;

    /// What a signal handler may call: sets the signal and wakes the waiters.
    void raise(int signal) noexcept;

    /// 0, or the first signal that came.
    [[nodiscard]] int signal() const noexcept { return signal_.load(std::memory_order_relaxed); }

    /// 0, or the first signal that ever came: how the process ends.
    [[nodiscard]] int first() const noexcept { return first_.load(std::memory_order_relaxed); }

    /// A descriptor that is readable once `signal()` is not 0; to be polled, never read.
    [[nodiscard]] int wake_fd() const noexcept { return pipe_[0]; }

private:
    std::atomic<int> signal_{0};
    std::atomic<int> first_{0};
    int pipe_[2] = {-1, -1};
};

} // namespace jit
