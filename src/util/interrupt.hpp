#pragma once

#include "util/signals.hpp"

#include <atomic>
#include <chrono>
#include <cstdint>

namespace jit {

/// Remembers that the person (SIGINT) or the system (SIGTERM) asked `jit` to stop, and wakes the code that
/// waits.
class Interrupt {
public:
    Interrupt();
    Interrupt(const Interrupt&) = delete;
    Interrupt& operator=(const Interrupt&) = delete;
    Interrupt(Interrupt&&) = delete;
    Interrupt& operator=(Interrupt&&) = delete;

    /// Gives the signals back as they were.
    ~Interrupt();

    /// Makes SIGINT and SIGTERM raise this object, and SIGPIPE and SIGXFSZ do nothing, until the object goes.
    /// A signal that the parent had set to be ignored (a job under nohup, say) stays ignored; one that it had
    /// blocked is not blocked any more, since that is nearly always a mistake of a thread or a handler. The
    /// second signal ends the process at once, for a person who will not wait. At most one object of the
    /// process may be installed.
    void install();

    /// For a command that has something to undo before it ends: from now on every signal that would end the
    /// process, and can be caught, is taken like SIGTERM, and none ends it, however many come.
    void defer_exit() noexcept;

    /// For the undoing itself: from now on only a person who asks for it twice (Ctrl-C, SIGINT) raises this
    /// object, and `given_up` is true then. No other signal does. Two by kill(1) at one time count once, as
    /// timeout(1) and the like send them to a process and to its group. What came so far is forgotten.
    void ignore_first() noexcept;
    [[nodiscard]] bool insists() const noexcept { return mode_.load() == Mode::insistent; }
    [[nodiscard]] bool given_up() const noexcept { return given_up_.load(); }

    /// Forgets what came so far: the next signal is a new one.
    void clear() noexcept;

    /// Raises this object, by SIGALRM, once the time is over; takes the place of an earlier call. Zero:
    /// never. It takes no timer of the process, since a parent may have set that (alarm(2) outlives an
    /// exec), and neither a signal.
    void set_deadline(std::chrono::milliseconds time) noexcept;

    /// What a signal handler may call: sets the signal and wakes the waiters.
    void raise(int signal) noexcept;

    /// What a handler calls for a signal that asks to stop.
    void on_signal(int signal, const siginfo_t& info) noexcept;

    /// 0, or a signal that came.
    [[nodiscard]] int signal() const noexcept;

    /// A descriptor that is readable once `signal()` is not 0, but for what `set_deadline` does; to be
    /// polled, never read, and for no longer than `poll_time` says.
    [[nodiscard]] int wake_fd() const noexcept { return pipe_[0]; }
    [[nodiscard]] std::chrono::milliseconds poll_time(std::chrono::milliseconds wanted) const noexcept;

    /// How the parent had set the signals: a program that is started gets them so.
    [[nodiscard]] const SignalState& inherited() const noexcept { return inherited_; }

private:
    enum class Mode { impatient, persistent, insistent };

    /// Has the signal raise this object, unless the parent had it ignored.
    void handle(int number) noexcept;

    SignalState inherited_;
    std::atomic<int> signal_{0};
    std::atomic<Mode> mode_{Mode::impatient};
    std::atomic<bool> given_up_{false};
    std::atomic<std::int64_t> limit_{
        0}; ///< when `set_deadline` raises, in ms of the monotonic clock; 0: never
    std::atomic<std::int64_t> last_asked_{
        0}; ///< when a person first asked an insistent one, by the same clock
    int pipe_[2] = {-1, -1};
};

} // namespace jit
