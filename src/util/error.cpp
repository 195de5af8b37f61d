#include "util/error.hpp"

namespace jit {

std::string_view kind_name(ErrorKind kind) {
    switch (kind) {
    case ErrorKind::internal:
        return "internal";
    case ErrorKind::usage:
        return "usage";
    case ErrorKind::unauthenticated:
        return "unauthenticated";
    case ErrorKind::forbidden:
        return "forbidden";
    case ErrorKind::refused:
        return "refused";
    case ErrorKind::declined:
        return "declined";
    case ErrorKind::rate_limited:
        return "rate_limited";
    case ErrorKind::unreachable:
        return "unreachable";
    case ErrorKind::server:
        return "server";
    case ErrorKind::unknown_outcome:
        return "unknown_outcome";
    case ErrorKind::partial:
        return "partial";
    case ErrorKind::not_provisioned:
        return "not_provisioned";
    case ErrorKind::wait_timeout:
        return "wait_timeout";
    case ErrorKind::not_executable:
        return "not_executable";
    case ErrorKind::not_found:
        return "not_found";
    case ErrorKind::interrupted:
        return "interrupted";
    }
    return "internal";
}

} // namespace jit
