#pragma once

#include "util/interrupt.hpp"
#include "util/result.hpp"

#include <cstddef>
#include <string>

namespace jit::io {

/// Reads a descriptor line by line, in constant memory.
class LineReader {
public:
    /// Does not close the descriptor.
    LineReader(int fd, const Interrupt& interrupt) : fd_(fd), interrupt_(interrupt) {}

    /// Reads the next line, without its end; a missing end of the last one is no fault. False at the end of
    /// the input. Code 2 where it cannot be read or the line is longer than 64 KiB, 130 on an interrupt.
    [[nodiscard]] Result<bool> next(std::string& line);

private:
    [[nodiscard]] Result<bool> fill();

    int fd_;
    const Interrupt& interrupt_;
    std::string buffer_;
    std::size_t begin_ = 0; ///< of what is not read yet
    bool ended_ = false;
};

} // namespace jit::io
