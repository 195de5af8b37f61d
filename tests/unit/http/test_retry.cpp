#include "http/retry.hpp"

#include "support/fakes.hpp"

#include <algorithm>
#include <deque>

using namespace jit;
using namespace std::chrono_literals;
using http::Failure;

namespace {

const Failure k_refused{Failure::Kind::unreachable, false, "refused"};

/// A retrying transport over a fake one; random numbers are all 0.5.
struct Fixture {
    explicit Fixture(http::RetryPolicy policy = {})
        : log(console.console), retry(
                                    inner, policy, clock, [] { return 0.5; }, log) {}

    http::Outcome send() { return retry.send(http::Request{http::Method::post, "https://x/y"}); }

    test::FakeTransport inner;
    test::FakeClock clock;
    test::FakeConsole console;
    io::Log log;
    http::RetryTransport retry;
};

using Sleeps = std::vector<std::chrono::milliseconds>;

} // namespace

TEST_CASE("http::retry") {
    SECTION("an answer is passed on as it is") {
        Fixture it;
        it.inner.answer(202, "{}");
        CHECK(it.send()->status == 202);
        CHECK(it.clock.slept.empty());
    }
    SECTION("what was not sent is tried again, with exponential backoff and jitter") {
        Fixture it;
        it.inner.fail(k_refused);
        it.inner.fail(k_refused);
        it.inner.fail(k_refused);
        it.inner.answer(202, "{}");
        CHECK(it.send()->status == 202);
        CHECK(it.clock.slept == Sleeps{250ms, 500ms, 1s});
    }
    SECTION("backoff is at most 30 seconds") {
        Fixture it({10, 120s});
        for (int i = 0; i < 11; ++i) {
            it.inner.fail(k_refused);
        }
        CHECK_FALSE(it.send());
        CHECK(it.clock.slept.back() == 15s);
    }
    SECTION("the last failure is returned when the tries are used up") {
        Fixture it({1, 120s});
        it.inner.fail(k_refused);
        it.inner.fail({Failure::Kind::unreachable, false, "refused again"});
        CHECK(it.send().error().message == "refused again");
    }
    SECTION("what was sent is never tried again") {
        for (const auto kind :
             {Failure::Kind::no_answer, Failure::Kind::bad_answer, Failure::Kind::unreachable}) {
            Fixture it;
            it.inner.fail({kind, true, "lost"});
            CHECK(it.send().error().message == "lost");
        }
        for (const int status : {400, 401, 403, 404, 408, 500, 502, 503, 504}) {
            Fixture it;
            it.inner.answer(status, "");
            CHECK(it.send()->status == status);
        }
    }
    SECTION("a certificate that is not trusted does not get better by trying") {
        Fixture it;
        it.inner.fail({Failure::Kind::permanent, false, "self-signed"});
        CHECK_FALSE(it.send());
    }
    SECTION("429 is tried again after what Retry-After says") {
        Fixture it;
        it.inner.answer(429, "", {{"Retry-After", "7"}});
        it.inner.answer(429, "", {{"retry-after", "Tue, 24 Nov 2026 12:00:10 GMT"}});
        it.inner.answer(202, "{}");
        CHECK(it.send()->status == 202);
        CHECK(it.clock.slept == Sleeps{7s, 3s});
    }
    SECTION("429 with none, or nonsense, backs off") {
        Fixture it;
        it.inner.answer(429, "");
        it.inner.answer(429, "", {{"Retry-After", "-5"}});
        it.inner.answer(202, "{}");
        CHECK(it.send()->status == 202);
        CHECK(it.clock.slept == Sleeps{250ms, 500ms});
    }
    SECTION("waiting for the limit ends before --max-wait is exceeded in all") {
        Fixture it({5, 10s});
        it.inner.answer(429, "", {{"Retry-After", "6"}});
        it.inner.answer(429, "", {{"Retry-After", "6"}});
        CHECK(it.send()->status == 429);
        CHECK(it.clock.slept == Sleeps{6s});
    }
    SECTION("an interrupt ends the wait, and nothing was sent") {
        Fixture it;
        it.clock.interrupted = true;
        it.inner.answer(429, "", {{"Retry-After", "6"}});
        const auto outcome = it.send();
        REQUIRE_FALSE(outcome);
        CHECK(outcome.error().kind == Failure::Kind::interrupted);
        CHECK_FALSE(outcome.error().sent);
        CHECK(outcome.error().status == 429);
    }
    SECTION("--verbose tells each step, and a long wait is told in any case") {
        Fixture it;
        it.inner.answer(429, "", {{"Retry-After", "1"}});
        it.inner.answer(429, "", {{"Retry-After", "7"}});
        it.inner.answer(202, "{}");
        CHECK(it.send());
        CHECK(it.console.err.text() ==
              "jit: warning: the rate limit is reached (HTTP 429); not carried out; try 3 of 4 in 7.0 s\n");
        Fixture verbose;
        verbose.log.set_verbosity(io::Verbosity::verbose);
        verbose.inner.answer(429, "", {{"Retry-After", "1"}});
        verbose.inner.answer(202, "{}");
        CHECK(verbose.send());
        CHECK(verbose.console.err.text() ==
              "jit: info: the rate limit is reached (HTTP 429); not carried out; try 2 of 4 in 1.0 s\n");
    }
}

