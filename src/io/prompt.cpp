#include "io/prompt.hpp"

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

// What the handler below works with; it has no argument to find an object by.
termios terminal_before;
termios terminal_quiet;

/// Whether a signal ends or stops a process that does nothing about it.
bool ends_or_stops(int number) {
    return number != SIGKILL && number != SIGSTOP && number != SIGCHLD && number != SIGCONT &&
           number != SIGURG && number != SIGWINCH;
}

void handle(int number, void (*handler)(int)) {
    struct sigaction action = {};
    action.sa_handler = handler;
    sigemptyset(&action.sa_mask);
    (void)sigaction(number, &action, nullptr);
}

/// Gives the terminal back before the signal does what it does by itself; where that was a stop, goes on
/// after it with the echo turned off again.
void restore_and_obey(int number) {
    const int saved = errno;
    (void)tcsetattr(STDIN_FILENO, TCSANOW, &terminal_before);
    handle(number, SIG_DFL);
    sigset_t own;
    sigemptyset(&own);
    sigaddset(&own, number);
    (void)raise(number);
    (void)pthread_sigmask(SIG_UNBLOCK, &own, nullptr); // here it ends or stops
    handle(number, restore_and_obey);
    (void)tcsetattr(STDIN_FILENO, TCSANOW, &terminal_quiet);
    errno = saved;
}

/// Turns the terminal's echo off, and back to what it was, whatever ends or stops the process meanwhile but
/// SIGKILL and SIGSTOP. At most one object at a time.
class NoEcho {
public:
    NoEcho() {
        if (tcgetattr(STDIN_FILENO, &terminal_before) != 0) {
            return;
        }
        terminal_quiet = terminal_before;
        terminal_quiet.c_lflag &= ~static_cast<tcflag_t>(ECHO | ECHOE | ECHOK | ECHONL);
        terminal_quiet.c_cc[VQUIT] = _POSIX_VDISABLE;
        terminal_quiet.c_cc[VSUSP] = _POSIX_VDISABLE;
        for (int number = 1; number < NSIG; ++number) {
            struct sigaction current = {};
            // Those that are handled already lead to the destructor, and those that are ignored do nothing.
            if (ends_or_stops(number) && sigaction(number, nullptr, &current) == 0 &&
                current.sa_handler == SIG_DFL) {
                handle(number, restore_and_obey);
                handled_.push_back(number);
            }
        }
        quiet_ = tcsetattr(STDIN_FILENO, TCSAFLUSH, &terminal_quiet) == 0;
    }
    NoEcho(const NoEcho&) = delete;
    NoEcho& operator=(const NoEcho&) = delete;
    NoEcho(NoEcho&&) = delete;
    NoEcho& operator=(NoEcho&&) = delete;
    ~NoEcho() {
        if (quiet_) {
            (void)tcsetattr(STDIN_FILENO, TCSAFLUSH, &terminal_before);
        }
        for (const int number : handled_) {
            handle(number, SIG_DFL);
        }
    }
    [[nodiscard]] bool quiet() const { return quiet_; }

private:
    std::vector<int> handled_; ///< signals that do by default again what they did before
    bool quiet_ = false;
};

} // namespace

Result<Secret> ask(Console& console, const Interrupt& interrupt, std::string_view question) {
    console.message(question);
    return read_up_to(interrupt, k_max_line, End::of_line);
}

Result<Secret> ask_secret(Console& console, const Interrupt& interrupt, std::string_view question) {
    const NoEcho quiet;
    if (!quiet.quiet()) {
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
