#include "sandbox/http_message.hpp"

#include "util/text.hpp"

#include <algorithm>
#include <array>
#include <ctime>

namespace jit::sandbox {

std::string_view reason(int status) {
    switch (status) {
    case 200:
        return "OK";
    case 202:
        return "Accepted";
    case 204:
        return "No Content";
    case 302:
        return "Found";
    case 400:
        return "Bad Request";
    case 401:
        return "Unauthorized";
    case 403:
        return "Forbidden";
    case 404:
        return "Not Found";
    case 405:
        return "Method Not Allowed";
    case 412:
        return "Precondition Failed";
    case 413:
        return "Content Too Large";
    case 429:
        return "Too Many Requests";
    case 431:
        return "Request Header Fields Too Large";
    case 502:
        return "Bad Gateway";
    case 503:
        return "Service Unavailable";
    case 504:
        return "Gateway Timeout";
    default:
        return "Internal Server Error";
    }
}

std::string http_date(TimePoint time) {
    // Not by strftime, which speaks the locale's language.
    constexpr std::array<std::string_view, 7> k_days = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    constexpr std::array<std::string_view, 12> k_months = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                           "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    const std::time_t unix_time = std::chrono::system_clock::to_time_t(time);
    std::tm parts{};
    gmtime_r(&unix_time, &parts);
    std::array<char, 32> rest{};
    const std::size_t size = std::strftime(rest.data(), rest.size(), " %Y %H:%M:%S GMT", &parts);
    const std::string day = std::to_string(parts.tm_mday);
    return concat({k_days[static_cast<std::size_t>(parts.tm_wday)], ", ", day.size() < 2 ? "0" : "", day, " ",
                   k_months[static_cast<std::size_t>(parts.tm_mon)], std::string_view(rest.data(), size)});
}

bool equal_ignoring_case(std::string_view a, std::string_view b) {
    const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
    return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                      [lower](char x, char y) { return lower(x) == lower(y); });
}

std::optional<std::string_view> Request::header(std::string_view name) const {
    for (const auto& [key, value] : headers) {
        if (equal_ignoring_case(key, name)) {
            return value;
        }
    }
    return std::nullopt;
}

std::string Request::content_type() const {
    const std::string_view value = header("Content-Type").value_or("");
    return to_lower(trim(value.substr(0, value.find(';'))));
}

void Request::set_target(std::string_view target) {
    for (const std::string_view scheme : {"http://", "https://"}) {
        if (target.starts_with(scheme)) {
            const std::size_t path_start = target.find_first_of("/?", scheme.size());
            target = path_start == std::string_view::npos ? "/" : target.substr(path_start);
            break;
        }
    }
    const std::size_t mark = target.find('?');
    path = target.substr(0, mark);
    query = mark == std::string_view::npos ? std::string_view() : target.substr(mark + 1);
}

Response json_response(int status, std::string body) {
    return Response{status, {{"Content-Type", "application/json"}}, std::move(body)};
}

std::string head_to_wire(const Response& response, std::size_t length, Framing framing, TimePoint now) {
    std::string wire =
        concat({"HTTP/1.1 ", std::to_string(response.status), " ", reason(response.status), "\r\n"});
    for (const auto& [name, value] : response.headers) {
        wire += concat({name, ": ", value, "\r\n"});
    }
    if (response.status != 204) {
        wire += concat({"Content-Length: ", std::to_string(length), "\r\n"});
    }
    wire += concat({"Date: ", http_date(now), "\r\nConnection: ", framing.keep_alive ? "keep-alive" : "close",
                    "\r\n\r\n"});
    return wire;
}

std::string to_wire(const Response& response, Framing framing, TimePoint now) {
    return concat({head_to_wire(response, response.body.size(), framing, now),
                   framing.without_body ? std::string_view() : response.body});
}

} // namespace jit::sandbox
