#include "util/background_program.hpp"

#include "util/exit_code.hpp"
#include "util/pipe.hpp"
#include "util/program.hpp"
#include "util/text.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <system_error>
#include <unistd.h>

namespace jit {

Result<std::unique_ptr<BackgroundProgram>> BackgroundProgram::start(const std::vector<std::string>& words,
                                                                    std::size_t max_bytes,
                                                                    const Interrupt& interrupt) {
    const auto failed = [&words](int reason) {
        return Error{ErrorKind::internal,
                     concat({"cannot start ", words.front(), ": ", std::generic_category().message(reason)})};
    };
    const auto out = make_pipe();
    if (!out) {
        return failed(errno);
    }
    const auto err = make_pipe();
    if (!err) {
        const int reason = errno;
        (void)close(out->read);
        (void)close(out->write);
        return failed(reason);
    }
    std::vector<char*> arguments;
    arguments.reserve(words.size() + 1);
    for (const std::string& word : words) {
        arguments.push_back(const_cast<char*>(word.c_str()));
    }
    arguments.push_back(nullptr);
    std::vector<std::string> environment = program_environment(inherited_environment(), {}, {});
    std::vector<char*> variables;
    variables.reserve(environment.size() + 1);
    for (std::string& entry : environment) {
        variables.push_back(entry.data());
    }
    variables.push_back(nullptr);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&actions, out->write, STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions, err->write, STDERR_FILENO);
    posix_spawnattr_t attributes;
    posix_spawnattr_init(&attributes);
    sigset_t normal;
    sigemptyset(&normal);
    sigaddset(&normal, SIGPIPE); // the others are handled, and so become the default by themselves
    posix_spawnattr_setsigdefault(&attributes, &normal);
    posix_spawnattr_setsigmask(&attributes, &interrupt.inherited().mask());
    posix_spawnattr_setflags(
        &attributes, static_cast<short>(POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSID));
    pid_t pid = -1;
    const int problem =
        posix_spawn(&pid, arguments.front(), &actions, &attributes, arguments.data(), variables.data());
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    (void)close(out->write);
    (void)close(err->write);
    if (problem != 0) {
        (void)close(out->read);
        (void)close(err->read);
        return failed(problem);
    }
    (void)fcntl(out->read, F_SETFL, O_NONBLOCK);
    (void)fcntl(err->read, F_SETFL, O_NONBLOCK);
    return std::unique_ptr<BackgroundProgram>(new BackgroundProgram(pid, out->read, err->read, max_bytes));
}

BackgroundProgram::~BackgroundProgram() {
    for (const int fd : {out_.fd, err_.fd}) {
        if (fd >= 0) {
            (void)close(fd);
        }
    }
}

void BackgroundProgram::read(Stream& stream) const {
    std::array<char, 16384> buffer{};
    while (stream.fd >= 0) {
        const ssize_t size = ::read(stream.fd, buffer.data(), buffer.size());
        if (size > 0) {
            const std::size_t room = max_bytes_ - stream.text.size();
            stream.cut = stream.cut || static_cast<std::size_t>(size) > room;
            stream.text.append(buffer.data(), std::min(room, static_cast<std::size_t>(size)));
        } else if (size < 0 && errno == EAGAIN) {
            return;
        } else if (size == 0 || errno != EINTR) {
            (void)close(stream.fd);
            stream.fd = -1;
        }
    }
}

void BackgroundProgram::read() {
    read(out_);
    read(err_);
    if (pid_ < 0 || out_.fd >= 0 || err_.fd >= 0) {
        return;
    }
    int status = 0;
    while (waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
    }
    exit_code_ = WIFEXITED(status) ? WEXITSTATUS(status) : k_ended_by_signal + WTERMSIG(status);
    pid_ = -1;
}

void BackgroundProgram::send_signal(int number) const {
    if (pid_ > 0) {
        (void)kill(pid_, number);
    }
}

} // namespace jit