TEST_CASE("http::system_random") {
    const auto random = http::system_random();
    for (int i = 0; i < 100; ++i) {
        const double number = random();
        CHECK(number >= 0.0);
        CHECK(number < 1.0);
    }
    SECTION("reading is tried again after a lost answer or a fault of the service, writing is not") {
        const http::Request get{http::Method::get, "https://x/y"};
        Fixture it;
        it.inner.fail({Failure::Kind::no_answer, true, "reset"});
        it.inner.answer(502, "<html>");
        it.inner.answer(200, "[]");
        CHECK(it.retry.send(get)->status == 200);
        CHECK(it.clock.slept == Sleeps{250ms, 500ms});
        it.inner.fail({Failure::Kind::no_answer, true, "reset"});
        CHECK_FALSE(it.send());
        it.inner.answer(502, "<html>");
        CHECK(it.send()->status == 502);
        it.inner.answer(404, "{}");
        CHECK(it.retry.send(get)->status == 404);
    }
    SECTION("what changes nothing waits for a 503 as it says; what may have been carried out does not") {
        http::Request token{http::Method::post, "https://x/oauth/token"};
        token.idempotent = token.harmless = true;
        for (const http::Request& request : {http::Request{http::Method::get, "https://x/y"}, token}) {
            Fixture it({3, 10s});
            it.inner.answer(503, "", {{"Retry-After", "7"}});
            it.inner.answer(200, "[]");
            CHECK(it.retry.send(request)->status == 200);
            CHECK(it.clock.slept == Sleeps{7s});
            it.inner.answer(503, "", {{"Retry-After", "7"}}); // 14 s in all
            CHECK(it.retry.send(request)->status == 503);
        }
        Fixture it;
        it.inner.answer(503, "", {{"Retry-After", "7"}});
        CHECK(it.send()->status == 503);
        http::Request deactivate{http::Method::post, "https://x/y"};
        deactivate.idempotent = true;
        it.inner.answer(503, "", {{"Retry-After", "7"}});
        it.inner.answer(202, "{}");
        CHECK(it.retry.send(deactivate)->after_ambiguous_attempt);
        CHECK(it.clock.slept == Sleeps{250ms});
    }
    SECTION("a date is taken against the answer's own, whatever this machine's clock says") {
        Fixture it;
        it.inner.answer(
            429, "",
            {{"Date", "Mon, 23 Nov 2026 08:00:00 GMT"}, {"Retry-After", "Mon, 23 Nov 2026 08:00:07 GMT"}});
        it.inner.answer(202, "{}");
        CHECK(it.send()->status == 202);
        CHECK(it.clock.slept == Sleeps{7s});
    }
    SECTION("what was waited for long ago is forgotten") {
        Fixture it({3, 10s});
        for (int i = 0; i < 5; ++i) {
            it.inner.answer(429, "", {{"Retry-After", "7"}});
            it.inner.answer(202, "{}");
            CHECK(it.send()->status == 202);
            (void)it.clock.sleep(std::chrono::hours(1));
        }
    }
}

namespace {

/// A service with a limit of so many requests in ten seconds, over which a test decides when an answer comes.
class Limited final : public http::Transport {
public:
    Limited(test::FakeClock& clock, std::size_t limit) : clock_(clock), limit_(limit) {}

    std::size_t refused = 0;
    std::size_t most_under_way = 0;
    std::size_t intervals = 0; ///< in which one was refused

private:
    void do_begin(Ticket ticket, http::Request /*request*/) override {
        while (!passed_.empty() && clock_.now() - passed_.front() >= 10s) {
            passed_.pop_front();
        }
        const bool over = passed_.size() >= limit_;
        refused += over ? 1U : 0U;
        if (over && (!violated_ || clock_.now() - *violated_ >= 10s)) {
            violated_ = clock_.now();
            ++intervals;
        }
        if (over) {
            answers_.push_back({ticket, http::Response{429, {{"Retry-After", "10"}}}});
        } else {
            passed_.push_back(clock_.now());
            answers_.push_back({ticket, http::Response{202}});
        }
        most_under_way = std::max(most_under_way, answers_.size());
    }
    std::optional<Answer> do_wait(std::optional<std::chrono::milliseconds> /*at_most*/) override {
        if (answers_.empty()) {
            return std::nullopt;
        }
        Answer answer = std::move(answers_.front());
        answers_.pop_front();
        return answer;
    }
    http::Outcome do_abandon(Ticket /*ticket*/) override { return k_refused; }

