#pragma once

#include "util/result.hpp"

#include <string>
#include <string_view>
#include <sys/types.h>
#include <utility>
#include <vector>

namespace jit::sandbox {

using Variables = std::vector<std::pair<std::string, std::string>>;

/// What a client needs to reach the practice tenant: SAIL_BASE_URL, SAIL_CLIENT_ID, SAIL_CLIENT_SECRET.
[[nodiscard]] Variables client_variables(std::string_view base_url, std::string_view client_id,
                                         std::string_view client_secret);

/// The entries "NAME=value" of an environment with `variables` set, and without those that would lead a
/// client elsewhere: SAIL_ACCESS_TOKEN and SAIL_ACTIVEENVIRONMENT.
[[nodiscard]] std::vector<std::string> child_environment(const std::vector<std::string>& entries,
                                                         const Variables& variables);

/// Lines for a shell that have the same effect, and set JIT_SANDBOX_PID.
[[nodiscard]] std::string shell_lines(const Variables& variables, pid_t own_pid);

struct LaunchFault {
    int exit_code; ///< as shells have it: 127 not found, 126 not executable, 1 when there can be no process
    std::string message;
};

/// Starts a program, found by PATH, in that environment. SIGCHLD and the signals to forward are blocked when
/// it returns, so that none is lost before `Server::run` listens to them; the program has the signal mask of
/// before.
[[nodiscard]] Result<pid_t, LaunchFault> launch(const std::vector<std::string>& command,
                                                const std::vector<std::string>& environment);

/// The exit code a shell would report for a status of waitpid().
[[nodiscard]] int exit_code_of(int wait_status);

} // namespace jit::sandbox
