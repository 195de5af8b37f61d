#include "util/exit_code.hpp"

namespace jit {

ExitCode exit_code_of(ErrorKind kind) {
    switch (kind) {
    case ErrorKind::internal:
        return ExitCode::internal;
    case ErrorKind::usage:
        return ExitCode::usage;
    case ErrorKind::unauthenticated:
        return ExitCode::unauthenticated;
    case ErrorKind::forbidden:
        return ExitCode::forbidden;
    case ErrorKind::refused:
    case ErrorKind::declined:
        return ExitCode::refused;
    case ErrorKind::rate_limited:
        return ExitCode::rate_limited;
    case ErrorKind::unreachable:
        return ExitCode::unreachable;
    case ErrorKind::server:
        return ExitCode::server;
    case ErrorKind::unknown_outcome:
        return ExitCode::unknown_outcome;
    case ErrorKind::partial:
        return ExitCode::partial;
    case ErrorKind::not_provisioned:
        return ExitCode::not_provisioned;
    case ErrorKind::wait_timeout:
        return ExitCode::wait_timeout;
    case ErrorKind::not_executable:
        return ExitCode::not_executable;
    case ErrorKind::not_found:
        return ExitCode::not_found;
    case ErrorKind::interrupted:
        return ExitCode::interrupted;
    }
    return ExitCode::internal;
}

} // namespace jit
