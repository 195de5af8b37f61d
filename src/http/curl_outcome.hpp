#pragma once

#include "http/message.hpp"
#include "http/watchdog.hpp"

#include <array>
#include <cstddef>
#include <curl/curl.h>
#include <string>

namespace jit::http {

/// How much of the headers of an answer is read, interim answers (1xx) and trailers included.
inline constexpr std::size_t k_max_header_bytes = std::size_t{256} * 1024;

/// What the callbacks of one request fill in.
struct Exchange {
    Response response;
    std::size_t header_bytes = 0;
    bool plain = false;    ///< http, which may only go to a loopback address
    bool sent = false;     ///< the connection stands and the request goes out now
    bool resent = false;   ///< libcurl wanted to send it a second time
    bool too_much = false; ///< more than `k_max_body` or `k_max_header_bytes` came
    bool not_loopback = false;
    bool shut = false; ///< the watchdog has shut its connection
    Watchdog* watchdog = nullptr;
    std::array<char, CURL_ERROR_SIZE> reason{};
};

/// What came of a request that libcurl is done with.
[[nodiscard]] Outcome outcome_of(CURL* handle, CURLcode code, Exchange& exchange, const std::string& url);

} // namespace jit::http
