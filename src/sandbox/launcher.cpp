#include "sandbox/launcher.hpp"

#include "util/pipe.hpp"
#include "util/text.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <sys/wait.h>
#include <system_error>
#include <unistd.h>

extern char** environ; // NOLINT: POSIX names it

namespace jit::sandbox {
namespace {

constexpr std::array<std::string_view, 2> k_misleading = {"SAIL_ACCESS_TOKEN", "SAIL_ACTIVEENVIRONMENT"};

std::string shell_quoted(std::string_view text) {
    std::string quoted = "'";
    for (const char c : text) {
        quoted += c == '\'' ? std::string_view("'\\''") : std::string_view(&c, 1);
    }
    return quoted + "'";
}

/// The words as the exec functions take them; valid as long as the words.
std::vector<char*> pointers(std::vector<std::string>& words) {
    std::vector<char*> out;
    out.reserve(words.size() + 1);
    for (std::string& word : words) {
        out.push_back(word.data());
    }
    out.push_back(nullptr);
    return out;
}

LaunchFault no_process(int error) {
    return {1, concat({"cannot start a process: ", std::generic_category().message(error)})};
}

/// Becomes the program, or tells why not and ends.
[[noreturn]] void become(char* const* words, char** entries, const sigset_t& mask, int fault_pipe) {
    (void)pthread_sigmask(SIG_SETMASK, &mask, nullptr);
    environ = entries;
    (void)execvp(words[0], words);
    const int error = errno;
    (void)!write(fault_pipe, &error, sizeof error);
    _exit(127);
}

/// errno of a child that could not become its program, or 0.
int read_fault(int fault_pipe) {
    int error = 0;
    ssize_t size = -1;
    do {
        size = read(fault_pipe, &error, sizeof error);
    } while (size < 0 && errno == EINTR);
    return size == static_cast<ssize_t>(sizeof error) ? error : 0;
}

} // namespace

Variables client_variables(std::string_view base_url, std::string_view client_id,
                           std::string_view client_secret) {
    return {{"SAIL_BASE_URL", std::string(base_url)},
            {"SAIL_CLIENT_ID", std::string(client_id)},
            {"SAIL_CLIENT_SECRET", std::string(client_secret)}};
}

std::vector<std::string> child_environment(const std::vector<std::string>& entries,
                                           const Variables& variables) {
    std::vector<std::string> out;
    for (const std::string& entry : entries) {
        const std::string_view name = std::string_view(entry).substr(0, entry.find('='));
        const bool set = std::any_of(variables.begin(), variables.end(),
                                     [name](const auto& variable) { return variable.first == name; });
        if (!set && std::find(k_misleading.begin(), k_misleading.end(), name) == k_misleading.end()) {
            out.push_back(entry);
        }
    }
    for (const auto& [name, value] : variables) {
        out.push_back(concat({name, "=", value}));
    }
    return out;
}

std::string shell_lines(const Variables& variables, pid_t own_pid) {
    std::string lines;
    for (const auto& [name, value] : variables) {
        lines += concat({"export ", name, "=", shell_quoted(value), "\n"});
    }
    lines += concat({"export JIT_SANDBOX_PID='", std::to_string(own_pid), "'\n"});
    return concat({lines, "unset ", k_misleading[0], " ", k_misleading[1], "\n"});
}

Result<pid_t, LaunchFault> launch(const std::vector<std::string>& command,
                                  const std::vector<std::string>& environment) {
    std::vector<std::string> words = command;
    std::vector<std::string> entries = environment;
    const std::vector<char*> word_pointers = pointers(words);
    std::vector<char*> entry_pointers = pointers(entries);

    const auto fault_pipe = make_pipe();
    if (!fault_pipe) {
        return no_process(errno);
    }
    (void)std::signal(SIGCHLD, SIG_DFL); // ignored, as some parents leave it, it would hide the program's end
    sigset_t watched;
    sigemptyset(&watched);
    for (const int number : {SIGCHLD, SIGINT, SIGTERM, SIGHUP}) {
        sigaddset(&watched, number);
    }
    sigset_t before;
    (void)pthread_sigmask(SIG_BLOCK, &watched, &before);
    const pid_t child = fork();
    if (child == 0) {
        become(word_pointers.data(), entry_pointers.data(), before, fault_pipe->write);
    }
    const int fork_error = errno;
    (void)close(fault_pipe->write);
    const int error = child < 0 ? 0 : read_fault(fault_pipe->read);
    (void)close(fault_pipe->read);
    if (child < 0) {
        return no_process(fork_error);
    }
    if (error != 0) {
        (void)waitpid(child, nullptr, 0);
        return LaunchFault{error == ENOENT ? 127 : 126,
                           concat({command.front(), ": ", std::generic_category().message(error)})};
    }
    return child;
}

int exit_code_of(int wait_status) {
    return WIFSIGNALED(wait_status) ? 128 + WTERMSIG(wait_status) : WEXITSTATUS(wait_status);
}

} // namespace jit::sandbox
