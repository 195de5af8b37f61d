#pragma once

#include "util/time.hpp"

#include <algorithm>
#include <chrono>
#include <string>

namespace jit {

class Interrupt;

/// Marks the readings of a clock that nobody sets, and that counts the time while the machine is suspended
/// (CLOCK_BOOTTIME).
struct BootClock {};

/// The same, but the time of a suspended machine does not count (CLOCK_MONOTONIC).
struct MonotonicClock {};

/// How long something takes that goes on while this machine sleeps: what the service does. Only the
/// difference of two readings of one process means something.
using BootTime = std::chrono::time_point<BootClock, std::chrono::milliseconds>;

/// How long something takes that this machine does itself: it has as much time before a suspend and after it
/// as without one.
using MonotonicTime = std::chrono::time_point<MonotonicClock, std::chrono::milliseconds>;

/// The time, and waiting for it. Virtual so that tests neither wait nor depend on the day.
class Clock {
public:
    Clock() = default;
    Clock(const Clock&) = delete;
    Clock& operator=(const Clock&) = delete;
    Clock(Clock&&) = delete;
    Clock& operator=(Clock&&) = delete;
    virtual ~Clock() = default;

    /// The moment, by a clock that may be set at any time: never to be used for how long something takes.
    [[nodiscard]] virtual TimePoint now() const = 0;

    [[nodiscard]] virtual BootTime boot_time() const = 0;
    [[nodiscard]] virtual MonotonicTime monotonic_time() const = 0;

    /// Waits; a suspended machine does not count. False when an interrupt ended the wait early.
    [[nodiscard]] virtual bool sleep(std::chrono::milliseconds duration) = 0;
};

/// Which boot of this machine it is, so that readings of the boot clock by two processes can be compared.
/// Empty where the system does not say.
[[nodiscard]] std::string boot_id();

/// The end of this process's patience. The time of a suspended machine does not count.
class Deadline {
public:
    Deadline(const Clock& clock, std::chrono::milliseconds patience)
        : clock_(&clock), end_(clock.monotonic_time() + patience) {}

    /// Never negative.
    [[nodiscard]] std::chrono::milliseconds left() const {
        return std::max(end_ - clock_->monotonic_time(), std::chrono::milliseconds(0));
    }
    [[nodiscard]] bool is_over() const { return left().count() == 0; }

private:
    const Clock* clock_;
    MonotonicTime end_;
};

/// The machine's clocks.
class SystemClock final : public Clock {
public:
    explicit SystemClock(const Interrupt& interrupt) : interrupt_(interrupt) {}

    [[nodiscard]] TimePoint now() const override { return system_now(); }
    [[nodiscard]] BootTime boot_time() const override;
    [[nodiscard]] MonotonicTime monotonic_time() const override;
    [[nodiscard]] bool sleep(std::chrono::milliseconds duration) override;

private:
    const Interrupt& interrupt_;
};

} // namespace jit
