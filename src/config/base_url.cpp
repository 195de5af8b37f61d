#include "config/base_url.hpp"

#include "base/text.hpp"

#include <algorithm>
#include <arpa/inet.h>

namespace jit::config {
namespace {

bool is_host_character(char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-';
}

bool is_path_character(char c) {
    return is_host_character(c) || (c >= 'A' && c <= 'Z') || c == '/' || c == '_' || c == '~' || c == '%';
}

/// "127.0.0.1" to "127.255.255.255".
bool is_loopback_v4(std::string_view host) {
    if (!host.empty() && host.back() == '.') {
        return false;
    }
    int parts = 0;
    while (!host.empty()) {
        const std::string_view part = take_part(host, '.');
        constexpr long k_most_octet = 255;
        if (!parse_whole(part, 0, k_most_octet) || (parts == 0 && part != "127")) {
            return false;
        }
        ++parts;
    }
    return parts == 4;
}

bool is_loopback(std::string_view host) {
    return host == "localhost" || host == "[::1]" || is_loopback_v4(host);
}

bool is_host(std::string_view host) {
    if (host.size() > 2 && host.front() == '[' && host.back() == ']') {
        in6_addr parsed = {};
        const std::string address(host.substr(1, host.size() - 2));
        return address.find('\0') == std::string::npos && inet_pton(AF_INET6, address.c_str(), &parsed) == 1;
    }
    return !host.empty() && std::all_of(host.begin(), host.end(), is_host_character);
}

} // namespace

Result<std::string> parse_base_url(std::string_view text, std::string_view where) {
    const auto bad = [where](std::string_view why) {
        return usage_error(cat({where, ": ", why}),
                           "a base URL looks like https://TENANT.api.identitynow.com");
    };
    std::string_view rest = trim(text);
    const std::size_t scheme_end = rest.find("://");
    if (scheme_end == std::string_view::npos) {
        return bad("the base URL does not start with https://");
    }
    const std::string scheme = to_lower(rest.substr(0, scheme_end));
    if (scheme != "https" && scheme != "http") {
        return bad("the base URL's scheme is not https");
    }
    rest.remove_prefix(scheme_end + 3);
    const std::string_view authority = rest.substr(0, rest.find_first_of("/?#"));
    const std::string_view path = rest.substr(authority.size());
    if (authority.find('@') != std::string_view::npos) {
        return bad("the base URL has a user part (the text before @), which is not allowed");
    }
    // The last colon that is not inside the brackets of an IPv6 address starts the port.
    const std::size_t bracket = authority.rfind(']');
    const std::size_t colon = authority.find(':', bracket == std::string_view::npos ? 0 : bracket);
    const std::string host = to_lower(authority.substr(0, colon));
    if (!is_host(host)) {
        return bad("the base URL's host is missing or has characters that a host name cannot have");
    }
    constexpr long k_most_port = 65535;
    if (colon != std::string_view::npos && !parse_whole(authority.substr(colon + 1), 1, k_most_port)) {
        return bad("the base URL's port is not a number from 1 to 65535");
    }
    if (!std::all_of(path.begin(), path.end(), is_path_character)) {
        return bad("the base URL has a query, a fragment or a character that does not belong there");
    }
    if (scheme == "http" && !is_loopback(host)) {
        return bad("plain http is only allowed to this machine (localhost, 127.0.0.1, [::1]); use https");
    }
    const std::string_view port = colon == std::string_view::npos ? "" : authority.substr(colon);
    std::string url = cat({scheme, "://", host, port, path});
    while (url.back() == '/') {
        url.pop_back();
    }
    return url;
}

} // namespace jit::config
