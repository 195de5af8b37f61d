#include "io/prompt.hpp"

#include "io/terminal_mode.hpp"
#include "util/text.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <optional>
#include <poll.h>
#include <string>
#include <system_error>
#include <termios.h>
#include <unistd.h>
#include <vector>

namespace jit::io {
namespace {

enum class End { of_line, of_input };

/// Reads standard input, or a terminal, up to a line's end, or up to its own.
Result<Secret> read_up_to(const Interrupt& interrupt, std::size_t most, End end, int fd = STDIN_FILENO) {
    const bool line = end == End::of_line;
    std::string bytes;
    bytes.reserve(most + 1); // never moved, so no copy of a secret stays behind
    const auto failed = [&bytes](Error error) {
        wipe(bytes);
        return error;
    };
    for (;;) {
        if (interrupt.signal() != 0) {
            return failed({ErrorKind::interrupted, "interrupted; nothing was changed"});
        }
        std::array<pollfd, 2> wait = {{{fd, POLLIN, 0}, {interrupt.wake_fd(), POLLIN, 0}}};
        if (poll(wait.data(), wait.size(), -1) <= 0 || wait[0].revents == 0) {
            continue;
        }
        char byte = '\0'; // not more than the line is taken from a terminal; input is short
        const ssize_t size = read(fd, &byte, 1);
        if (size < 0 && errno != EINTR) {
            return failed(usage_error(
                concat({fd == STDIN_FILENO ? "cannot read standard input: " : "cannot read the terminal: ",
                        std::generic_category().message(errno)})));
        }
        if (size == 0 && line && fd == STDIN_FILENO) {
            return failed(usage_error("the input has ended without an answer; nothing was changed"));
        }
        if (size == 0 || (size == 1 && line && byte == '\n')) {
            return Secret::take(bytes);
        }
        if (size == 1) {
            if (bytes.size() == most) {
                return failed(usage_error(fd == STDIN_FILENO
                                              ? "standard input has more than a secret"
                                              : "the answer is too long; nothing was changed"));
            }
            bytes.push_back(byte);
        }
    }
}

constexpr std::size_t k_max_line = 4096;

} // namespace

Result<Secret> ask(Console& console, const Interrupt& interrupt, std::string_view question) {
    console.message(question);
    return read_up_to(interrupt, k_max_line, End::of_line);
}

Result<Secret> ask_secret(Console& console, const Interrupt& interrupt, std::string_view question) {
    const TerminalMode mode(Input::line_without_echo);
    if (!mode.is_set()) {
        return usage_error("the terminal's echo cannot be turned off", "use --with-secret-stdin");
    }
    console.message(question);
    auto answer = read_up_to(interrupt, k_max_line, End::of_line);
    console.message("\n"); // the one that was typed is not shown
    return answer;
}

Result<std::optional<Secret>> ask_terminal(const Interrupt& interrupt, std::string_view question) {
    const int terminal = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
    if (terminal < 0) {
        return std::optional<Secret>();
    }
    (void)tcflush(terminal, TCIFLUSH); // what was typed before is no answer
    bool asked = true;
    while (asked && !question.empty()) {
        const ssize_t size = write(terminal, question.data(), question.size());
        asked = size > 0 || (size < 0 && errno == EINTR);
        question.remove_prefix(static_cast<std::size_t>(std::max<ssize_t>(size, 0)));
    }
    auto answer = asked ? read_up_to(interrupt, k_max_line, End::of_line, terminal)
                        : Result<Secret>(usage_error("cannot write to the terminal; nothing was changed"));
    (void)close(terminal);
    if (!answer) {
        return std::move(answer).error();
    }
    return std::optional(*std::move(answer));
}

Result<Secret> read_input(const Interrupt& interrupt, std::size_t most) {
    return read_up_to(interrupt, most, End::of_input);
}

} // namespace jit::io
