#pragma once

#include "util/time.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace jit::sandbox {

using Headers = std::vector<std::pair<std::string, std::string>>;

/// One HTTP request, as it was read.
struct Request {
    std::string method;
    std::string path;  ///< without the query; not decoded
    std::string query; ///< behind the `?`; not decoded
    Headers headers;   ///< in the order received
    std::string body;
    std::uint64_t connection = 0; ///< identifies the TCP connection within this process

    /// The value of the first header of that name, in any case of its letters.
    [[nodiscard]] std::optional<std::string_view> header(std::string_view name) const;

    /// The media type of the body in lower case, without parameters; empty where none is named.
    [[nodiscard]] std::string content_type() const;

    /// Sets path and query from a request target in origin form or absolute form (RFC 9112, 3.2).
    void set_target(std::string_view target);
};

/// One HTTP answer. Content-Length, Date and Connection are added when it is written.
struct Response {
    int status = 200;
    Headers headers;
    std::string body;
};

[[nodiscard]] Response json_response(int status, std::string body);

/// How the answer is written on the wire.
struct Framing {
    bool keep_alive = true;
    bool without_body = false; ///< the answer to HEAD: the headers of the body, and no body
};

[[nodiscard]] std::string to_wire(const Response& response, Framing framing, TimePoint now);

/// What comes before the body, which is said to have `length` bytes.
[[nodiscard]] std::string head_to_wire(const Response& response, std::size_t length, Framing framing,
                                       TimePoint now);

/// What a status is called: "Bad Gateway".
[[nodiscard]] std::string_view reason(int status);

/// RFC 9110's HTTP date: "Tue, 24 Nov 2026 05:50:12 GMT".
[[nodiscard]] std::string http_date(TimePoint time);

/// Whether two ASCII texts are equal but for the case of their letters.
[[nodiscard]] bool equal_ignoring_case(std::string_view a, std::string_view b);

} // namespace jit::sandbox
