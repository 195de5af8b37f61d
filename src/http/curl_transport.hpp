#pragma once

#include "http/transport.hpp"
#include "http/trust_store.hpp"
#include "util/interrupt.hpp"

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
/// through the proxy of HTTPS_PROXY and NO_PROXY; no redirects. Requests to a host share one connection: one
/// after the other, or at the same time where it speaks HTTP/2; where it does not, those that are under way
/// at the same time have one each. libcurl is initialised by the first object, not at program start.
class CurlTransport final : public Transport {
public:
    CurlTransport(CurlOptions options, const Interrupt& interrupt);
    CurlTransport(const CurlTransport&) = delete;
    CurlTransport& operator=(const CurlTransport&) = delete;
    CurlTransport(CurlTransport&&) = delete;
    CurlTransport& operator=(CurlTransport&&) = delete;
    ~CurlTransport() override;

private:
    struct Transfer;
    struct Handles;

    void do_begin(Ticket ticket, Request request) override;
    std::optional<Answer> do_wait(std::optional<std::chrono::milliseconds> at_most) override;
    Outcome do_abandon(Ticket ticket) override;

    [[nodiscard]] std::optional<Failure> start(Transfer& transfer);
    void collect();

    CurlOptions options_;
    const Interrupt& interrupt_;
    std::unique_ptr<Handles> handles_;
};

} // namespace jit::http
