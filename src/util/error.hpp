#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace jit {

/// An entitlement connection that a name may mean, with what tells it apart.
struct Candidate {
    std::string connection_id;
    std::string name;
    std::string source;
    std::string account;
    std::string value;
};

/// What kind of failure it is, in the words of `error.kind` in JSON. `exit_code_of` says how `jit` ends for
/// it.
enum class ErrorKind {
    internal,        ///< a fault of jit itself, or of the machine under it
    usage,           ///< bad options, bad configuration, no credentials
    unauthenticated, ///< the credentials or the token were refused
    forbidden,       ///< a scope, a user level or a feature is missing
    refused,         ///< not applicable, or a name with no match or several
    declined,        ///< a person was asked, and said no
    rate_limited,    ///< the rate limit held on
    unreachable,     ///< nothing was sent
    server,          ///< a server fault, or an answer that is not the API's
    unknown_outcome, ///< sent, and nobody knows whether it was carried out
    partial,         ///< of several targets some failed
    not_provisioned, ///< accepted, but it ended in failure
    wait_timeout,    ///< accepted, and still under way when the wait ended
    not_executable,  ///< a program that cannot be executed
    not_found,       ///< a program that there is not
    interrupted,     ///< by a person or the system
};

/// How the service refused a request that it understood as such.
enum class Refusal {
    invalid,         ///< 400
    unauthenticated, ///< 401
    forbidden,       ///< 403
    missing,         ///< 404
    not_enabled,     ///< 412: a feature that the tenant does not have
    other,
};

/// The word for a kind in JSON errors.
[[nodiscard]] std::string_view kind_name(ErrorKind kind);

/// What went wrong, as a value. `message` is one sentence without a full stop that says what happened and,
/// where a request was involved, whether anything was changed; `hint` says what to do next and may be empty.
/// Neither may hold a secret; text of the server in them is made safe for a terminal when it is printed.
struct Error {
    ErrorKind kind = ErrorKind::internal;
    std::string message;
    std::string hint = {};

    /// The HTTP answer behind it, where there was one.
    std::optional<int> http_status = {};
    std::optional<Refusal> refusal =
        {};                       ///< empty for a server fault, a rate limit, an answer that is not the API's
    std::string detail_code = {}; ///< the API's `detailCode`
    std::string tracking_id = {}; ///< the API's `trackingId`, which the vendor's support asks for
    std::optional<std::chrono::seconds> retry_after = {};

    std::vector<Candidate> candidates = {}; ///< where a name means several
    std::vector<std::string> warnings = {}; ///< what was to be said before, one line each: in JSON only

    bool of_token = false;          ///< it is about getting a token, and not about what was asked for
    bool uncertain = false;         ///< whether something was changed that nobody can tell from the answer
    bool already_under_way = false; ///< an activate was refused because one is under way, or active, there
};

/// Whether the same request may succeed a moment later: the network, the service or its rate limit is at
/// fault.
[[nodiscard]] inline bool is_transient(const Error& error) {
    return error.kind == ErrorKind::server || error.kind == ErrorKind::unreachable ||
           error.kind == ErrorKind::rate_limited;
}

[[nodiscard]] inline Error usage_error(std::string message, std::string hint = {}) {
    return Error{ErrorKind::usage, std::move(message), std::move(hint)};
}

} // namespace jit
