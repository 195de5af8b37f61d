#include "config/base_url.hpp"

#include "util/text.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <array>

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
        const std::string_view part = split_first(host, '.');
        constexpr long k_max_octet = 255;
        if (!parse_int(part, 0, k_max_octet) || (parts == 0 && part != "127")) {
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

constexpr std::string_view k_api = ".api.identitynow.com"; ///< behind most tenants' names

/// "acme": what is neither this machine nor a host with a domain.
bool is_tenant_name(std::string_view host) {
    constexpr std::size_t k_longest = 31; // what is longer may be a client ID or a secret in the wrong place
    return !host.empty() && host.size() <= k_longest && host != "localhost" && host.front() != '-' &&
           std::all_of(host.begin(), host.end(), [](char c) { return c != '.' && is_host_character(c); });
}

/// Whether text without a scheme may be a host: no label of one is as long as a secret (RFC 1035).
bool may_be_host(std::string_view host, bool has_port) {
    constexpr std::size_t k_longest = 63;
    if (host.find('.') == std::string_view::npos && host.substr(0, 1) != "[" && host != "localhost") {
        return has_port && is_tenant_name(host);
    }
    while (!host.empty()) {
        if (split_first(host, '.').size() > k_longest) {
            return false;
        }
    }
    return true;
}

/// The API's host where this is the host of a tenant's UI or its login page; else empty.
std::string api_host(std::string_view host) {
    struct Pages {
        std::string_view suffix; ///< behind the tenant's name
        std::string_view api;
    };
    constexpr std::array<Pages, 7> k_pages = {
        {{".identitynow.com", k_api},
         {".login.sailpoint.com", k_api},
         {".identitynow-demo.com", ".api.identitynow-demo.com"},
         {".login.identitynow-demo.com", ".api.identitynow-demo.com"},
         {".saas.sailpointfedramp.com", ".api.saas.sailpointfedramp.com"},
         {".idn.sailpointfedramp.com", ".api.saas.sailpointfedramp.com"},
         {".login.saas.sailpointfedramp.com", ".api.saas.sailpointfedramp.com"}}};
    const std::string_view name = host.substr(0, host.find('.'));
    for (const Pages& pages : k_pages) {
        if (host.substr(name.size()) == pages.suffix && is_tenant_name(name)) {
            return concat({name, pages.api});
        }
    }
    return "";
}

} // namespace

Result<std::string> parse_base_url(std::string_view text, std::string_view where) {
    const auto bad = [where](std::string_view why) {
        return usage_error(concat({where, ": ", why}),
                           "a base URL looks like https://TENANT.api.identitynow.com");
    };
    std::string_view rest = trim(text);
    const std::size_t scheme_end = rest.find("://");
    const bool has_scheme = scheme_end != std::string_view::npos;
    const std::string scheme = has_scheme ? to_lower(rest.substr(0, scheme_end)) : "https";
    if (scheme != "https" && scheme != "http") {
        return bad("the base URL's scheme is not https");
    }
    rest.remove_prefix(has_scheme ? scheme_end + 3 : 0);
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
    constexpr long k_max_port = 65535;
    if (colon != std::string_view::npos && !parse_int(authority.substr(colon + 1), 1, k_max_port)) {
        return bad("the base URL's port is not a number from 1 to 65535");
    }
    if (!has_scheme && host.size() == rest.size() && is_tenant_name(host)) {
        return concat({"https://", host, k_api});
    }
    if (!has_scheme && !may_be_host(host, colon != std::string_view::npos)) {
        return bad("the base URL is neither a URL nor the name of a tenant");
    }
    const bool usual_port = colon == std::string_view::npos || authority.substr(colon) == ":443";
    if (const std::string api = api_host(host); scheme == "https" && usual_port && !api.empty()) {
        return concat({"https://", api}); // the path was that of a page
    }
    if (!std::all_of(path.begin(), path.end(), is_path_character)) {
        return bad("the base URL has a query, a fragment or a character that does not belong there");
    }
    if (scheme == "http" && !is_loopback(host)) {
        return bad("plain http is only allowed to this machine (localhost, 127.0.0.1, [::1]); use https");
    }
    const std::string_view port = colon == std::string_view::npos ? "" : authority.substr(colon);
    std::string url = concat({scheme, "://", host, port, path});
    while (url.back() == '/') {
        url.pop_back();
    }
    return url;
}

std::string ui_address(std::string_view base_url) {
    constexpr std::string_view k_scheme = "https://";
    constexpr std::string_view k_label = ".api.";
    const std::size_t dot = base_url.find('.');
    if (!base_url.starts_with(k_scheme) || dot == std::string_view::npos ||
        base_url.substr(dot, k_label.size()) != k_label) {
        return "";
    }
    return concat({base_url.substr(0, dot), ".", base_url.substr(dot + k_label.size())});
}

} // namespace jit::config
