#include "http/curl_transport.hpp"

#include "support/fakes.hpp"
#include "util/text.hpp"

#include <arpa/inet.h>
#include <csignal>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

using namespace jit;
using namespace std::chrono_literals;
using http::Failure;

namespace {

/// A server on this machine that answers by a script, one reply for each request. It goes on between two
/// looks of the client, so there is no thread. A reply that is empty closes the connection instead.
class Server {
public:
    explicit Server(std::vector<std::string> replies)
        : replies_(std::move(replies)), listener_(socket(AF_INET, SOCK_STREAM, 0)) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address;
        REQUIRE(bind(listener_, reinterpret_cast<const sockaddr*>(&address), size) == 0);
        REQUIRE(listen(listener_, 8) == 0);
        REQUIRE(getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) == 0);
        (void)fcntl(listener_, F_SETFL, O_NONBLOCK);
        url = "http://127.0.0.1:" + std::to_string(ntohs(address.sin_port));
    }
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;
    Server(Server&&) = delete;
    Server& operator=(Server&&) = delete;
    ~Server() {
        close_connections();
        (void)close(listener_);
    }

    /// Takes what has come, and answers each request that is whole.
    void go_on() {
        for (int fd = accept(listener_, nullptr, nullptr); fd >= 0;
             fd = accept(listener_, nullptr, nullptr)) {
            (void)fcntl(fd, F_SETFL, O_NONBLOCK);
            connections_.push_back({fd, ""});
            ++accepted;
        }
        for (Connection& connection : connections_) {
            std::array<char, 4096> bytes{};
            const ssize_t got = connection.fd < 0 ? 0 : read(connection.fd, bytes.data(), bytes.size());
            connection.text.append(bytes.data(), static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
            if (!is_whole(connection.text)) {
                continue;
            }
            received.push_back(std::exchange(connection.text, ""));
            if (silent) {
                continue;
            }
            const std::string reply = requests < replies_.size() ? replies_[requests] : "";
            ++requests;
            if (!reply.empty()) {
                REQUIRE(write(connection.fd, reply.data(), reply.size()) ==
                        static_cast<ssize_t>(reply.size()));
            }
            if (reply.empty() || closes) {
                (void)close(std::exchange(connection.fd, -1));
            }
        }
    }

    void close_connections() {
        for (const Connection& connection : std::exchange(connections_, {})) {
            if (connection.fd >= 0) {
                (void)close(connection.fd);
            }
        }
    }

    std::string url;
    std::size_t requests = 0;
    std::size_t accepted = 0;
    std::vector<std::string> received; ///< what the requests were
    bool closes = false;               ///< after each reply
    bool silent = false;               ///< never replies

private:
    /// Whether a request is here as a whole; of one that begins with a record of TLS, the beginning will do.
    static bool is_whole(const std::string& text) {
        const std::size_t end = text.find("\r\n\r\n");
        if (end == std::string::npos) {
            return !text.empty() && text.front() == '\x16';
        }
        const std::string length = "Content-Length: ";
        const std::size_t at = text.find(length);
        return text.size() >= end + 4 + (at < end ? std::stoul(text.substr(at + length.size())) : 0);
    }

    struct Connection {
        int fd;
        std::string text;
    };

    std::vector<std::string> replies_;
    int listener_;
    std::vector<Connection> connections_;
};

struct Fixture {
    Interrupt interrupt;
    http::CurlTransport transport{{}, interrupt};

    static http::Request request_to(const Server& server) {
        http::Request request;
        request.method = http::Method::post;
        request.url = server.url + "/activate";
        request.bearer = Secret("tokentoken");
        request.body = Secret("{\"minutes\":60}");
        return request;
    }
    http::Outcome post(Server& server) { return send(request_to(server), server); }
    http::Outcome send(http::Request request, Server& server) {
        (void)transport.begin(std::move(request));
        for (;;) {
            server.go_on();
            if (auto answer = transport.wait(5ms)) {
                return std::move(answer->outcome);
            }
        }
    }
};

const std::string k_accepted = "HTTP/1.1 202 Accepted\r\nContent-Length: 2\r\n\r\n{}";

} // namespace

TEST_CASE("http::CurlTransport") {
    Fixture it;
    SECTION("a request is not sent again where a connection that was used before breaks") {
        // libcurl by itself sends it once more then, over a new connection.
        Server server({k_accepted, "", k_accepted});
        REQUIRE(it.post(server)->status == 202);
        const http::Outcome second = it.post(server);
        REQUIRE_FALSE(second);
        CHECK(second.error().kind == Failure::Kind::no_answer);
        CHECK(second.error().sent);
        CHECK(server.requests == 2);
        CHECK(it.post(server)->status == 202); // the next request has a new connection
        CHECK(server.accepted >= 2);
    }
    SECTION("a connection is used again") {
        Server server({k_accepted, k_accepted});
        CHECK(it.post(server)->status == 202);
        CHECK(it.post(server)->status == 202);
        CHECK(server.accepted == 1);
    }
    SECTION("what nobody listens for was not sent") {
        std::string url;
        {
            const Server gone({});
            url = gone.url;
        }
        http::Request request;
        request.url = url;
        const http::Outcome outcome = it.transport.send(request);
        REQUIRE_FALSE(outcome);
        CHECK(outcome.error().kind == Failure::Kind::unreachable);
        CHECK_FALSE(outcome.error().sent);
    }
}

