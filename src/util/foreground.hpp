#pragma once

#include "util/interrupt.hpp"
#include "util/result.hpp"

#include <array>
#include <csignal>
#include <optional>
#include <string>
#include <vector>

namespace jit {

/// A program that has our place at the terminal while it runs: our standard streams, our process group, and
/// so the keys that send signals.
///
/// It stays in our process group, so that the shell sees one job: when the program stops, by Ctrl-Z or
/// otherwise, we stop as well, `fg` continues us both, the terminal is never handed over, and a pipeline or a
/// background job of which we are a part works as without us. In return we get the signals that the terminal
/// sends to the group and must outlive them: while the program runs, SIGINT and SIGQUIT from the terminal are
/// the program's alone. What reached us alone (kill PID, an alarm that the parent has set) is passed on:
/// every signal that would end us, SIGCONT, SIGTSTP, SIGWINCH. A signal that somebody sends to the whole
/// group by kill(1) may so reach the program twice.
///
/// At most one object of the process may exist.
class Foreground {
public:
    /// `interrupt` is raised when the program ends, and when we are asked to stop.
    explicit Foreground(Interrupt& interrupt);
    Foreground(const Foreground&) = delete;
    Foreground& operator=(const Foreground&) = delete;
    Foreground(Foreground&&) = delete;
    Foreground& operator=(Foreground&&) = delete;

    /// Restores the signal handlers. A program that still runs goes on.
    ~Foreground();

    /// Starts the program that is in `file`, under the name of the first word. It ignores and blocks the
    /// signals that our parent had us ignore and block. Code 126 or 127 where it cannot be started, 130 where
    /// we were asked to stop before.
    [[nodiscard]] Result<void> start(const std::string& file, const std::vector<std::string>& words,
                                     const std::vector<std::string>& environment);

    /// How it has ended, as shells tell it: its exit code, or 128 and the signal that ended it. Empty while
    /// it runs.
    [[nodiscard]] std::optional<int> exit_code() const;

    /// Whether a signal came since the start that asks to end (`asks_to_end`); it was passed on.
    [[nodiscard]] bool asked_to_stop() const;

    /// Sends it a signal, if it still runs.
    void send(int signal) const;

private:
    struct Saved {
        int number;
        struct sigaction action;
    };

    std::vector<Saved> saved_;
    sigset_t mask_;
};

} // namespace jit
