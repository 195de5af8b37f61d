#pragma once

#include "util/interrupt.hpp"
#include "util/result.hpp"

#include <cstddef>
#include <memory>
#include <string>
#include <sys/types.h>
#include <vector>

namespace jit {

/// A program that runs beside this one: in a session of its own, so without a terminal, and without input.
/// Not ended with the object.
class BackgroundProgram {
public:
    /// Starts a program by its path. Of each stream at most `max_bytes` are kept. Code 1 where the system
    /// gives no process.
    [[nodiscard]] static Result<std::unique_ptr<BackgroundProgram>>
    start(const std::vector<std::string>& words, std::size_t max_bytes, const Interrupt& interrupt);

    BackgroundProgram(const BackgroundProgram&) = delete;
    BackgroundProgram& operator=(const BackgroundProgram&) = delete;
    BackgroundProgram(BackgroundProgram&&) = delete;
    BackgroundProgram& operator=(BackgroundProgram&&) = delete;
    ~BackgroundProgram();

    /// Descriptors of its output and its error output, to be polled; -1 after their ends.
    [[nodiscard]] int out_fd() const { return out_.fd; }
    [[nodiscard]] int err_fd() const { return err_.fd; }

    /// Reads what is there, without waiting, and reaps the program after the ends of both streams.
    void read();

    [[nodiscard]] bool has_ended() const { return pid_ < 0; }

    /// Its exit code, or 128 + the signal that ended it. Only of one that has ended.
    [[nodiscard]] int exit_code() const { return exit_code_; }

    /// What it wrote so far.
    [[nodiscard]] const std::string& out() const { return out_.text; }
    [[nodiscard]] const std::string& err() const { return err_.text; }

    /// Whether it wrote more than is kept.
    [[nodiscard]] bool is_cut() const { return out_.cut; }

    void send_signal(int number) const;

private:
    struct Stream {
        int fd = -1;
        std::string text = {};
        bool cut = false;
    };

    BackgroundProgram(pid_t pid, int out, int err, std::size_t max_bytes)
        : pid_(pid), out_{out}, err_{err}, max_bytes_(max_bytes) {}

    void read(Stream& stream) const;

    pid_t pid_;
    Stream out_;
    Stream err_;
    std::size_t max_bytes_;
    int exit_code_ = 0;
};

} // namespace jit
