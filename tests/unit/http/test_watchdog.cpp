#include "http/watchdog.hpp"

#include "support/fakes.hpp"

#include <csignal>
#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>

using namespace jit;
using namespace std::chrono_literals;
using http::Watchdog;

namespace {

struct Fixture {
    Interrupt interrupt;
    Watchdog watchdog{interrupt};
    int socket = watchdog.open_socket(AF_UNIX, SOCK_DGRAM, 0);
    Watchdog::Clock::time_point now = Watchdog::Clock::now();

    ~Fixture() { CHECK(watchdog.close_socket(socket) == 0); }

    [[nodiscard]] bool is_shut() const {
        pollfd state{socket, POLLIN, 0};
        return poll(&state, 1, 0) == 1 && (state.revents & POLLHUP) != 0;
    }
};

} // namespace

TEST_CASE("http::Watchdog") {
    Fixture it;
    SECTION("shuts the connections once a call lasts beyond the deadline") {
        it.watchdog.begin(it.now + 30s);
        it.watchdog.look(it.now + 29s);
        CHECK_FALSE(it.watchdog.has_shut());
        CHECK_FALSE(it.is_shut());
        it.watchdog.look(it.now + 31s);
        CHECK(it.watchdog.has_shut());
        CHECK(it.is_shut());
    }
    SECTION("leaves a call that is short to libcurl's own limits") {
        it.watchdog.begin(it.now - 5s);
        it.watchdog.look(it.now + 900ms);
        CHECK_FALSE(it.watchdog.has_shut());
    }
    SECTION("heeds an interrupt in a long call, and not in a short one") {
        it.watchdog.begin(it.now + 1h);
        it.interrupt.raise(SIGTERM);
        it.watchdog.look(it.now + 900ms);
        CHECK_FALSE(it.watchdog.has_shut());
        it.watchdog.look(it.now + 2s);
        CHECK(it.is_shut());
    }
    SECTION("the next call begins anew") {
        it.watchdog.begin(it.now);
        it.watchdog.look(it.now + 2s);
        it.watchdog.begin(it.now + 1h);
        CHECK_FALSE(it.watchdog.has_shut());
    }
    SECTION("its sockets are not passed on to programs that are started") {
        CHECK((fcntl(it.socket, F_GETFD) & FD_CLOEXEC) != 0);
    }
}
