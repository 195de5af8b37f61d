#pragma once

#include "sandbox/api.hpp"
#include "util/result.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace jit::sandbox {

struct Listening {
    std::uint16_t port = 0;      ///< 0: a free one
    std::string tls_certificate; ///< PEM file; empty: plain HTTP
    std::string tls_key;         ///< PEM file
    bool verbose = false;        ///< a line on stderr for each request
};

/// Serves an Api over HTTP/1.1 on the loopback interface, in one thread.
class Server {
public:
    /// Listens on 127.0.0.1 and, where there is one, on [::1]. Its sockets do not pass to other programs.
    /// `api` must outlive it. A usage error when a TLS file is no good, an internal one when the port cannot
    /// be had.
    [[nodiscard]] static Result<Server> listen(const Listening& listening, Api& api);

    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;
    Server(Server&&) noexcept;
    Server& operator=(Server&&) noexcept;
    ~Server();

    /// "http://127.0.0.1:PORT" or "https://localhost:PORT".
    [[nodiscard]] std::string base_url() const;

    /// Told of a signal; the exit code to end with, or nothing to go on.
    using OnSignal = std::function<std::optional<int>(int number)>;

    /// Serves until `on_signal` gives an exit code. Watches and unblocks these signals, but leaves one that
    /// is ignored (as under nohup) ignored; ignores SIGPIPE; raises the limit of open files.
    [[nodiscard]] int run(const std::vector<int>& signals, const OnSignal& on_signal);

private:
    struct Impl;
    explicit Server(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

} // namespace jit::sandbox
