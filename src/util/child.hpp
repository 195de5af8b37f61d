#pragma once

#include "util/interrupt.hpp"
#include "util/program.hpp"
#include "util/result.hpp"
#include "util/secret.hpp"

#include <chrono>
#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace jit {

/// What a child process may take.
struct ChildLimits {
    std::chrono::milliseconds time;
    std::size_t bytes; ///< of output that is kept
};

/// How a child process ended.
struct ChildEnd {
    enum class Kind { exited, killed, out_of_time, too_much, interrupted };
    Kind kind;
    int number;    ///< exit code, or the signal that killed it
    Secret output; ///< what it wrote to the descriptor it was given; of any kind, whole only if it exited
};

/// Calls `work` in a copy of this process, with a descriptor to write to; what it returns is the exit code. A
/// child that reaches a limit is killed, and so it is when this process is interrupted or dies. Code 1 where
/// the system gives no process.
[[nodiscard]] Result<ChildEnd> run_in_child(const std::function<int(int out)>& work, ChildLimits limits,
                                            const Interrupt& interrupt);

/// Calls `work` in a copy of this process that nobody waits for: it has no terminal, its standard streams
/// lead nowhere, and after `most` it is ended. It is not our child. Where the system gives no process,
/// nothing happens.
void run_detached(const std::function<void()>& work, std::chrono::seconds most);

/// Whether a program may talk to the person at the terminal.
enum class Terminal { kept, taken };

/// What is read of a program. With `standard`, what it writes to its standard error goes to ours.
enum class Captured {
    standard, ///< its standard output, whole; more than the limit ends the program
    last,     ///< the last of its standard output and error; what comes before the limit is dropped
};

/// A program to run, and what it is given.
struct ProgramCall {
    std::vector<std::string> words; ///< the first is found by PATH; no shell reads them
    ChildLimits limits;
    Terminal terminal = Terminal::taken;
    Captured captured = Captured::standard;
    std::vector<std::string_view> without = {}; ///< names of variables that it does not inherit
    Variables more = {};                        ///< variables that it gets besides
};

/// Runs a program to its end. With the terminal it stays in the foreground and has our standard input if that
/// is one; without, it is in a process group of its own (which a limit kills as a whole) and reads nothing.
/// Code 2 where it cannot be started.
[[nodiscard]] Result<ChildEnd> run_program(const ProgramCall& call, const Interrupt& interrupt);

/// Starts a program that nobody waits for, and whose output nobody reads. The time limit holds.
void start_detached(ProgramCall call, const Interrupt& interrupt);

} // namespace jit
