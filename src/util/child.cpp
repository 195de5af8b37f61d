#include "util/child.hpp"

#include "util/pipe.hpp"
#include "util/text.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <optional>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <system_error>
#include <unistd.h>
#include <utility>
#ifdef __linux__
#include <sys/prctl.h>
#endif

namespace jit {
namespace {

Error cannot_start(std::string_view what, int reason) {
    return Error{ErrorKind::internal,
                 concat({"cannot start ", what, ": ", std::generic_category().message(reason)})};
}

void reset_signals() {
    struct sigaction action = {};
    action.sa_handler = SIG_DFL;
    for (int number = 1; number < k_signals; ++number) {
        struct sigaction current = {};
        const bool ends = ends_by_default(number) && number != SIGXFSZ; // a copy may write a cache, too
        if (ends && sigaction(number, nullptr, &current) == 0 &&
            (number == SIGPIPE || current.sa_handler != SIG_IGN)) {
            (void)sigaction(number, &action, nullptr);
        }
    }
}

/// Reads what the child writes up to its end or a limit, closes the pipe, and reaps the child. `target` is
/// what a limit kills: the child, or its group (negative).
ChildEnd supervise(pid_t child, pid_t target, int out, ChildLimits limits, Captured captured,
                   const Interrupt& interrupt) {
    using SteadyClock = std::chrono::steady_clock;
    using std::chrono::milliseconds;
    constexpr milliseconds k_look_again{20};
    const auto end = SteadyClock::now() + limits.time;
    (void)fcntl(out, F_SETFL, O_NONBLOCK);
    std::array<char, 4096> buffer{};
    std::string bytes;
    bytes.reserve(limits.bytes + buffer.size()); // never moved, so no copy of a secret stays behind
    std::optional<ChildEnd::Kind> stopped;
    int status = 0;
    // The end of the output, and that of the child, may come in either order: what it has started may hold
    // the one open, and it may close its output and live on.
    bool reading = true;
    bool running = true;
    while (running && !stopped) {
        const auto left = std::chrono::ceil<milliseconds>(end - SteadyClock::now());
        if (interrupt.signal() != 0) {
            stopped = ChildEnd::Kind::interrupted;
        } else if (left.count() <= 0) {
            stopped = ChildEnd::Kind::out_of_time;
        } else {
            std::array<pollfd, 2> wait = {{{interrupt.wake_fd(), POLLIN, 0}, {out, POLLIN, 0}}};
            const auto pause = std::min(left, k_look_again);
            (void)poll(wait.data(), reading ? 2 : 1, static_cast<int>(pause.count()));
            const pid_t reaped = waitpid(child, &status, WNOHANG);
            running = reaped == 0 || (reaped < 0 && errno == EINTR);
        }
        // At most what a pipe holds: a child that writes without end must not delay the timeout.
        constexpr int k_reads = 16;
        ssize_t size = 1;
        for (int i = 0; i < k_reads && reading && size > 0; ++i) {
            size = read(out, buffer.data(), buffer.size());
            const auto count = static_cast<std::size_t>(std::max<ssize_t>(size, 0));
            if (bytes.size() + count > limits.bytes && captured == Captured::standard) {
                stopped = ChildEnd::Kind::too_much;
                break;
            }
            bytes.append(buffer.data(), count);
            bytes.erase(0, bytes.size() - std::min(bytes.size(), limits.bytes));
            reading = size > 0 || (size < 0 && (errno == EAGAIN || errno == EINTR));
        }
    }
    wipe(buffer.data(), buffer.size());
    (void)close(out);
    if (stopped) {
        (void)kill(target, SIGKILL);
        if (running) {
            (void)kill(child, SIGKILL); // where it has left the group
            while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
            }
        }
    }
    const bool exited = WIFEXITED(status);
    return {stopped.value_or(exited ? ChildEnd::Kind::exited : ChildEnd::Kind::killed),
            exited ? WEXITSTATUS(status) : WTERMSIG(status), Secret::take(bytes)};
}

/// Whether the terminal is ours to read from: a program in a group of its own would be stopped when it asks.
bool in_foreground() {
    const int terminal = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
    if (terminal < 0) {
        return false;
    }
    const bool ours = tcgetpgrp(terminal) == getpgrp();
    (void)close(terminal);
    return ours;
}

/// Has SIGALRM end this process, whatever its parent thought of that signal.
void end_after(std::chrono::seconds time) {
    struct sigaction action = {};
    action.sa_handler = SIG_DFL;
    (void)sigaction(SIGALRM, &action, nullptr);
    sigset_t one;
    sigemptyset(&one);
    sigaddset(&one, SIGALRM);
    (void)pthread_sigmask(SIG_UNBLOCK, &one, nullptr);
    (void)alarm(static_cast<unsigned>(time.count()));
}

} // namespace

