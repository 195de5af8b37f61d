#pragma once

/// How a connection is served. Included by server.cpp alone: Boost.Beast takes seconds to compile.

#include <utility> // Boost 1.74's Asio needs it in C++20 and does not include it

#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/ssl/ssl_stream.hpp>

#include "sandbox/api.hpp"
#include "sandbox/api_error.hpp"
#include "sandbox/delivery.hpp"
#include "util/text.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <fcntl.h>
#include <memory>
#include <netinet/tcp.h>
#include <optional>
#include <string>
#include <string_view>
#include <sys/socket.h>
#include <type_traits>
#include <vector>

namespace jit::sandbox {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using asio::ip::tcp;
using beast::error_code;

inline constexpr std::uint32_t k_header_limit = 16 * 1024;
inline constexpr std::uint64_t k_body_limit = 1ULL << 20U;
inline constexpr std::size_t k_buffer_limit = 1ULL << 16U;
inline constexpr std::chrono::seconds k_idle_timeout{75};
inline constexpr std::chrono::seconds k_transfer_timeout{30}; ///< for a handshake, a body, an answer
inline constexpr std::chrono::seconds k_farewell_timeout{2};

inline void set_close_on_exec(int descriptor) {
    (void)fcntl(descriptor, F_SETFD, FD_CLOEXEC);
}

/// Reads straight into a Request, so that the headers keep their order and their spelling.
class RequestParser final : public http::basic_parser<true> {
public:
    RequestParser() {
        header_limit(k_header_limit);
        body_limit(k_body_limit);
    }

    Request request;

private:
    static std::string_view view(beast::string_view text) { return {text.data(), text.size()}; }

    void on_request_impl(http::verb /*verb*/, beast::string_view method, beast::string_view target,
                         int /*version*/, error_code& /*ec*/) override {
        request.method = view(method);
        request.set_target(view(target));
    }
    void on_response_impl(int /*status*/, beast::string_view /*reason*/, int /*version*/,
                          error_code& /*ec*/) override {}
    void on_field_impl(http::field /*field*/, beast::string_view name, beast::string_view value,
                       error_code& /*ec*/) override {
        request.headers.emplace_back(view(name), view(value));
    }
    void on_header_impl(error_code& /*ec*/) override {}
    void on_body_init_impl(const boost::optional<std::uint64_t>& /*length*/, error_code& /*ec*/) override {}
    std::size_t on_body_impl(beast::string_view body, error_code& /*ec*/) override {
        request.body += view(body);
        return body.size();
    }
    void on_chunk_header_impl(std::uint64_t /*size*/, beast::string_view /*extensions*/,
                              error_code& /*ec*/) override {}
    std::size_t on_chunk_body_impl(std::uint64_t /*remain*/, beast::string_view body,
                                   error_code& /*ec*/) override {
        request.body += view(body);
        return body.size();
    }
    void on_finish_impl(error_code& /*ec*/) override {}
};

/// What all sessions share.
struct Shared {
    Api& api;
    bool verbose;
};

inline void log_request(const Request& request, int status, const std::optional<Fault>& fault,
                        TimePoint now) {
    const std::string line =
        sanitize(concat({"jit-sandbox: ", format_rfc3339(now), " ", request.method, " ", request.path, " ",
                         std::to_string(status), fault ? " fault " : "", fault ? fault->text : ""}));
    (void)std::fprintf(stderr, "%s\n", line.c_str());
}

/// One TCP connection. Its requests go, one after the other, through the steps
/// accepted → read → apply → write, and then back to read or on to the end.
template <typename Stream>
class Session : public std::enable_shared_from_this<Session<Stream>> {
public:
    template <typename... Context>
    Session(const Shared& shared, std::uint64_t number, tcp::socket&& socket, Context&... tls)
        : shared_(shared), number_(number), stream_(std::move(socket), tls...), buffer_(k_buffer_limit),
          timer_(stream_.get_executor()) {}

    void accepted() {
        error_code ignored;
        set_close_on_exec(tcp_layer().socket().native_handle());
        tcp_layer().socket().set_option(tcp::no_delay(true), ignored);
        fault_ = shared_.api.connected();
        if (fault_ && (fault_->kind == Fault::Kind::refuse || fault_->kind == Fault::Kind::stall)) {
            end(ending_of(*fault_));
        } else if constexpr (k_is_tls) {
            tcp_layer().expires_after(k_transfer_timeout);
            stream_.async_handshake(asio::ssl::stream_base::server,
                                    [self = this->shared_from_this()](error_code ec) {
                                        if (!ec) {
                                            self->ready();
                                        }
                                    });
        } else {
            ready();
        }
    }

private:
    static constexpr bool k_is_tls = !std::is_same_v<Stream, beast::tcp_stream>;

    beast::tcp_stream& tcp_layer() { return beast::get_lowest_layer(stream_); }

    /// The connection can carry requests.
    void ready() { fault_ ? end(ending_of(*fault_)) : read(); }

    void read() {
        parser_.emplace();
        parser_->request.connection = number_;
        tcp_layer().expires_after(k_idle_timeout);
        http::async_read_header(stream_, buffer_, *parser_,
                                [self = this->shared_from_this()](error_code ec, std::size_t) {
                                    ec ? self->refuse(ec) : self->have_header();
                                });
    }

    void have_header() {
        if (parser_->is_done()) {
            have_request();
            return;
        }
        tcp_layer().expires_after(k_transfer_timeout);
        if (!equal_ignoring_case(parser_->request.header("Expect").value_or(""), "100-continue")) {
            read_body();
            return;
        }
        wire_ = "HTTP/1.1 100 Continue\r\n\r\n";
        asio::async_write(stream_, asio::buffer(wire_),
                          [self = this->shared_from_this()](error_code ec, std::size_t) {
                              if (!ec) {
                                  self->read_body();
                              }
                          });
    }

