#include "sandbox/delivery.hpp"

#include "sandbox/api_error.hpp"
#include "util/text.hpp"

#include <algorithm>

namespace jit::sandbox {
namespace {

using Kind = Fault::Kind;
using namespace std::string_literals;

constexpr std::string_view k_cause = "This is a fault of the practice tenant.";
constexpr std::size_t k_chunk = std::size_t{64} * 1024;

/// What the API answers such a status with.
Response api_answer(int status, const Request& request) {
    const bool oauth = request.path == "/oauth/token";
    switch (status) {
    case 400:
        return oauth ? oauth_error(400, "invalid_request", k_cause)
                     : api_error(ApiError::bad_content, k_cause);
    case 401:
        return oauth ? oauth_error(401, "invalid_client", k_cause) : unauthorized("JWT is expired");
    case 403:
        return api_error(ApiError::forbidden, k_cause);
    case 404:
        return api_error(ApiError::not_found, k_cause);
    case 429:
        return rate_limited();
    case 502:
        return api_error(ApiError::bad_gateway, k_cause);
    case 503:
        return api_error(ApiError::unavailable, k_cause);
    case 504:
        return api_error(ApiError::gateway_timeout, k_cause);
    default:
        return api_error(ApiError::internal, k_cause);
    }
}

/// What a gateway answers with.
Response html_response(int status) {
    const std::string title = concat({std::to_string(status), " ", reason(status)});
    return {status,
            {{"Content-Type", "text/html"}},
            concat({"<!DOCTYPE html>\n<html><head><title>", title, "</title></head><body><h1>", title,
                    "</h1></body></html>\n"})};
}

/// "date+SECONDS" is the HTTP date of then; all else is what it is.
std::string retry_after(const std::string& value, TimePoint now) {
    constexpr std::string_view k_date = "date+";
    const auto seconds =
        value.starts_with(k_date) ? parse_int(value.substr(k_date.size()), 0, 1'000'000'000) : std::nullopt;
    return seconds ? http_date(now + std::chrono::seconds(*seconds)) : value;
}

Response error_response(const Fault& fault, const Request& request, TimePoint now) {
    Response response = fault.body == Fault::Body::json   ? api_answer(fault.status, request)
                        : fault.body == Fault::Body::html ? html_response(fault.status)
                                                          : Response{fault.status, {}, {}};
    if (fault.value) {
        response.headers.emplace_back("Retry-After", retry_after(*fault.value, now));
    }
    return response;
}

/// Cuts the bytes so that to write them takes so long: a little at a time, but not more often than needed.
std::vector<Piece> dripped(const std::string& bytes, std::chrono::duration<double> duration) {
    constexpr std::chrono::duration<double> k_tick{0.05};
    const auto ticks = static_cast<std::size_t>(std::max(duration / k_tick, 1.0));
    const std::size_t count = std::min(ticks, bytes.size());
    std::vector<Piece> pieces;
    for (std::size_t i = 0; i < count; ++i) {
        const std::size_t start = bytes.size() * i / count;
        const std::size_t end = bytes.size() * (i + 1) / count;
        pieces.push_back({bytes.substr(start, end - start), 1, duration / static_cast<double>(count)});
    }
    return pieces;
}

struct Body {
    std::vector<Piece> pieces;
    Headers headers = {{"Content-Type", "application/json"}};
};

/// A stream of `[`, without an end.
Body deep_json() {
    return {{{std::string(k_chunk, '['), 32}}};
}

Body huge_json() {
    return {{{R"({"padding":")"}, {std::string(k_chunk, 'x'), 1600}, {R"("})"}}};
}

/// Gzip (RFC 1952) of 105,264,001 blanks: in the fixed code of RFC 1951 a blank, and over and over "the same
/// for 258 bytes", of which eight fill whole bytes.
Body gzip_bomb() {
    constexpr std::size_t k_repeated = 1000;
    constexpr std::uint64_t k_times = 51;
    const std::string eight = "\x18\x05\xA3\x60\x14\x8C\x82\x51\x30\x0A\x46\xC1\x28"s;
    std::string many;
    for (std::size_t i = 0; i < k_repeated; ++i) {
        many += eight;
    }
    return {
        {{"\x1F\x8B\x08\0\0\0\0\0\0\xFF\x53"s}, {many, k_times}, {"\0\0\x09\x47\x1D\x6D\x81\x33\x46\x06"s}},
        {{"Content-Type", "application/json"}, {"Content-Encoding", "gzip"}}};
}

/// An answer with that body, and the length of it that is said.
Delivery assemble(int status, const Body& body, std::size_t length, Framing framing, TimePoint now) {
    Delivery delivery;
    delivery.status = status;
    delivery.pieces.push_back({head_to_wire({status, body.headers, {}}, length, framing, now)});
    if (!framing.without_body) {
        delivery.pieces.insert(delivery.pieces.end(), body.pieces.begin(), body.pieces.end());
    }
    delivery.ending = framing.keep_alive ? Ending::keep : Ending::close;
    return delivery;
}

Delivery assemble(int status, const Body& body, Framing framing, TimePoint now) {
    std::size_t length = 0;
    for (const Piece& piece : body.pieces) {
        length += piece.bytes.size() * piece.times;
    }
    return assemble(status, body, length, framing, now);
}

Delivery with_length(const Response& response, std::size_t length, Framing framing, TimePoint now) {
    return assemble(response.status, {{{response.body}}, response.headers}, length, framing, now);
}

Delivery truncated(const Response& response, Framing framing, TimePoint now) {
    const std::size_t size = response.body.size();
    Response half = response;
    half.body.resize(size / 2);
    Delivery delivery = with_length(half, size, framing, now);
    delivery.ending = Ending::close;
    return delivery;
}

Delivery slow(const Fault& fault, const Response& response, Framing framing, TimePoint now) {
    const std::string head = head_to_wire(response, response.body.size(), framing, now);
    const std::string body = framing.without_body ? "" : response.body;
    Delivery delivery = deliver(response, framing, now);
    if (fault.kind == Kind::slow_headers) {
        delivery.pieces = dripped(head, fault.duration);
        delivery.pieces.push_back({body});
    } else {
        delivery.pieces = dripped(body, fault.duration);
        delivery.pieces.insert(delivery.pieces.begin(), {head});
    }
    return delivery;
}

} // namespace

Delivery deliver(const Response& response, Framing framing, TimePoint now) {
    return {{{to_wire(response, framing, now)}},
            framing.keep_alive ? Ending::keep : Ending::close,
            response.status};
}

Delivery deliver(const Fault& fault, const Request& request, const Response& response, Framing framing,
                 TimePoint now) {
    switch (fault.kind) {
    case Kind::refuse:
    case Kind::stall:
    case Kind::reset:
    case Kind::close:
    case Kind::hang:
        break;
    case Kind::status:
        return deliver(error_response(fault, request, now), framing, now);
    case Kind::redirect:
        return deliver(
            {302, {{"Location", fault.value.value_or("https://elsewhere.invalid" + request.path)}}, {}},
            framing, now);
    case Kind::slow_headers:
    case Kind::slow_body:
        return slow(fault, response, framing, now);
    case Kind::truncated:
        return truncated(response, framing, now);
    case Kind::length_too_small:
        return with_length(response, response.body.size() / 2, framing, now);
    case Kind::length_too_large:
        return with_length(response, response.body.size() * 2, framing, now);
    case Kind::garbage:
        return {{{"\x05\0garbage\xFF\r\n\r\n{}\r\n"s}}, Ending::close};
    case Kind::not_json:
        return deliver(html_response(response.status), framing, now);
    case Kind::deep_json:
        return assemble(response.status, deep_json(), framing, now);
    case Kind::huge:
        return assemble(response.status, huge_json(), framing, now);
    case Kind::gzip_bomb:
        return assemble(response.status, gzip_bomb(), framing, now);
    case Kind::close_idle: {
        Delivery delivery = deliver(response, {true, framing.without_body}, now);
        delivery.ending = Ending::drop;
        return delivery;
    }
    }
    return {{}, ending_of(fault)};
}

Ending ending_of(const Fault& fault) {
    switch (fault.kind) {
    case Kind::close:
        return Ending::close;
    case Kind::hang:
    case Kind::stall:
        return Ending::hang;
    default:
        return Ending::reset;
    }
}

} // namespace jit::sandbox
