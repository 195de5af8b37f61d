#pragma once

#include <string_view>

namespace jit {

/// How `jit` ends. The numbers are promised to scripts in jit(1), "EXIT STATUS"; nothing else in the program
/// names a number.
enum class ExitCode : int {
    done = 0,
    internal = 1,         ///< a fault of `jit` itself, or of the machine under it
    usage = 2,            ///< bad options, bad configuration, no credentials
    unauthenticated = 3,  ///< credentials refused, 401 after a fresh token
    forbidden = 4,        ///< 403
    refused = 5,          ///< 400, 404, 409, 412, 422
    rate_limited = 6,     ///< 429 beyond the retries: not carried out
    unreachable = 7,      ///< DNS, connect, TLS, proxy: nothing was sent
    server = 8,           ///< 5xx, or an answer that is not the API's
    unknown_outcome = 9,  ///< sent, and no usable answer: it may or may not have been carried out
    partial = 10,         ///< of several targets some failed
    not_provisioned = 11, ///< the activation ended in a state that never gives access
    wait_timeout = 12,    ///< still under way when the wait ran out
    interrupted = 130,    ///< SIGINT
    terminated = 143,     ///< SIGTERM
};

/// The word for a code in JSON errors, `error.kind`.
[[nodiscard]] std::string_view kind_name(ExitCode code);

} // namespace jit
