#include "http/retry.hpp"
#include "support/fakes.hpp"

using namespace jit;
using namespace std::chrono_literals;
using http::Failure;

namespace {

struct Fixture {
    http::Transport::Ticket begin(bool repeatable = true) {
        http::Request request{http::Method::post, "https://x/y"};
        request.idempotent = repeatable;
        return retry.begin(std::move(request));
    }
    http::Outcome next() {
        auto answer = retry.wait();
        REQUIRE(answer);
        return std::move(answer->outcome);
    }
    void lose() { inner.fail({Failure::Kind::no_answer, true, "reset"}); }

    test::FakeTransport inner;
    test::FakeClock clock;
    test::FakeConsole console;
    io::Log log{console.console};
    http::RetryTransport retry{inner, {1, 120s}, clock, [] { return 0.5; }, log};
};

} // namespace

TEST_CASE("http::retry never forgets that an earlier try was sent") {
    Fixture it;
    it.lose();
    (void)it.begin();
    SECTION("the last answer says so") {
        it.inner.answer(403, "{}");
        CHECK(it.next()->after_ambiguous_attempt);
    }
    SECTION("the last failure says so") {
        it.inner.fail({Failure::Kind::unreachable, false, "refused"});
        CHECK(it.next().error().sent);
    }
    SECTION("an answer that another request has met says so") {
        it.inner.answer(429, "{}", {{"Retry-After", "1000"}});
        (void)it.begin();
        const http::Outcome other = it.next();
        const http::Outcome lost = it.next();
        CHECK(other->after_ambiguous_attempt != lost->after_ambiguous_attempt);
        CHECK(lost->status == 429);
    }
}

TEST_CASE("http::retry tries nothing again once it is to send nothing more") {
    Fixture it;
    SECTION("what was refused for the rate comes as interrupted") {
        it.inner.answer(429, "{}");
        (void)it.begin();
        it.retry.stop_sending();
        const http::Outcome outcome = it.next();
        REQUIRE_FALSE(outcome);
        CHECK(outcome.error().kind == Failure::Kind::interrupted);
        CHECK_FALSE(outcome.error().sent);
        CHECK(outcome.error().status == 429);
    }
    SECTION("what was lost comes as lost") {
        it.lose();
        (void)it.begin();
        it.retry.stop_sending();
        CHECK(it.next().error().kind == Failure::Kind::no_answer);
    }
    SECTION("what begins afterwards is tried again") {
        it.inner.answer(202, "{}");
        (void)it.begin();
        it.retry.stop_sending();
        CHECK(it.next()->status == 202);
        it.inner.answer(429, "{}");
        it.inner.answer(202, "{}");
        (void)it.begin();
        CHECK(it.next()->status == 202);
    }
}
