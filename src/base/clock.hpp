#pragma once

#include "base/time.hpp"

#include <chrono>

namespace jit {

class Interrupt;

/// The time, and waiting for it. Virtual so that tests neither wait nor depend on the day.
class Clock {
public:
    Clock() = default;
    Clock(const Clock&) = delete;
    Clock& operator=(const Clock&) = delete;
    Clock(Clock&&) = delete;
    Clock& operator=(Clock&&) = delete;
    virtual ~Clock() = default;

    [[nodiscard]] virtual TimePoint now() const = 0;

    /// Waits. False when an interrupt ended the wait early.
    [[nodiscard]] virtual bool sleep(std::chrono::milliseconds duration) = 0;
};

/// The machine's clock.
class SystemClock final : public Clock {
public:
    explicit SystemClock(const Interrupt& interrupt) : interrupt_(interrupt) {}

    [[nodiscard]] TimePoint now() const override { return system_now(); }
    [[nodiscard]] bool sleep(std::chrono::milliseconds duration) override;

private:
    const Interrupt& interrupt_;
};

} // namespace jit
