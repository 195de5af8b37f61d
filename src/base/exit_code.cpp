#include "base/exit_code.hpp"

namespace jit {

std::string_view kind_name(ExitCode code) {
    switch (code) {
    case ExitCode::done:
        return "done";
    case ExitCode::internal:
        return "internal";
    case ExitCode::usage:
        return "usage";
    case ExitCode::unauthenticated:
        return "unauthenticated";
    case ExitCode::forbidden:
        return "forbidden";
    case ExitCode::refused:
        return "refused";
    case ExitCode::rate_limited:
        return "rate_limited";
    case ExitCode::unreachable:
        return "unreachable";
    case ExitCode::server:
        return "server";
    case ExitCode::unknown_outcome:
        return "unknown_outcome";
    case ExitCode::partial:
        return "partial";
    case ExitCode::not_provisioned:
        return "not_provisioned";
    case ExitCode::wait_timeout:
        return "wait_timeout";
    case ExitCode::interrupted:
    case ExitCode::terminated:
        return "interrupted";
    }
    return "internal";
}

} // namespace jit