    void read_body() {
        http::async_read(stream_, buffer_, *parser_,
                         [self = this->shared_from_this()](error_code ec, std::size_t) {
                             ec ? self->refuse(ec) : self->have_request();
                         });
    }

    void have_request() {
        const TimePoint now = system_now();
        const Request& request = parser_->request;
        const Api::Receipt receipt = shared_.api.receive(request, now);
        fault_ = receipt.fault;
        const Response response = !fault_ || fault_->applied ? shared_.api.apply(request, now) : Response{};
        const Framing framing{parser_->keep_alive(), request.method == "HEAD"};
        Delivery delivery =
            fault_ ? deliver(*fault_, request, response, framing, now) : deliver(response, framing, now);
        shared_.api.answered(receipt, delivery.status);
        write(std::move(delivery), now);
    }

    void write(Delivery delivery, TimePoint now) {
        if (shared_.verbose) {
            log_request(parser_->request, delivery.status, fault_, now);
        }
        delivery_ = std::move(delivery);
        if (delivery_.ending == Ending::drop) {
            hold_back();
        }
        next_ = delivery_.pieces.begin();
        written_ = 0;
        write_next();
    }

    /// Lets the answer leave together with the end of the connection, so that a client with the answer
    /// has seen the end. If the system cannot do that, the end comes a moment later.
    void hold_back() {
#ifdef TCP_CORK
        const int yes = 1;
        (void)setsockopt(tcp_layer().socket().native_handle(), IPPROTO_TCP, TCP_CORK, &yes, sizeof yes);
#endif
    }

    void write_next() {
        if (next_ == delivery_.pieces.end()) {
            end(delivery_.ending);
        } else if (next_->pause.count() == 0) {
            write_piece();
        } else {
            timer_.expires_after(std::chrono::duration_cast<std::chrono::nanoseconds>(next_->pause));
            timer_.async_wait([self = this->shared_from_this()](error_code) { self->write_piece(); });
        }
    }

    void write_piece() {
        tcp_layer().expires_after(k_transfer_timeout);
        asio::async_write(stream_, asio::buffer(next_->bytes),
                          [self = this->shared_from_this()](error_code ec, std::size_t) {
                              if (!ec) {
                                  self->piece_written();
                              }
                          });
    }

    void piece_written() {
        if (++written_ == next_->times) {
            written_ = 0;
            ++next_;
        }
        write_next();
    }

    void end(Ending ending) {
        error_code ignored;
        switch (ending) {
        case Ending::keep:
            read();
            break;
        case Ending::close:
            say_farewell();
            break;
        case Ending::reset:
            tcp_layer().socket().set_option(asio::socket_base::linger(true, 0), ignored);
            tcp_layer().close();
            break;
        case Ending::drop:
            tcp_layer().close();
            break;
        case Ending::hang:
            tcp_layer().expires_never();
            discard();
            break;
        }
    }

    /// Answers what cannot be read as a request; a connection that simply ended needs no answer.
    void refuse(error_code ec) {
        if (ec == http::error::end_of_stream || ec == http::error::partial_message ||
            ec.category() != make_error_code(http::error::bad_method).category()) {
            return;
        }
        const TimePoint now = system_now();
        const bool too_large = ec == http::error::body_limit;
        const bool headers_too_large = ec == http::error::header_limit || ec == http::error::buffer_overflow;
        const Response response =
            too_large ? api_error(ApiError::content_too_large, "A body may have 1 MiB.")
            : headers_too_large
                ? api_error(ApiError::headers_too_large, "The headers may have 16 KiB.")
                : api_error(ApiError::bad_syntax, concat({"This is not HTTP/1.1: ", ec.message()}));
        if (too_large || parser_->is_header_done()) {
            parser_->request.body.clear();
            shared_.api.refused(parser_->request, response.status, now);
        }
        fault_.reset();
        write(deliver(response, {false, parser_->request.method == "HEAD"}, now), now);
    }

    /// Closes so that the peer reads the answer to its end, even while it is still sending.
    void say_farewell() {
        tcp_layer().expires_after(k_farewell_timeout);
        if constexpr (k_is_tls) {
            stream_.async_shutdown([self = this->shared_from_this()](error_code) { self->drain(); });
        } else {
            drain();
        }
    }

    void drain() {
        error_code ignored;
        tcp_layer().socket().shutdown(tcp::socket::shutdown_send, ignored);
        discard();
    }

    void discard() {
        buffer_.clear();
        tcp_layer().async_read_some(buffer_.prepare(k_header_limit),
                                    [self = this->shared_from_this()](error_code ec, std::size_t) {
                                        if (!ec) {
                                            self->discard();
                                        }
                                    });
    }

    const Shared& shared_;
    std::uint64_t number_;
    Stream stream_;
    beast::flat_buffer buffer_;
    std::optional<RequestParser> parser_;
    std::string wire_;           ///< the interim answer
    std::optional<Fault> fault_; ///< of the connection, then of the request being served
    Delivery delivery_;          ///< what is being written, and how far that is
    std::vector<Piece>::const_iterator next_;
    std::uint64_t written_ = 0; ///< how many times that piece was
    asio::steady_timer timer_;
};

using PlainSession = Session<beast::tcp_stream>;
using TlsSession = Session<beast::ssl_stream<beast::tcp_stream>>;

} // namespace jit::sandbox