Result<ChildEnd> run_in_child(const std::function<int(int out)>& work, ChildLimits limits,
                              const Interrupt& interrupt) {
    const auto pipe = make_pipe();
    if (!pipe) {
        return cannot_start("a process", errno);
    }
    const pid_t parent = getpid();
    const pid_t child = fork();
    if (child == 0) {
        reset_signals();
#ifdef __linux__
        (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
#endif
        _exit(getppid() == parent ? work(pipe->write) : 1);
    }
    const int problem = errno;
    (void)close(pipe->write);
    if (child < 0) {
        (void)close(pipe->read);
        return cannot_start("a process", problem);
    }
    return supervise(child, child, pipe->read, limits, Captured::standard, interrupt);
}

void run_detached(const std::function<void()>& work, std::chrono::seconds most) {
    const int nowhere = open("/dev/null", O_RDWR | O_CLOEXEC);
    const pid_t child = nowhere >= 0 ? fork() : -1;
    if (child == 0) {
        if (fork() != 0) {
            _exit(0); // so that nobody has to reap the other one
        }
        reset_signals();
        (void)setsid();
        for (const int stream : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
            (void)dup2(nowhere, stream);
        }
        end_after(most);
        work();
        _exit(0);
    }
    while (child > 0 && waitpid(child, nullptr, 0) < 0 && errno == EINTR) {
    }
    (void)close(nowhere);
}

Result<ChildEnd> run_program(const ProgramCall& call, const Interrupt& interrupt) {
    const std::vector<std::string>& words = call.words;
    std::vector<char*> arguments;
    arguments.reserve(words.size() + 1);
    for (const std::string& word : words) {
        arguments.push_back(const_cast<char*>(word.c_str()));
    }
    arguments.push_back(nullptr);
    std::vector<std::string> environment =
        program_environment(inherited_environment(), call.without, call.more);
    std::vector<char*> variables;
    variables.reserve(environment.size() + 1);
    for (std::string& entry : environment) {
        variables.push_back(entry.data());
    }
    variables.push_back(nullptr);

    const bool own_group = call.terminal == Terminal::taken || !in_foreground();
    const bool has_input = !own_group && isatty(STDIN_FILENO) == 1;
    const auto pipe = make_pipe();
    if (!pipe) {
        return cannot_start(words.front(), errno);
    }
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, pipe->write, STDOUT_FILENO);
    if (call.captured == Captured::last) {
        posix_spawn_file_actions_adddup2(&actions, pipe->write, STDERR_FILENO);
    }
    if (!has_input) {
        posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    }
    posix_spawnattr_t attributes;
    posix_spawnattr_init(&attributes);
    sigset_t normal;
    sigemptyset(&normal);
    sigaddset(&normal, SIGPIPE); // the others are handled, and so become the default by themselves
    posix_spawnattr_setsigdefault(&attributes, &normal);
    posix_spawnattr_setpgroup(&attributes, 0);
    posix_spawnattr_setsigmask(&attributes, &interrupt.inherited().mask());
    posix_spawnattr_setflags(&attributes, static_cast<short>(POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK |
                                                             (own_group ? POSIX_SPAWN_SETPGROUP : 0)));
    pid_t child = -1;
    const int problem =
        posix_spawnp(&child, arguments.front(), &actions, &attributes, arguments.data(), variables.data());
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    (void)close(pipe->write);
    if (problem != 0) {
        (void)close(pipe->read);
        Error error = cannot_start(words.front(), problem);
        error.kind = ErrorKind::usage;
        return error;
    }
    return supervise(child, own_group ? -child : child, pipe->read, call.limits, call.captured, interrupt);
}

void start_detached(ProgramCall call, const Interrupt& interrupt) {
    constexpr std::chrono::seconds k_to_start{20};
    const auto most = std::chrono::ceil<std::chrono::seconds>(call.limits.time) + k_to_start;
    run_detached(
        [&call, &interrupt] {
            (void)pthread_sigmask(SIG_SETMASK, &interrupt.inherited().mask(), nullptr);
            (void)run_program(call, Interrupt()); // a signal to us is none to it
        },
        most);
}

} // namespace jit
