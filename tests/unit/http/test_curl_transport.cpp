#include "http/curl_transport.hpp"

#include "support/fakes.hpp"
#include "util/text.hpp"

#include <arpa/inet.h>
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
            if (connection.text.find("\r\n\r\n") == std::string::npos) {
                continue;
            }
            connection.text.clear();
            const std::string reply = requests < replies_.size() ? replies_[requests] : "";
            ++requests;
            if (reply.empty()) {
                (void)close(std::exchange(connection.fd, -1));
            } else {
                REQUIRE(write(connection.fd, reply.data(), reply.size()) ==
                        static_cast<ssize_t>(reply.size()));
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

private:
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

    http::Outcome post(Server& server) {
        http::Request request;
        request.method = http::Method::post;
        request.url = server.url + "/activate";
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
