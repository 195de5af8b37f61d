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
    SECTION("what is repeatable is sent again after a loss, and the outcome says so") {
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

namespace {

/// A transport over which a test decides what becomes of each request, and when. Time passes by waiting.
class Held final : public http::Transport {
public:
    explicit Held(test::FakeClock& clock) : clock_(clock) {}

    /// Answers the one that was begun first.
    void answer(int status, std::vector<http::Header> headers = {}) {
        answer_to(under_way.front(), http::Response{status, std::move(headers)});
    }
    void lose() { answer_to(under_way.front(), Failure{Failure::Kind::no_answer, true, "reset"}); }
    void lose_last() { answer_to(under_way.back(), Failure{Failure::Kind::no_answer, true, "reset"}); }
    void stop_sending() override { ++stops; }

    std::deque<Ticket> under_way;
    std::vector<std::string> urls; ///< of all that were begun
    std::vector<BootTime> times;
    std::vector<std::size_t> others; ///< how many were under way when each was begun
    std::vector<std::optional<std::chrono::milliseconds>> waits;
    int stops = 0;

private:
    void answer_to(Ticket ticket, http::Outcome outcome) {
        answers_.push_back({ticket, std::move(outcome)});
        under_way.erase(std::find(under_way.begin(), under_way.end(), ticket));
    }
    void do_begin(Ticket ticket, http::Request request) override {
        times.push_back(clock_.boot_time());
        others.push_back(under_way.size());
        under_way.push_back(ticket);
        urls.push_back(std::move(request.url));
    }
    std::optional<Answer> do_wait(std::optional<std::chrono::milliseconds> at_most) override {
        if (!answers_.empty()) {
            Answer answer = std::move(answers_.front());
            answers_.pop_front();
            return answer;
        }
        waits.push_back(at_most);
        clock_.suspend(at_most.value_or(0ms));
        return std::nullopt;
    }
    http::Outcome do_abandon(Ticket ticket) override {
        under_way.erase(std::find(under_way.begin(), under_way.end(), ticket));
        return Failure{Failure::Kind::interrupted, false, "interrupted"};
    }

    test::FakeClock& clock_;
    std::deque<Answer> answers_;
};

struct HeldFixture {
    explicit HeldFixture(http::RetryPolicy policy = {})
        : log(console.console), retry(
                                    inner, policy, clock, [] { return 0.5; }, log) {}

    http::Transport::Ticket begin(const char* url = "https://x/y", bool idempotent = false) {
        http::Request request{http::Method::post, url};
        request.idempotent = idempotent;
        request.bearer = Secret("token");
        return retry.begin(std::move(request));
    }
    /// Waits until something has an outcome, or until there is nothing to wait for at this time.
    http::Outcome next() {
        auto answer = retry.wait(1ms);
        REQUIRE(answer);
        return std::move(answer->outcome);
    }

    test::FakeClock clock;
    Held inner{clock};
    test::FakeConsole console;
    io::Log log;
    http::RetryTransport retry;
};

const std::vector<http::Header> k_after_ten = {{"Retry-After", "10"}};

} // namespace

TEST_CASE("http::retry gives up one request") {
    HeldFixture it;
    SECTION("that waits to be sent again: it may have been carried out") {
        const auto ticket = it.begin("https://x/y", true);
        it.inner.lose();
        CHECK_FALSE(it.retry.wait(1ms));
        const http::Outcome outcome = it.retry.abandon(ticket);
        REQUIRE_FALSE(outcome);
        CHECK(outcome.error().kind == Failure::Kind::interrupted);
        CHECK(outcome.error().sent);
        CHECK_FALSE(it.retry.wait(1s));
        CHECK(it.inner.urls.size() == 1); // and is not sent any more
    }
    SECTION("that waits for the rate limit: it was not carried out, and was answered") {
        const auto ticket = it.begin();
        it.inner.answer(429, k_after_ten);
        CHECK_FALSE(it.retry.wait(1ms));
        const http::Outcome outcome = it.retry.abandon(ticket);
        CHECK_FALSE(outcome.error().sent);
        CHECK(outcome.error().status == 429);
    }
    SECTION("that is under way, and whose first answer was lost") {
        const auto ticket = it.begin("https://x/y", true);
        it.inner.lose();
        CHECK_FALSE(it.retry.wait(250ms));
        CHECK_FALSE(it.retry.wait(1ms));
        REQUIRE(it.inner.urls.size() == 2);
        CHECK(it.retry.abandon(ticket).error().sent);
        CHECK(it.inner.under_way.empty());
        CHECK_FALSE(it.retry.wait(1ms));
    }
    SECTION("that is under way") {
        const auto first = it.begin();
        const auto second = it.begin();
        CHECK_FALSE(it.retry.abandon(second).error().sent);
        CHECK(it.inner.under_way.size() == 1);
        it.inner.answer(202);
        CHECK(it.retry.wait()->ticket == first);
        CHECK_FALSE(it.retry.wait()); // there is nothing left to wait for
    }
    SECTION("that has its outcome already") {
        HeldFixture short_one({3, 5s});
        const auto first = short_one.begin();
        short_one.inner.answer(429, k_after_ten);
        CHECK(short_one.next()->status == 429);
        const auto second = short_one.begin();
        const auto third = short_one.begin();
        CHECK(short_one.retry.abandon(third)->status == 429);
        CHECK(short_one.retry.wait()->ticket == second);
        CHECK_FALSE(short_one.retry.wait(1ms));
        CHECK(first != second);
        CHECK(short_one.inner.urls.size() == 1);
    }
}

TEST_CASE("http::retry that is to send nothing more") {
    HeldFixture it;
    (void)it.begin("https://x/y", true);
    it.inner.lose();
    CHECK_FALSE(it.retry.wait(1ms));
    it.retry.stop_sending();
    CHECK(it.inner.stops == 1);
    CHECK(it.next().error().sent); // the answer to it was lost
    CHECK_FALSE(it.retry.wait(1s));
    CHECK(it.inner.urls.size() == 1);
}

TEST_CASE("http::retry waits no longer than it is asked to") {
    HeldFixture it;
    (void)it.begin("https://x/1", true);
    CHECK_FALSE(it.retry.wait(100ms));
    CHECK(it.inner.waits.back() == 100ms);
    it.inner.lose(); // it is sent again in 250 ms
    (void)it.begin("https://x/2", true);
    CHECK_FALSE(it.retry.wait(100ms));
    CHECK(it.inner.waits.back() == 100ms);
    CHECK(it.inner.urls.size() == 2);
    CHECK_FALSE(it.retry.wait(1s));
    REQUIRE(it.inner.waits.size() == 4);
    CHECK(it.inner.waits[2] == 150ms); // until it is due
    CHECK(it.inner.waits[3] == 850ms); // what is left
    REQUIRE(it.inner.urls.size() == 3);
    CHECK(it.inner.urls.back() == "https://x/1");
}

TEST_CASE("http::retry sends first what is due first") {
    const bool soon_is_last = GENERATE(true, false);
    HeldFixture it;
    (void)it.begin("https://x/1", true);
    it.inner.lose();
    CHECK_FALSE(it.retry.wait(251ms)); // sent again
    (void)it.begin("https://x/2", true);
    if (soon_is_last) {
        it.inner.lose(); // the first: again in 500 ms
        it.inner.lose(); // the second: again in 250 ms
    } else {
        it.inner.lose_last();
        it.inner.lose();
    }
    const BootTime now = it.clock.boot_time();
    CHECK_FALSE(it.retry.wait(1s));
    REQUIRE(it.inner.urls.size() == 5);
    CHECK(it.inner.urls[3] == "https://x/2");
    CHECK(it.inner.urls[4] == "https://x/1");
    CHECK(it.inner.times[3] == now + 250ms);
    CHECK(it.inner.times[4] == now + 500ms);
}

TEST_CASE("http::retry sends in the order in which requests were begun") {
    HeldFixture it;
    (void)it.begin("https://x/0");
    it.inner.answer(429, k_after_ten);
    CHECK_FALSE(it.retry.wait(1ms));
    for (const char* const url : {"https://x/1", "https://x/2", "https://x/3"}) {
        (void)it.begin(url);
    }
    CHECK(it.inner.urls.size() == 1);
    it.clock.suspend(10s);
    for (std::size_t i = 0; i < 4; ++i) { // first those that were not tried yet
        CHECK_FALSE(it.retry.wait(1ms));
        it.inner.answer(202);
        CHECK(it.next()->status == 202);
    }
    CHECK(std::vector<std::string>(it.inner.urls.begin() + 1, it.inner.urls.end()) ==
          std::vector<std::string>{"https://x/1", "https://x/2", "https://x/3", "https://x/0"});
}

TEST_CASE("http::retry tells until when the rate limit holds") {
    HeldFixture it;
    CHECK_FALSE(it.retry.paused_until());
    (void)it.begin();
    it.inner.answer(429, k_after_ten);
    CHECK_FALSE(it.retry.wait(1ms));
    CHECK(it.retry.paused_until() == it.clock.boot_time() + 10s - 1ms);
    it.clock.suspend(10s);
    CHECK_FALSE(it.retry.paused_until());
}

TEST_CASE("http::retry starts again slowly after a pause") {
    HeldFixture it;
    for (int i = 0; i < 20; ++i) {
        (void)it.begin();
    }
    CHECK(it.inner.urls.size() == 20); // before the limit is met, nothing is held back
    for (int i = 0; i < 20; ++i) {
        it.inner.answer(429, k_after_ten);
    }
    CHECK_FALSE(it.retry.wait(1ms));
    it.clock.suspend(10s);
    CHECK_FALSE(it.retry.wait(1ms));
    for (const std::size_t window : {1U, 2U, 4U, 8U}) { // each that passes makes room for twice as many
        CHECK(it.inner.under_way.size() == window);
        it.inner.answer(202);
        CHECK(it.next());
        CHECK_FALSE(it.retry.wait(1ms));
    }
}

TEST_CASE("http::retry finds out by one request whether the documented limit is there") {
    HeldFixture it;
    std::size_t begun = 0;
    for (std::size_t done = 0; done < 450; ++done) {
        for (; begun < 450 && begun - done < 8; ++begun) {
            (void)it.begin();
        }
        it.inner.answer(202);
        CHECK(it.next()->status == 202);
    }
    REQUIRE(it.inner.others.size() == 450);
    CHECK(it.inner.others[50] == 7);
    CHECK(it.inner.others[100] == 0);
    CHECK(it.inner.others[150] == 7);
    CHECK(it.inner.others[200] == 0);
    CHECK(it.inner.others[350] == 7);
    CHECK(it.inner.others[400] == 0);
}

TEST_CASE("http::retry counts the rate limit as a try only where nothing passed since the last time") {
    HeldFixture it({1, 120s});
    (void)it.begin("https://x/unlucky");
    for (int i = 0; i < 4; ++i) {
        it.inner.answer(429, k_after_ten);
        CHECK_FALSE(it.retry.wait(1ms));
        (void)it.begin("https://x/lucky"); // those that were tried less go first
        it.clock.suspend(10s);
        CHECK_FALSE(it.retry.wait(1ms));
        CHECK(it.inner.urls.back() == "https://x/lucky");
        it.inner.answer(202);
        CHECK(it.next()->status == 202);
        it.clock.suspend(10s); // one in ten seconds is the pace from the second refusal on
        CHECK_FALSE(it.retry.wait(1ms));
        REQUIRE(it.inner.urls.back() == "https://x/unlucky");
    }
    it.inner.answer(429, k_after_ten);
    CHECK_FALSE(it.retry.wait(1ms));
    it.clock.suspend(10s);
    CHECK_FALSE(it.retry.wait(1ms));
    it.inner.answer(429, k_after_ten); // nothing has passed since: that was the second try
    CHECK(it.next()->status == 429);
}

TEST_CASE("http::retry makes no more tries than were asked for, though others pass") {
    HeldFixture it({0, 120s});
    (void)it.begin();
    it.inner.answer(202);
    CHECK(it.next()->status == 202);
    (void)it.begin();
    it.inner.answer(429, k_after_ten);
    CHECK(it.next()->status == 429);
}

TEST_CASE("http::retry says what it waits for") {
    SECTION("each wait with --verbose") {
        HeldFixture it;
        it.log.set_verbosity(io::Verbosity::verbose);
        (void)it.begin("https://x/y", true);
        it.inner.answer(500);
        CHECK_FALSE(it.retry.wait(250ms));
        CHECK_FALSE(it.retry.wait(1ms));
        it.inner.lose();
        CHECK_FALSE(it.retry.wait(1ms));
        const std::string& told = it.console.err.text();
        CHECK(told.find("the service failed (HTTP 500); try 2 of 4 in 0.3 s") != std::string::npos);
        CHECK(told.find("reset; try 3 of 4 in 0.5 s") != std::string::npos);
    }
    SECTION("two seconds in any case") {
        HeldFixture it;
        (void)it.begin();
        it.inner.answer(429, {{"Retry-After", "2"}});
        CHECK_FALSE(it.retry.wait(1ms));
        CHECK(it.console.err.text().find(
                  "the rate limit is reached (HTTP 429); not carried out; try 2 of 4 in 2.0 s") !=
              std::string::npos);
    }
}

TEST_CASE("http::retry counts what was waited for within ten minutes") {
    Fixture it({3, 10s});
    it.inner.answer(429, "", {{"Retry-After", "7"}});
    it.inner.answer(202, "{}");
    CHECK(it.send()->status == 202);
    CHECK(it.clock.sleep(9min));
    it.inner.answer(429, "", {{"Retry-After", "7"}});
    CHECK(it.send()->status == 429);
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
