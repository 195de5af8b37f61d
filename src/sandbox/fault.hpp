#pragma once

#include "util/result.hpp"

#include <chrono>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>

namespace jit::sandbox {

/// What goes wrong with a request or a connection: the WHAT of --fault. All that is answered but by `status`
/// and `redirect` is what the carried out request is answered by, and then goes wrong on its way.
struct Fault {
    enum class Kind {
        refuse,           ///< a connection: reset as it is accepted
        stall,            ///< a connection: accepted, and not a byte is said, not even of TLS
        reset,            ///< no answer, and a TCP reset
        close,            ///< no answer, and an orderly close
        hang,             ///< no answer, and the connection stays open
        status,           ///< the error `status`
        redirect,         ///< 302 to `value`, else to another host
        slow_headers,     ///< the headers take `duration`
        slow_body,        ///< the body takes `duration`
        truncated,        ///< half of the body, and an orderly close
        length_too_small, ///< Content-Length says half of the body
        length_too_large, ///< Content-Length says twice the body
        garbage,          ///< bytes that are no HTTP, and an orderly close
        not_json,         ///< the same status, and HTML
        deep_json,        ///< the same status, and 2 MiB of '['
        huge,             ///< the same status, and a JSON object of 100 MiB
        gzip_bomb,        ///< the same status, and little that unpacks to more than 100 MiB
        close_idle,       ///< a good answer that promises to keep the connection, which is dropped behind it
    };
    enum class Body { json, html, empty };

    Kind kind = Kind::reset;
    bool applied = false; ///< the request is carried out first
    int status = 0;
    Body body = Body::json;
    std::optional<std::string> value; ///< of `status`: Retry-After; of `redirect`: Location
    std::chrono::duration<double> duration{0};
    std::string text; ///< as it was given: "apply-502/html"
};

/// When something goes wrong, and what: WHEN:WHAT of --fault.
struct FaultRule {
    std::string request;     ///< which requests count: "any", "activate"…, or "connection"
    std::uint64_t first = 1; ///< of those, the first it may befall
    std::uint64_t last = std::numeric_limits<std::uint64_t>::max();
    std::optional<double> percent; ///< how likely it befalls each of them; nothing: surely
    Fault fault;
    std::string text; ///< as it was given: "activate@1:apply-reset"
};

/// Reads WHEN:WHAT. A usage error says what is wrong with it, and what is possible.
[[nodiscard]] Result<FaultRule> parse_fault_rule(std::string_view text);

} // namespace jit::sandbox
