#pragma once

#include "util/error.hpp"

#include <array>
#include <string_view>

namespace jit {

/// How `jit` ends. The numbers are promised to scripts in jit(1), "EXIT STATUS"; nothing else in the program
/// names a number.
enum class ExitCode : int {
    done = 0,
    internal = 1,
    usage = 2,
    unauthenticated = 3,
    forbidden = 4,
    refused = 5,
    rate_limited = 6,
    unreachable = 7,
    server = 8,
    unknown_outcome = 9,
    partial = 10,
    not_provisioned = 11,
    wait_timeout = 12,
    run_failed = 125, ///< of `jit run`, for all the codes above: those below 125 are the program's
    not_executable = 126,
    not_found = 127,
    interrupted = 130, ///< 128 + SIGINT
    terminated = 143,  ///< 128 + SIGTERM
};

/// What shells add the number of the signal to that ended a program.
inline constexpr int k_ended_by_signal = 128;

/// What a code means, for people.
struct ExitCodeMeaning {
    ExitCode code;
    std::string_view when;
};

/// Every code in order, as help and manual list them.
inline constexpr std::array<ExitCodeMeaning, 18> k_exit_codes = {{
    {ExitCode::done, "done"},
    {ExitCode::internal, "a fault of jit itself, or of the machine under it"},
    {ExitCode::usage, "bad options, bad configuration, no credentials"},
    {ExitCode::unauthenticated, "credentials or token refused"},
    {ExitCode::forbidden, "a scope, a user level or a feature is missing (HTTP 403)"},
    {ExitCode::refused, "not applicable (HTTP 400, 404, 409, 412, 422); a name with no match or several; a "
                        "person said no; status: not active"},
    {ExitCode::rate_limited, "the rate limit held on beyond --retries or --max-wait; not carried out"},
    {ExitCode::unreachable, "DNS, connect, TLS or proxy failed; nothing was sent"},
    {ExitCode::server,
     "a server fault, or an answer that is not the API's; the message says what may have been changed"},
    {ExitCode::unknown_outcome,
     "sent, and no answer or a server fault (HTTP 5xx): it may or may not have been carried out"},
    {ExitCode::partial, "of several targets some failed"},
    {ExitCode::not_provisioned, "accepted, but ended in ERROR, INVALID, REVOKED, CANCELLED, TIMED_OUT"},
    {ExitCode::wait_timeout, "still under way when the wait ran out"},
    {ExitCode::run_failed,
     "jit run: jit failed before or after the command; the message names the code above"},
    {ExitCode::not_executable, "jit run: the command cannot be executed"},
    {ExitCode::not_found, "jit run: the command was not found"},
    {ExitCode::interrupted, "stopped by Ctrl-C"},
    {ExitCode::terminated, "stopped by SIGTERM"},
}};

/// How `jit` ends for a kind of error.
[[nodiscard]] ExitCode exit_code_of(ErrorKind kind);

} // namespace jit
