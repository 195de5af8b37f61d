#include "io/terminal_mode.hpp"

#include <cerrno>
#include <csignal>
#include <termios.h>
#include <unistd.h>

namespace jit::io {
namespace {

// What the handler below works with; it has no argument to find an object by.
termios mode_before;
termios mode_inside;

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
/// after it in the mode of the object again.
void restore_and_obey(int number) {
    const int saved = errno;
    (void)tcsetattr(STDIN_FILENO, TCSANOW, &mode_before);
    handle(number, SIG_DFL);
    sigset_t own;
    sigemptyset(&own);
    sigaddset(&own, number);
    (void)raise(number);
    (void)pthread_sigmask(SIG_UNBLOCK, &own, nullptr); // here it ends or stops
    handle(number, restore_and_obey);
    (void)tcsetattr(STDIN_FILENO, TCSANOW, &mode_inside);
    errno = saved;
}

} // namespace

TerminalMode::TerminalMode(Input input) {
    if (tcgetattr(STDIN_FILENO, &mode_before) != 0) {
        return;
    }
    mode_inside = mode_before;
    mode_inside.c_lflag &= ~static_cast<tcflag_t>(ECHO | ECHOE | ECHOK | ECHONL);
    if (input == Input::keys) {
        mode_inside.c_lflag &= ~static_cast<tcflag_t>(ICANON | IEXTEN);
        mode_inside.c_cc[VMIN] = 1;
        mode_inside.c_cc[VTIME] = 0;
    }
    mode_inside.c_cc[VQUIT] = _POSIX_VDISABLE;
    mode_inside.c_cc[VSUSP] = _POSIX_VDISABLE;
    for (int number = 1; number < NSIG; ++number) {
        struct sigaction current = {};
        // Those that are handled already lead to the destructor, and those that are ignored do nothing.
        if (ends_or_stops(number) && sigaction(number, nullptr, &current) == 0 &&
            current.sa_handler == SIG_DFL) {
            handle(number, restore_and_obey);
            handled_.push_back(number);
        }
    }
    is_set_ = tcsetattr(STDIN_FILENO, TCSAFLUSH, &mode_inside) == 0;
}

TerminalMode::~TerminalMode() {
    if (is_set_) {
        (void)tcsetattr(STDIN_FILENO, TCSAFLUSH, &mode_before);
    }
    for (const int number : handled_) {
        handle(number, SIG_DFL);
    }
}

} // namespace jit::io
