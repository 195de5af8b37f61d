#include "util/interrupt.hpp"

#include "support/catch.hpp"
#include "util/clock.hpp"

#include <csignal>
#include <unistd.h>

using namespace jit;
using namespace std::chrono_literals;

TEST_CASE("util::interrupt") {
    SECTION("a signal is remembered, and ends a wait at once") {
        Interrupt interrupt;
        interrupt.install();
        SystemClock clock(interrupt);
        REQUIRE(std::raise(SIGTERM) == 0);
        CHECK(interrupt.signal() == SIGTERM);
        CHECK_FALSE(clock.sleep(1h));
    }
    SECTION("without one, a wait is waited") {
        const Interrupt interrupt;
        SystemClock clock(interrupt);
        const auto start = std::chrono::steady_clock::now();
        CHECK(clock.sleep(2ms));
        CHECK(std::chrono::steady_clock::now() - start >= 2ms);
    }
    SECTION("a persistent one takes every signal, ends the process by none, and begins anew") {
        Interrupt interrupt;
        interrupt.install();
        interrupt.defer_exit();
        for (int number = 1; number < k_signals; ++number) {
            const bool is_caught = number != SIGPIPE && number != SIGXFSZ && number != 32 && number != 33;
            if (ends_by_default(number) && is_caught) {
                const siginfo_t info{};
                interrupt.clear();
                interrupt.on_signal(number, info);
                CHECK(interrupt.signal() == number);
                struct sigaction action = {};
                REQUIRE(sigaction(number, nullptr, &action) == 0);
                CHECK(action.sa_handler != SIG_DFL);
            }
        }
        for (const int number : {SIGINT, SIGQUIT, SIGTERM, SIGALRM, SIGUSR1, SIGPWR, SIGRTMIN}) {
            REQUIRE(std::raise(number) == 0);
            CHECK(interrupt.signal() == number);
        }
        SystemClock clock(interrupt);
        CHECK_FALSE(clock.sleep(1h));
        interrupt.clear();
        CHECK(interrupt.signal() == 0);
        CHECK(clock.sleep(1ms));
    }
    SECTION("an insistent one is raised by the second Ctrl-C, and by nothing else") {
        Interrupt interrupt;
        interrupt.install();
        interrupt.ignore_first();
        siginfo_t key{};
        key.si_code = SI_KERNEL;
        for (int i = 0; i < 3; ++i) {
            interrupt.on_signal(SIGTERM, key);
            interrupt.on_signal(SIGHUP, key);
            interrupt.on_signal(SIGQUIT, key);
        }
        interrupt.on_signal(SIGINT, key);
        CHECK(interrupt.signal() == 0);
        SECTION("a second key") {
            interrupt.on_signal(SIGINT, key);
            CHECK(interrupt.signal() == SIGINT);
            CHECK(interrupt.given_up());
            interrupt.ignore_first();
            CHECK_FALSE(interrupt.given_up());
        }
        SECTION("but not what a program passes on of the first") {
            siginfo_t sent{};
            sent.si_code = SI_USER;
            interrupt.on_signal(SIGINT, sent);
            CHECK(interrupt.signal() == 0);
            CHECK_FALSE(interrupt.given_up());
        }
    }
    SECTION("a fault of this process is none that somebody sent") {
        siginfo_t info{};
        info.si_code = SI_USER;
        info.si_pid = 1;
        CHECK_FALSE(is_own_fault(SIGSEGV, info));
        info.si_pid = getpid();
        CHECK(is_own_fault(SIGABRT, info));
        info.si_code = SEGV_MAPERR;
        CHECK(is_own_fault(SIGSEGV, info));
        CHECK_FALSE(is_own_fault(SIGTERM, info));
    }
    SECTION("what the parent has blocked is not, until the object goes; SIGXFSZ does nothing") {
        sigset_t blocked;
        sigset_t before;
        sigemptyset(&blocked);
        sigaddset(&blocked, SIGTERM);
        REQUIRE(pthread_sigmask(SIG_BLOCK, &blocked, &before) == 0);
        {
            Interrupt interrupt;
            interrupt.install();
            REQUIRE(std::raise(SIGXFSZ) == 0);
            CHECK(interrupt.signal() == 0);
            REQUIRE(std::raise(SIGTERM) == 0);
            CHECK(interrupt.signal() == SIGTERM);
        }
        sigset_t after;
        REQUIRE(pthread_sigmask(SIG_SETMASK, &before, &after) == 0);
        CHECK(sigismember(&after, SIGTERM) == 1);
    }
    SECTION("a time limit raises it") {
        Interrupt interrupt;
        interrupt.install();
        interrupt.defer_exit();
        SystemClock clock(interrupt);
        interrupt.set_deadline(1ms);
        CHECK_FALSE(clock.sleep(1h));
        CHECK(interrupt.signal() == SIGALRM);
        interrupt.clear();
        interrupt.set_deadline(1h);
        interrupt.set_deadline(0ms);
        CHECK(clock.sleep(1ms));
    }
    SECTION("a signal that the parent has set to be ignored stays ignored") {
        REQUIRE(std::signal(SIGINT, SIG_IGN) != SIG_ERR);
        Interrupt interrupt;
        interrupt.install();
        REQUIRE(std::raise(SIGINT) == 0);
        CHECK(interrupt.signal() == 0);
        REQUIRE(std::signal(SIGINT, SIG_DFL) != SIG_ERR);
    }
}
