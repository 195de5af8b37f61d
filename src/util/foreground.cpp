#include "util/foreground.hpp"
#include "util/exit_code.hpp"

#include "util/pipe.hpp"
#include "util/program.hpp"
#include "util/text.hpp"

#include <atomic>
#include <cerrno>
#include <fcntl.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

namespace jit {
namespace {

/// Whether the program is to have it where it reached us alone. SIGPIPE and SIGXFSZ are about what we write.
bool is_passed_on(int number) {
    return (ends_by_default(number) && number != SIGPIPE && number != SIGXFSZ) || number == SIGCONT ||
           number == SIGTSTP || number == SIGWINCH;
}

/// Whether the kernel sends it to all of the terminal's foreground group, and so to the program as well.
bool is_of_terminal(int number, const siginfo_t& info) {
    return info.si_code > 0 && (number == SIGINT || number == SIGQUIT || number == SIGTSTP ||
                                number == SIGCONT || number == SIGWINCH);
}

// What the handlers work with; they have no argument to find an object by.
std::atomic<Interrupt*> waiter{nullptr};
std::atomic<pid_t> running{0};
std::atomic<int> end_status{0};
std::atomic<bool> ended{false};
std::atomic<bool> asked{false};

/// Whether the terminal is our process group's.
bool in_foreground() {
    const int terminal = open("/dev/tty", O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (terminal < 0) {
        return false;
    }
    const bool ours = tcgetpgrp(terminal) == getpgrp();
    (void)close(terminal);
    return ours;
}

/// Stops this process as SIGTSTP does by itself: not at all where no shell could continue it. Returns when it
/// is continued. For a handler in which the signal is blocked.
void stop_ourselves() {
    struct sigaction own = {};
    struct sigaction normal = {};
    normal.sa_handler = SIG_DFL;
    (void)sigaction(SIGTSTP, &normal, &own);
    (void)raise(SIGTSTP);
    sigset_t stop;
    sigemptyset(&stop);
    sigaddset(&stop, SIGTSTP);
    (void)pthread_sigmask(SIG_UNBLOCK, &stop, nullptr); // here it stops
    (void)pthread_sigmask(SIG_BLOCK, &stop, nullptr);
    (void)sigaction(SIGTSTP, &own, nullptr);
}

void on_child(int /*number*/) {
    const int saved = errno;
    const pid_t child = running.load();
    int status = 0;
    pid_t changed = -1;
    do {
        changed = child > 0 ? waitpid(child, &status, WNOHANG | WUNTRACED) : 0;
    } while (changed < 0 && errno == EINTR);
    if (changed > 0 && WIFSTOPPED(status)) {
        // Only now, after Ctrl-Z as well: a program first gives the terminal back as it found it, and the
        // shell takes it as soon as we stop.
        if (in_foreground()) {
            stop_ourselves();
        }
    } else if (changed != 0 && child > 0) {
        running.store(0);
        end_status.store(status);
        ended.store(true);
        waiter.load()->raise(SIGCHLD);
    }
    errno = saved;
}

/// Whether the child has been continued since `on_child` saw it stop; it may have stopped again. The kernel
/// tells the youngest of a group first, so that after a shell's SIGCONT to the group this is certain.
bool was_continued(pid_t child) {
    const auto waits = [child](int what) {
        siginfo_t info = {};
        return waitid(P_PID, static_cast<id_t>(child), &info, what | WNOHANG) == 0 && info.si_pid == child;
    };
    return waits(WCONTINUED) || waits(WSTOPPED | WNOWAIT); // the second stop is for `on_child` to see
}

void pass_on(int number, siginfo_t* info, void* /*context*/) {
    const int saved = errno;
    const pid_t child = running.load();
    Interrupt& interrupt = *waiter.load();
    const bool from_child = info->si_code <= 0 && info->si_pid == child;
    if (is_own_fault(number, *info)) {
        interrupt.inherited().restore(number); // it happens again, and ends the process
    } else if (!from_child) {
        // A shell's SIGCONT was for the group. Once more, it could undo a stop that came since.
        const bool has_it = number == SIGCONT && child > 0 && was_continued(child);
        if (child > 0 && !is_of_terminal(number, *info) && !has_it) {
            (void)kill(child, number);
        }
        if (asks_to_end(number)) {
            asked.store(true);
        }
        // Ctrl-C is the program's, but while its access is being ended it is for that, too.
        if (asks_to_end(number) || (number == SIGINT && interrupt.insists())) {
            interrupt.on_signal(number, *info);
        }
    }
    errno = saved;
}

std::vector<char*> pointers(const std::vector<std::string>& texts) {
    std::vector<char*> out;
    out.reserve(texts.size() + 1);
    for (const std::string& text : texts) {
        out.push_back(const_cast<char*>(text.c_str()));
    }
    out.push_back(nullptr);
    return out;
}

/// Starts a program that has the signals, and the timers of its own time, as the parent meant them for
/// whatever it starts. Its process ID, or -1 and `errno`.
pid_t spawn(const std::string& file, const std::vector<std::string>& words,
            const std::vector<std::string>& environment, const SignalState& signals) {
    const std::vector<char*> arguments = pointers(words);
    const std::vector<char*> entries = pointers(environment);
    std::vector<std::string> script = {"sh", file};
    script.insert(script.end(), words.begin() + 1, words.end());
    const std::vector<char*> script_arguments = pointers(script);
    const auto pipe = make_pipe(); // tells why it could not be executed; an execution closes it
    if (!pipe) {
        return -1;
    }
    const itimerval none{};
    itimerval own_time{};
    itimerval all_time{};
    (void)setitimer(ITIMER_VIRTUAL, &none, &own_time); // a fork has none
    (void)setitimer(ITIMER_PROF, &none, &all_time);
    const pid_t child = fork();
    int problem = errno;
    if (child == 0) {
        (void)setitimer(ITIMER_VIRTUAL, &own_time, nullptr);
        (void)setitimer(ITIMER_PROF, &all_time, nullptr);
        signals.restore();
        (void)execve(file.c_str(), arguments.data(), entries.data());
        if (errno == ENOEXEC) { // a script that names no interpreter is the shell's, as execvp has it
            (void)execve("/bin/sh", script_arguments.data(), entries.data());
        }
        problem = errno;
        const ssize_t written = write(pipe->write, &problem, sizeof problem);
        _exit(written < 0 ? 1 : 127);
    }
    (void)close(pipe->write);
    if (child > 0) {
        problem = 0;
        while (read(pipe->read, &problem, sizeof problem) < 0 && errno == EINTR) {
        }
    }
    (void)close(pipe->read);
    if (child > 0 && problem != 0) {
        while (waitpid(child, nullptr, 0) < 0 && errno == EINTR) {
        }
    }
    errno = problem;
    return problem == 0 ? child : -1;
}

} // namespace

Foreground::Foreground(Interrupt& interrupt) : mask_() {
    waiter.store(&interrupt);
    running.store(0);
    ended.store(false);
    asked.store(false);
    (void)pthread_sigmask(SIG_SETMASK, nullptr, &mask_);
}

Foreground::~Foreground() {
    running.store(0);
    for (const Saved& saved : saved_) {
        (void)sigaction(saved.number, &saved.action, nullptr);
    }
    (void)pthread_sigmask(SIG_SETMASK, &mask_, nullptr);
}

Result<void> Foreground::start(const std::string& file, const std::vector<std::string>& words,
                               const std::vector<std::string>& environment) {
    sigset_t ours;
    sigemptyset(&ours);
    sigaddset(&ours, SIGCHLD);
    for (int number = 1; number < k_signals; ++number) {
        if (is_passed_on(number)) {
            sigaddset(&ours, number);
        }
    }
    // Blocked, so that none comes between the start and the time when it is known whom to pass it on to.
    (void)pthread_sigmask(SIG_BLOCK, &ours, nullptr);
    sigset_t pending;
    sigemptyset(&pending);
    (void)sigpending(&pending);
    for (int number = 1; number < k_signals; ++number) {
        const bool is_pending =
            ends_by_default(number) && is_passed_on(number) && sigismember(&pending, number) == 1;
        if (is_pending || waiter.load()->signal() != 0) {
            return Error{ErrorKind::interrupted,
                         concat({"interrupted before ", words.front(), " was started"})};
        }
    }
    const auto handle = [this, &ours](int number, struct sigaction action) {
        struct sigaction before = {};
        const bool known = sigaction(number, nullptr, &before) == 0;
        if (known &&
            (number == SIGCHLD || before.sa_handler != SIG_IGN)) { // what is ignored is so by the program
            action.sa_mask = ours;
            action.sa_flags |= SA_RESTART;
            (void)sigaction(number, &action, nullptr);
            saved_.push_back({number, before});
        }
    };
    for (int number = 1; number < k_signals; ++number) {
        if (is_passed_on(number)) {
            struct sigaction action = {};
            action.sa_sigaction = pass_on;
            action.sa_flags = SA_SIGINFO;
            handle(number, action);
        }
    }
    struct sigaction action = {};
    action.sa_handler = on_child;
    handle(SIGCHLD, action);

    const pid_t child = spawn(file, words, environment, waiter.load()->inherited());
    const int problem = errno;
    if (child >= 0) {
        running.store(child);
    }
    sigaddset(&mask_, SIGTTOU); // a shell takes the terminal, and we must be able to write nevertheless
    sigset_t mask = mask_;
    sigdelset(&mask, SIGCHLD); // a parent may have blocked it
    (void)pthread_sigmask(SIG_SETMASK, &mask, nullptr);
    return child >= 0 ? Result<void>() : cannot_run(words.front(), problem);
}

std::optional<int> Foreground::exit_code() const {
    if (!ended.load()) {
        return std::nullopt;
    }
    const int status = end_status.load();
    return WIFSIGNALED(status) ? k_ended_by_signal + WTERMSIG(status) : WEXITSTATUS(status);
}

bool Foreground::asked_to_stop() const {
    return asked.load();
}

void Foreground::send(int signal) const {
    const pid_t child = running.load();
    if (child > 0) {
        (void)kill(child, signal);
    }
}

} // namespace jit
