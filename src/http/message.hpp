#pragma once

#include "util/result.hpp"
#include "util/secret.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace jit::http {

enum class Method { get, post };

struct Header {
    std::string name;
    std::string value;
};

/// One request. The body is a Secret because the token request's is one; an activation's costs nothing extra.
struct Request {
    Method method = Method::get;
    std::string url; ///< absolute, checked by `config::parse_base_url`
    std::vector<Header> headers = {};
    Secret bearer = {};        ///< sent as `Authorization: Bearer …` when not empty
    Secret body = {};          ///< sent with a POST, empty or not
    bool best_effort = false;  ///< one that nothing depends on: not worth a second try
    bool idempotent = false;   ///< may be sent again whatever became of it, as a GET may
    bool harmless = false;     ///< changes nothing at the service, as a GET does not
    bool confidential = false; ///< the answer holds a secret: not even --debug shows it
};

struct Response {
    int status = 0;
    std::vector<Header> headers = {};
    std::string body = {};
    bool after_ambiguous_attempt = false; ///< an earlier try was sent too, and its answer was lost or a 5xx

    /// The first header of that name (RFC 9110: names have no case).
    [[nodiscard]] std::optional<std::string_view> header(std::string_view name) const;
};

/// Why there is no usable response.
struct Failure {
    enum class Kind {
        unreachable, ///< no connection: DNS, refused, TLS handshake, proxy, or too slow at any of these
        permanent,   ///< no connection, and trying again is of no use: a certificate, a URL, a setting is not
                     ///< good
        no_answer,   ///< sent, and then reset, timed out or cut short
        bad_answer,  ///< sent, and what came is not HTTP or larger than `jit` reads
        interrupted, ///< SIGINT or SIGTERM
    };
    Kind kind = Kind::unreachable;
    bool sent = false; ///< whether a byte of the request may have left, in this try or an earlier one: never
                       ///< false when in doubt
    std::string message; ///< what happened, without a full stop; may quote the server
    std::string hint = {};
    std::optional<int> status = {}; ///< of an answer that began but could not be used, or of the last refusal
};

using Outcome = Result<Response, Failure>;

/// How much of an answer is read: 10 MiB.
inline constexpr std::size_t k_max_body = std::size_t{10} * 1024 * 1024;

[[nodiscard]] std::string_view method_name(Method method);

} // namespace jit::http
