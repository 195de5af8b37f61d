#include "http/curl_outcome.hpp"

#include "util/text.hpp"

#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>

namespace jit::http {
namespace {

/// The scheme, host and port of a URL: what an error names.
std::string origin_of(const std::string& url) {
    const std::size_t scheme = url.find("://");
    return scheme == std::string::npos ? url : url.substr(0, url.find('/', scheme + 3));
}

bool is_trust_problem(CURLcode code) {
    switch (code) {
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_ISSUER_ERROR:
    case CURLE_SSL_CRL_BADFILE:
        return true;
    default:
        return false;
    }
}

/// The status of the answer as far as it came; empty where no status line did.
std::optional<int> status_of(CURL* handle) {
    long status = 0;
    if (curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &status) != CURLE_OK || status == 0) {
        return std::nullopt;
    }
    return static_cast<int>(status);
}

/// libcurl's own words, without the user part of a URL that they quote: it holds the proxy's password.
std::string reason_of(CURLcode code, const Exchange& exchange) {
    if (exchange.shut) {
        return "it sent without end, and the time was over";
    }
    std::string reason(exchange.reason.data());
    if (reason.empty()) {
        reason = curl_easy_strerror(code);
    }
    // The setting of a proxy may be written in any way, with or without a scheme.
    const std::size_t quote = reason.find('\'');
    const std::size_t end = reason.rfind('\'');
    if (quote < end && end != std::string::npos && to_lower(reason).find("proxy") < quote) {
        return reason.replace(quote + 1, end - quote - 1, "[proxy]");
    }
    const std::size_t at = reason.rfind('@');
    if (at != std::string::npos) {
        const std::size_t scheme = reason.find("://");
        const std::size_t begin = scheme < at ? scheme + 3 : quote < at ? quote + 1 : 0;
        reason.replace(begin, at - begin, "[credentials]");
    }
    return reason;
}

/// What to do about a certificate that is not trusted: another CA helps only where none that is known has
/// signed it.
std::string trust_hint(CURLcode code, CURL* handle) {
    if (code == CURLE_SSL_CACERT_BADFILE) {
        return "the file of --ca-file or SSL_CERT_FILE must hold certificates of CAs, as PEM";
    }
    constexpr std::array<long, 4> k_unknown_issuer = {18, 19, 20, 21}; // X509_V_ERR_… of OpenSSL's x509_vfy.h
    long result = 0;
    if (curl_easy_getinfo(handle, CURLINFO_SSL_VERIFYRESULT, &result) == CURLE_OK &&
        std::find(k_unknown_issuer.begin(), k_unknown_issuer.end(), result) != k_unknown_issuer.end()) {
        return "if the server's CA is not one of the system's, name its certificate with --ca-file";
    }
    return "check the base URL, and whether something on the way answers in the server's place";
}

Failure not_sent(CURLcode code, const Exchange& exchange, CURL* handle, const std::string& origin) {
    const std::string reason = reason_of(code, exchange);
    if (exchange.not_loopback) {
        return {Failure::Kind::permanent, false,
                concat({origin, " is not on this machine, and plain http may not leave it"}),
                "use an https base URL"};
    }
    if (is_trust_problem(code)) {
        return {Failure::Kind::permanent, false, concat({"cannot trust ", origin, ": ", reason}),
                trust_hint(code, handle)};
    }
    const bool no_url = code == CURLE_URL_MALFORMAT || code == CURLE_UNSUPPORTED_PROTOCOL;
    return {no_url ? Failure::Kind::permanent : Failure::Kind::unreachable, false,
            concat({"cannot reach ", origin, ": ", reason}),
            "check the base URL, the network and HTTPS_PROXY"};
}

Failure no_usable_answer(CURLcode code, const Exchange& exchange, CURL* handle, const std::string& origin) {
    if (exchange.resent) {
        return {Failure::Kind::no_answer, true, concat({origin, " closed the connection without an answer"})};
    }
    if (exchange.too_much) {
        return {Failure::Kind::bad_answer,
                true,
                concat({"the answer of ", origin,
                        exchange.header_bytes > k_max_header_bytes ? " has more than 256 KiB of headers"
                                                                   : " is larger than 10 MiB"}),
                {},
                status_of(handle)};
    }
    const std::string reason = reason_of(code, exchange);
    if (code == CURLE_WEIRD_SERVER_REPLY || code == CURLE_UNSUPPORTED_PROTOCOL) {
        return {Failure::Kind::bad_answer, true,
                concat({"the answer of ", origin, " is not HTTP: ", reason})};
    }
    return {Failure::Kind::no_answer,
            true,
            concat({"no complete answer from ", origin, ": ", reason}),
            {},
            status_of(handle)};
}

} // namespace

Outcome outcome_of(CURL* handle, CURLcode code, Exchange& exchange, const std::string& url) {
    const int status = status_of(handle).value_or(0);
    // A refusal is one from its status line on, also where its body was cut short.
    const bool refused = exchange.sent && !exchange.too_much && status >= 400 && status < 500;
    if (code != CURLE_OK && !refused) {
        const std::string origin = origin_of(url);
        return exchange.sent ? no_usable_answer(code, exchange, handle, origin)
                             : not_sent(code, exchange, handle, origin);
    }
    exchange.response.status = status;
    return std::move(exchange.response);
}

} // namespace jit::http
