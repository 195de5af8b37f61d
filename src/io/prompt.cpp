#include "io/prompt.hpp"

#include "base/text.hpp"

#include <array>
#include <cerrno>
#include <poll.h>
#include <string>
#include <system_error>
#include <termios.h>
#include <unistd.h>

namespace jit::io {
namespace {

/// Reads standard input up to a line's end, or up to its own.
Result<Secret> read_up_to(const Interrupt& interrupt, std::size_t most, bool line) {
    std::string bytes;
    bytes.reserve(most + 1); // never moved, so no copy of a secret stays behind
    const auto failed = [&bytes](Error error) {
        wipe(bytes);
        return error;
    };
    for (;;) {
        if (interrupt.signal() != 0) {
            return failed({ExitCode::interrupted, "interrupted; nothing was changed"});
        }
        std::array<pollfd, 2> wait = {{{STDIN_FILENO, POLLIN, 0}, {interrupt.wake_fd(), POLLIN, 0}}};
        if (poll(wait.data(), wait.size(), -1) <= 0 || wait[0].revents == 0) {
            continue;
        }
        char byte = '\0'; // not more than the line is taken from a terminal; input is short
        const ssize_t size = read(STDIN_FILENO, &byte, 1);
        if (size < 0 && errno != EINTR) {
            return failed(
                usage_error(cat({"cannot read standard input: ", std::generic_category().message(errno)})));
        }
        if (size == 0 && line) {
            return failed(usage_error("the input has ended without an answer; nothing was changed"));
        }
        if (size == 0 || (size == 1 && line && byte == '\n')) {
            return Secret::take(bytes);
        }
        if (size == 1) {
            if (bytes.size() == most) {
                return failed(usage_error("standard input has more than a secret"));
            }
            bytes.push_back(byte);
        }
    }
}

constexpr std::size_t k_most_line = 4096;

/// Turns the terminal's echo off, and back to what it was.
class NoEcho {
public:
    NoEcho() {
        if (tcgetattr(STDIN_FILENO, &before_) != 0) {
            return;
        }
        termios quiet = before_;
        quiet.c_lflag &= ~static_cast<tcflag_t>(ECHO | ECHOE | ECHOK | ECHONL);
        quiet.c_cc[VQUIT] = _POSIX_VDISABLE;
        quiet.c_cc[VSUSP] = _POSIX_VDISABLE;
        quiet_ = tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet) == 0;
    }
    NoEcho(const NoEcho&) = delete;
    NoEcho& operator=(const NoEcho&) = delete;
    NoEcho(NoEcho&&) = delete;
    NoEcho& operator=(NoEcho&&) = delete;
    ~NoEcho() {
        if (quiet_) {
            (void)tcsetattr(STDIN_FILENO, TCSAFLUSH, &before_);
        }
    }
    [[nodiscard]] bool quiet() const { return quiet_; }

private:
    termios before_{};
    bool quiet_ = false;
};

} // namespace

Result<Secret> ask(Console& console, const Interrupt& interrupt, std::string_view question) {
    console.message(question);
    return read_up_to(interrupt, k_most_line, true);
}

Result<Secret> ask_secret(Console& console, const Interrupt& interrupt, std::string_view question) {
    const NoEcho quiet;
    if (!quiet.quiet()) {
        return usage_error("the terminal's echo cannot be turned off", "use --with-secret-stdin");
    }
    console.message(question);
    auto answer = read_up_to(interrupt, k_most_line, true);
    console.message("\n"); // the one that was typed is not shown
    return answer;
}

Result<Secret> read_input(const Interrupt& interrupt, std::size_t most) {
    return read_up_to(interrupt, most, false);
}

} // namespace jit::io