TEST_CASE("http::CurlTransport sends what it was given") {
    Fixture it;
    Server server({k_accepted});
    REQUIRE(it.post(server)->body == "{}");
    const std::string& request = server.received.at(0);
    CHECK(request.rfind("POST /activate HTTP/1.1\r\n", 0) == 0);
    CHECK(request.find("\r\nAuthorization: Bearer tokentoken\r\n") != std::string::npos);
    CHECK(request.find("\r\n\r\n{\"minutes\":60}") != std::string::npos);
    CHECK(request.find("Expect:") == std::string::npos); // which would cost a round trip
}

TEST_CASE("http::CurlTransport follows no redirect, which could lead the token elsewhere") {
    Fixture it;
    Server server({});
    Server other({"HTTP/1.1 302 Found\r\nLocation: " + server.url + "/\r\nContent-Length: 0\r\n\r\n"});
    const http::Outcome outcome = it.post(other);
    REQUIRE(outcome);
    CHECK(outcome->status == 302);
    CHECK(outcome->header("location") == server.url + "/");
    server.go_on();
    CHECK(server.accepted == 0);
}

TEST_CASE("http::CurlTransport begins TLS for https, and sends nothing without it") {
    Fixture it;
    Server server({});
    http::Request request = Fixture::request_to(server);
    request.url.replace(0, 4, "https");
    const http::Outcome outcome = it.send(std::move(request), server);
    REQUIRE_FALSE(outcome);
    CHECK(outcome.error().kind == Failure::Kind::unreachable);
    CHECK_FALSE(outcome.error().sent);
    REQUIRE_FALSE(server.received.empty());
    CHECK(server.received.front().front() == '\x16');
    CHECK(server.received.front().find("tokentoken") == std::string::npos);
}

TEST_CASE("http::CurlTransport tells what became of a broken answer") {
    Fixture it;
    const auto failure_of = [&it](const std::string& reply) {
        Server server({reply});
        server.closes = true;
        const http::Outcome outcome = it.post(server);
        REQUIRE_FALSE(outcome);
        CHECK(outcome.error().sent);
        return outcome.error();
    };
    SECTION("a success that is cut short is none") {
        const Failure failure = failure_of("HTTP/1.1 202 Accepted\r\nContent-Length: 20\r\n\r\n{");
        CHECK(failure.kind == Failure::Kind::no_answer);
        CHECK(failure.status == 202);
    }
    SECTION("a refusal that is cut short is one") {
        Server server({"HTTP/1.1 403 Forbidden\r\nContent-Length: 20\r\n\r\n{"});
        server.closes = true;
        CHECK(it.post(server)->status == 403);
    }
    SECTION("it is not HTTP") {
        CHECK(failure_of("SSH-2.0-OpenSSH_9.2\r\n\r\n").kind == Failure::Kind::bad_answer);
    }
    SECTION("its headers are endless") {
        const Failure failure = failure_of(
            "HTTP/1.1 202 Accepted\r\nX: " + std::string(70000, 'x') + "\r\nX: " + std::string(70000, 'x') +
            "\r\nX: " + std::string(70000, 'x') + "\r\nX: " + std::string(70000, 'x') + "\r\n\r\n");
        CHECK(failure.kind == Failure::Kind::bad_answer);
        CHECK(failure.message.find("more than 256 KiB of headers") != std::string::npos);
    }
}

TEST_CASE("http::CurlTransport takes the headers of the answer, not of what came before it") {
    Fixture it;
    Server server({"HTTP/1.1 103 Early Hints\r\nRetry-After: 9\r\n\r\n" + k_accepted});
    const http::Outcome outcome = it.post(server);
    REQUIRE(outcome);
    CHECK(outcome->status == 202);
    CHECK_FALSE(outcome->header("Retry-After"));
}

TEST_CASE("http::CurlTransport heeds an interrupt") {
    Fixture it;
    Server server({});
    SECTION("before anything is sent") {
        it.interrupt.raise(SIGINT);
        const http::Outcome outcome = it.transport.send(Fixture::request_to(server));
        REQUIRE_FALSE(outcome);
        CHECK(outcome.error().kind == Failure::Kind::interrupted);
        CHECK_FALSE(outcome.error().sent);
        server.go_on();
        CHECK(server.accepted == 0);
    }
    SECTION("and knows that a request was sent before") {
        server.silent = true;
        const auto ticket = it.transport.begin(Fixture::request_to(server));
        while (server.received.empty()) {
            (void)it.transport.wait(1ms);
            server.go_on();
        }
        it.interrupt.raise(SIGINT);
        CHECK_FALSE(it.transport.wait()); // without an end, if the interrupt did not count
        const http::Outcome outcome = it.transport.abandon(ticket);
        REQUIRE_FALSE(outcome);
        CHECK(outcome.error().kind == Failure::Kind::interrupted);
        CHECK(outcome.error().sent);
    }
}
