#pragma once

#include "base/interrupt.hpp"
#include "http/transport.hpp"
#include "http/trust_store.hpp"

#include <chrono>
#include <memory>
#include <string>

namespace jit::http {

struct CurlOptions {
    std::chrono::milliseconds timeout{30000};         ///< one request as a whole
    std::chrono::milliseconds connect_timeout{10000}; ///< DNS, TCP, proxy and TLS
    TrustStore trust;
    std::string client_cert; ///< PEM file to prove to the server by who we are; empty: none
    std::string client_key;  ///< its key, without a passphrase
    std::string user_agent;
};

/// Sends over libcurl: HTTPS with TLS 1.2 or later, always verified, or plain HTTP to a loopback address;
/// through the proxy of HTTPS_PROXY and NO_PROXY; no redirects; one connection for all requests to a host. An
/// interrupt ends a request at once. libcurl is initialised by the first object, not at program start.
class CurlTransport final : public Transport {
public:
    CurlTransport(CurlOptions options, const Interrupt& interrupt);
    CurlTransport(const CurlTransport&) = delete;
    CurlTransport& operator=(const CurlTransport&) = delete;
    CurlTransport(CurlTransport&&) = delete;
    CurlTransport& operator=(CurlTransport&&) = delete;
    ~CurlTransport() override;

    [[nodiscard]] Outcome send(const Request& request) override;

private:
    struct Handles;
    CurlOptions options_;
    const Interrupt& interrupt_;
    std::unique_ptr<Handles> handles_;
};

} // namespace jit::http
