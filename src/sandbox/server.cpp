#include "sandbox/server.hpp"

#include <utility> // Boost 1.74's Asio needs it in C++20 and does not include it

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/steady_timer.hpp>

#include "sandbox/session.hpp"
#include "util/exit_code.hpp"
#include "util/text.hpp"

#include <cerrno>
#include <chrono>
#include <csignal>
#include <sys/resource.h>
#include <system_error>
#include <unistd.h>

namespace jit::sandbox {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::beast::error_code;

constexpr std::chrono::milliseconds k_accept_pause{50}; ///< when there are no descriptors left
constexpr int k_port_attempts = 16;

void open_acceptor(tcp::acceptor& acceptor, const tcp::endpoint& endpoint, error_code& ec) {
    acceptor.open(endpoint.protocol(), ec);
    if (ec) {
        return;
    }
    set_close_on_exec(acceptor.native_handle());
    acceptor.set_option(tcp::acceptor::reuse_address(true), ec);
    if (!ec && endpoint.protocol() == tcp::v6()) {
        acceptor.set_option(asio::ip::v6_only(true), ec);
    }
    if (!ec) {
        acceptor.bind(endpoint, ec);
    }
    if (!ec) {
        acceptor.listen(asio::socket_base::max_listen_connections, ec);
    }
    if (ec) {
        error_code ignored;
        acceptor.close(ignored);
    }
}

/// The error for a TLS file: why it cannot be read, or what is wrong with what it holds.
Error tls_fault(std::string_view what, const std::string& path, const std::string& reason) {
    errno = 0;
    const bool readable = access(path.c_str(), R_OK) == 0;
    return usage_error(concat({"cannot use the ", what, " ", path, ": ",
                               readable ? reason : std::generic_category().message(errno)}));
}

Result<void> load_tls(asio::ssl::context& tls, const Listening& listening) {
    error_code ec;
    SSL_CTX_set_min_proto_version(tls.native_handle(), TLS1_2_VERSION);
    // Without it OpenSSL would ask for the passphrase of a key on the terminal.
    tls.set_password_callback([](std::size_t, asio::ssl::context::password_purpose) { return std::string(); },
                              ec);
    tls.use_certificate_chain_file(listening.tls_certificate, ec);
    if (ec) {
        return tls_fault("certificate", listening.tls_certificate, ec.message());
    }
    tls.use_private_key_file(listening.tls_key, asio::ssl::context::pem, ec);
    if (ec) {
        return tls_fault("private key", listening.tls_key, ec.message());
    }
    // Of another kind than the certificate's (RSA, EC), a key is taken without a word.
    if (SSL_CTX_check_private_key(tls.native_handle()) != 1) {
        return tls_fault("private key", listening.tls_key, "it is not the certificate's");
    }
    return {};
}

void raise_file_limit() {
    rlimit limit{};
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        (void)setrlimit(RLIMIT_NOFILE, &limit);
    }
}

} // namespace

struct Server::Impl {
    Impl(const Listening& listening, Api& api)
        : shared{api, listening.verbose}, is_tls(!listening.tls_certificate.empty()) {}

    /// Opens both acceptors on one port; the one for IPv6 may stay closed.
    void open(std::uint16_t wanted, error_code& ec) {
        for (int attempt = 0; attempt < k_port_attempts; ++attempt) {
            open_acceptor(v4, {asio::ip::address_v4::loopback(), wanted}, ec);
            if (ec) {
                return;
            }
            port = v4.local_endpoint(ec).port();
            error_code v6_error;
            open_acceptor(v6, {asio::ip::address_v6::loopback(), port}, v6_error);
            if (v6_error != asio::error::address_in_use || wanted != 0) {
                return;
            }
            v4.close(ec);
        }
        open_acceptor(v4, {asio::ip::address_v4::loopback(), wanted}, ec);
        port = ec ? 0 : v4.local_endpoint(ec).port();
    }

    void accept(tcp::acceptor& acceptor) {
        acceptor.async_accept([this, &acceptor](error_code ec, tcp::socket socket) {
            if (ec == asio::error::operation_aborted) {
                return;
            }
            if (ec == asio::error::no_descriptors) {
                pause.expires_after(k_accept_pause);
                pause.async_wait([this, &acceptor](error_code) { accept(acceptor); });
                return;
            }
            if (!ec) {
                ++connections;
                if (is_tls) {
                    std::make_shared<TlsSession>(shared, connections, std::move(socket), tls)->accepted();
                } else {
                    std::make_shared<PlainSession>(shared, connections, std::move(socket))->accepted();
                }
            }
            accept(acceptor);
        });
    }

    void wait_for_signal(asio::signal_set& signals, const OnSignal& on_signal) {
        signals.async_wait([this, &signals, &on_signal](error_code ec, int number) {
            if (ec) {
                return;
            }
            exit_code = on_signal(number);
            if (exit_code) {
                context.stop();
            } else {
                wait_for_signal(signals, on_signal);
            }
        });
    }

    asio::io_context context{1};
    asio::ssl::context tls{asio::ssl::context::tls_server};
    tcp::acceptor v4{context};
    tcp::acceptor v6{context};
    asio::steady_timer pause{context};
    Shared shared;
    bool is_tls;
    std::uint16_t port = 0;
    std::uint64_t connections = 0;
    std::optional<int> exit_code;
};

Server::Server(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Server::Server(Server&&) noexcept = default;
Server& Server::operator=(Server&&) noexcept = default;
Server::~Server() = default;

Result<Server> Server::listen(const Listening& listening, Api& api) {
    auto impl = std::make_unique<Impl>(listening, api);
    if (impl->is_tls) {
        if (auto loaded = load_tls(impl->tls, listening); !loaded) {
            return std::move(loaded).error();
        }
    }
    error_code ec;
    impl->open(listening.port, ec);
    if (ec) {
        return Error{ErrorKind::internal, concat({"cannot listen on port ", std::to_string(listening.port),
                                                  " of 127.0.0.1: ", ec.message()})};
    }
    return Server(std::move(impl));
}

std::string Server::base_url() const {
    return concat({impl_->is_tls ? "https://localhost:" : "http://127.0.0.1:", std::to_string(impl_->port)});
}

int Server::run(const std::vector<int>& signals, const OnSignal& on_signal) {
    raise_file_limit();
    (void)std::signal(SIGPIPE, SIG_IGN);
    asio::signal_set watched(impl_->context);
    sigset_t unblocked;
    sigemptyset(&unblocked);
    for (const int number : signals) {
        struct sigaction current = {};
        if (number == SIGCHLD || sigaction(number, nullptr, &current) != 0 || current.sa_handler != SIG_IGN) {
            error_code ignored;
            watched.add(number, ignored);
        }
        sigaddset(&unblocked, number);
    }
    impl_->wait_for_signal(watched, on_signal);
    (void)pthread_sigmask(SIG_UNBLOCK, &unblocked, nullptr);

    impl_->accept(impl_->v4);
    if (impl_->v6.is_open()) {
        impl_->accept(impl_->v6);
    }
    impl_->context.run();
    return impl_->exit_code.value_or(static_cast<int>(ExitCode::internal));
}

} // namespace jit::sandbox