    test::FakeClock& clock_;
    std::size_t limit_;
    std::optional<TimePoint> violated_;
    std::deque<TimePoint> passed_;
    std::deque<Answer> answers_;
};

struct Crowd {
    explicit Crowd(std::size_t limit, http::RetryPolicy policy = {})
        : inner(clock, limit), log(console.console), retry(
                                                         inner, policy, clock, [] { return 0.5; }, log) {}

    /// Sends so many, eight at a time; the number of those that passed.
    std::size_t send(std::size_t count) {
        std::size_t begun = 0;
        std::size_t done = 0;
        std::size_t passed = 0;
        while (done < count) {
            for (; begun < count && begun - done < 8; ++begun) {
                http::Request request{http::Method::post, "https://x/y"};
                request.bearer = Secret("token");
                (void)retry.begin(std::move(request));
            }
            const auto answer = retry.wait();
            REQUIRE(answer);
            ++done;
            passed += answer->outcome && answer->outcome->status == 202 ? 1U : 0U;
        }
        return passed;
    }

    test::FakeClock clock;
    test::FakeConsole console;
    Limited inner;
    io::Log log;
    http::RetryTransport retry;
};

} // namespace

TEST_CASE("http::retry of many") {
    SECTION("the documented limit is met by one request, and all pass in the least time") {
        Crowd it(100);
        const TimePoint start = it.clock.now();
        CHECK(it.send(1000) == 1000);
        CHECK(it.inner.refused == 1);
        CHECK(it.clock.now() - start == 90s);
        CHECK(it.inner.most_under_way == 8);
    }
    SECTION("a limit that is not known beforehand is met once, by those under way") {
        Crowd it(40);
        CHECK(it.send(420) == 420);
        CHECK(it.inner.refused <= 8);
        CHECK(it.inner.intervals == 1);
    }
    SECTION("time at one's own pace is no time that the service made wait") {
        Crowd it(100, {3, 10s});
        CHECK(it.send(2000) == 2000);
    }
    SECTION("without a limit nothing waits") {
        Crowd it(100000);
        CHECK(it.send(2000) == 2000);
        CHECK(it.clock.slept.empty());
    }
    SECTION("what would have to wait too long is refused without being sent") {
        Crowd it(10, {3, 5s});
        CHECK(it.send(200) == 10);
        CHECK(it.inner.refused <= 8);
        CHECK(it.clock.slept.empty());
    }
    SECTION("all that is asked to wait for the limit, by whatever requests, is waited for within one time") {
        test::FakeClock clock;
        test::FakeConsole console;
        Limited inner(clock, 0);
        io::Log log(console.console);
        http::RetryTransport retry(
            inner, {1000, 25s}, clock, [] { return 0.5; }, log);
        const TimePoint start = clock.now();
        for (int i = 0; i < 30; ++i) {
            (void)retry.begin(http::Request{http::Method::post, "https://x/y"});
        }
        for (int i = 0; i < 30; ++i) {
            const auto answer = retry.wait();
            REQUIRE(answer);
            CHECK(answer->outcome->status == 429);
        }
        CHECK(retry.send(http::Request{http::Method::get, "https://x/y"})->status == 429);
        CHECK(clock.now() - start == 20s);
    }
    SECTION("after the stop nothing more is sent") {
        Crowd it(1);
        const auto first = it.retry.begin(http::Request{http::Method::post, "https://x/y"});
        const auto second = it.retry.begin(http::Request{http::Method::post, "https://x/y"});
        CHECK(it.retry.wait()->ticket == first);
        it.clock.interrupted = true;
        CHECK_FALSE(it.retry.wait());
        it.retry.stop_sending();
        const auto stopped = it.retry.wait();
        REQUIRE(stopped);
        CHECK(stopped->ticket == second);
        CHECK(stopped->outcome.error().kind == Failure::Kind::interrupted);
        CHECK_FALSE(stopped->outcome.error().sent);
    }
    SECTION("what is repeatable is sent again after a loss, and the answer tells of that") {
        Fixture it;
        it.inner.fail({Failure::Kind::no_answer, true, "reset"});
        it.inner.answer(404, "{}");
        http::Request request{http::Method::post, "https://x/y"};
        request.idempotent = true;
        const auto outcome = it.retry.send(request);
        REQUIRE(outcome);
        CHECK(outcome->status == 404);
        CHECK(outcome->after_ambiguous_attempt);
    }
}

TEST_CASE("http::Transport") {
    SECTION("a request that is sent alone does not swallow the answers of others") {
        test::FakeTransport it;
        it.answer(200, "first");
        it.answer(200, "second");
        const auto first = it.begin({http::Method::get, "https://x/1"});
        CHECK(it.send({http::Method::get, "https://x/2"})->body == "second");
        const auto answer = it.wait();
        REQUIRE(answer);
        CHECK(answer->ticket == first);
        CHECK(answer->outcome->body == "first");
        CHECK_FALSE(it.wait());
    }
}
