#pragma once

#include <vector>

namespace jit::io {

/// How the terminal hands over what is typed.
enum class Input {
    line_without_echo, ///< a line that is not shown
    keys,              ///< each key at once, not shown
};

/// Changes the terminal that standard input is, and gives it back as it was, whatever ends or stops the
/// process meanwhile but SIGKILL and SIGSTOP. Ctrl-\ and Ctrl-Z do nothing meanwhile. At most one object at a
/// time.
class TerminalMode {
public:
    explicit TerminalMode(Input input);
    TerminalMode(const TerminalMode&) = delete;
    TerminalMode& operator=(const TerminalMode&) = delete;
    TerminalMode(TerminalMode&&) = delete;
    TerminalMode& operator=(TerminalMode&&) = delete;
    ~TerminalMode();

    /// Whether the terminal could be changed.
    [[nodiscard]] bool is_set() const { return is_set_; }

private:
    std::vector<int> handled_; ///< signals that do by default again what they did before
    bool is_set_ = false;
};

} // namespace jit::io
