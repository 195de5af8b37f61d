#pragma once

#include <optional>

namespace jit {

/// The two ends of a pipe; the owner closes them.
struct Pipe {
    int read = -1;
    int write = -1;
};

/// A pipe that no program this process becomes or starts inherits; nothing, and `errno`, where there is none.
[[nodiscard]] std::optional<Pipe> make_pipe() noexcept;

} // namespace jit
