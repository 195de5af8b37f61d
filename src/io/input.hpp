#pragma once

#include "base/interrupt.hpp"
#include "base/result.hpp"

#include <optional>
#include <string>

namespace jit::io {

/// What a person answers. Virtual so that tests can be one.
class Input {
public:
    Input() = default;
    Input(const Input&) = delete;
    Input& operator=(const Input&) = delete;
    Input(Input&&) = delete;
    Input& operator=(Input&&) = delete;
    virtual ~Input() = default;

    [[nodiscard]] virtual bool is_terminal() const = 0;

    /// One line without its end; empty at the end of the input. Code 130 on an interrupt.
    [[nodiscard]] virtual Result<std::optional<std::string>> read_line() = 0;
};

/// Reads a descriptor that somebody else owns, byte by byte: what follows the line is left for others.
class FdInput final : public Input {
public:
    FdInput(int fd, const Interrupt& interrupt) : fd_(fd), interrupt_(interrupt) {}

    [[nodiscard]] bool is_terminal() const override;
    [[nodiscard]] Result<std::optional<std::string>> read_line() override;

private:
    int fd_;
    const Interrupt& interrupt_;
};

} // namespace jit::io
