#include "access/batch.hpp"
#include "support/access_context.hpp"

#include <csignal>

using namespace jit;
using namespace std::chrono_literals;
using access::AccessRecord;
using access::TargetResult;
using sailpoint::Operation;
using sailpoint::Phase;
using test::ListingTransport;

namespace {

constexpr const char* k_one = "c0ffee00-0000-4000-8000-000000000001";
constexpr const char* k_two = "c0ffee00-0000-4000-8000-000000000002";
constexpr const char* k_three = "c0ffee00-0000-4000-8000-000000000003";
const TimePoint k_start = *parse_rfc3339("2026-11-24T12:00:00Z");
constexpr io::Device k_terminal{true, 120, 24, true};

access::GlobalOptions with_retries(long retries) {
    access::GlobalOptions options;
    options.retries = retries;
    return options;
}

struct Sending : test::AccessContext {
    using test::AccessContext::AccessContext;

    access::RequestOptions options;
    std::vector<TargetResult> results;
    std::vector<std::chrono::milliseconds> sent; ///< when each request was sent

    void add(const char* id, Operation operation, std::int32_t minutes = 60) {
        TargetResult& result = results.emplace_back(TargetResult{access::Target{id, *Uuid::parse(id)}});
        result.request = access::request_for(options, result.target, operation, minutes);
    }
    void accept(const char* id, const char* status = "CREATING") {
        network.answer(202, concat({R"({"activationId":"a","connectionId":")", id, R"(","status":")", status,
                                    R"(","activationPeriodMins":60,"startTime":"2026-11-24T12:00:00Z"})"}));
    }
    bool send(std::size_t parallel = 1, bool all_or_nothing = false) {
        if (!network.on_post) {
            network.on_post = [this] { sent.push_back(clock.now() - k_start); };
        }
        return access::run_batch(context, results, {parallel, all_or_nothing});
    }
    [[nodiscard]] bool says(std::size_t result, std::string_view part) const {
        return results.at(result).error && results.at(result).error->message.find(part) != std::string::npos;
    }
};

} // namespace

TEST_CASE("access::run_batch shows progress on a terminal") {
    Sending it(with_retries(1), k_terminal);
    it.add(k_one, Operation::activate);
    it.add(k_two, Operation::activate);
    it.add(k_three, Operation::activate);
    it.network.on_post = [&] { CHECK(it.clock.sleep(100ms)); };
    it.accept(k_one);
    SECTION("how many are done, and how many failed") {
        it.network.answer(400, R"({"detailCode":"400.1"})");
        it.accept(k_three);
        CHECK(it.send());
        CHECK(it.console.err.text() == "\r\x1b[K[######..............] 1 of 3"
                                       "\r\x1b[K[#############.......] 2 of 3, 1 failed"
                                       "\r\x1b[K[####################] 3 of 3, 1 failed"
                                       "\r\x1b[K");
    }
    SECTION("ten times a second at most") {
        it.network.on_post = [&] { CHECK(it.clock.sleep(99ms)); };
        it.accept(k_two);
        it.accept(k_three);
        CHECK(it.send());
        CHECK(it.told("1 of 3") == 1);
        CHECK(it.told("2 of 3") == 0);
        CHECK(it.told("3 of 3") == 1);
    }
    SECTION("that it was interrupted") {
        it.network.on_post = [&] {
            CHECK(it.clock.sleep(100ms));
            it.interrupt.raise(SIGINT);
        };
        CHECK_FALSE(it.send());
        CHECK(it.told("1 of 3; interrupted, waiting for the answers to what was sent") == 1);
        CHECK(it.told("[####################]") == 0);
    }
    SECTION("not for a single target") {
        Sending one({}, k_terminal);
        one.add(k_one, Operation::activate);
        one.accept(k_one);
        it.accept(k_two);
        it.accept(k_three);
        CHECK(one.send());
        CHECK(one.console.err.text().empty());
        CHECK(it.send());
    }
}

TEST_CASE("access::run_batch shows progress for two and while the rate limit holds") {
    Sending it(with_retries(1), k_terminal);
    it.add(k_one, Operation::activate);
    it.add(k_two, Operation::activate);
    it.network.on_post = [&] { CHECK(it.clock.sleep(100ms)); };
    it.network.answer(429, "{}", {{"Retry-After", "3"}});
    it.accept(k_one);
    it.accept(k_two);
    CHECK(it.send());
    CHECK(it.told("0 of 2; waiting for the rate limit, in 1 s") > 0);
    CHECK(it.told("2 of 2") > 0);
    CHECK(it.console.err.text().find("\r\x1b[K", it.console.err.text().size() - 4) != std::string::npos);
}

TEST_CASE("access::run_batch wakes up to show progress where somebody looks") {
    for (const io::Device terminal : {k_terminal, io::Device{}}) {
        Sending it(test::AccessContext::without_retries(), terminal);
        it.add(k_one, Operation::activate);
        it.add(k_two, Operation::activate);
        it.accept(k_one);
        it.accept(k_two);
        CHECK(it.send());
        REQUIRE_FALSE(it.network.waits.empty());
        CHECK(it.network.waits.front() ==
              (terminal.is_terminal ? std::optional(100ms) : std::optional<std::chrono::milliseconds>()));
    }
}

TEST_CASE("access::run_batch shows no progress where nobody looks") {
    Sending it;
    it.add(k_one, Operation::activate);
    it.add(k_two, Operation::activate);
    it.accept(k_one);
    it.accept(k_two);
    CHECK(it.send());
    CHECK(it.console.err.text().empty());
}

TEST_CASE("access::run_batch is interrupted") {
    Sending it;
    it.add(k_one, Operation::activate);
    SECTION("once: nothing more is sent, and what was sent is waited for") {
        it.add(k_two, Operation::activate);
        it.add(k_three, Operation::activate);
        it.accept(k_one);
        it.network.on_post = [&] { it.interrupt.raise(SIGTERM); };
        CHECK_FALSE(it.send());
        CHECK(it.network.posts.size() == 1);
        CHECK(it.network.abandoned == 0);
        CHECK(it.results[0].answer);
        for (const std::size_t other : {1U, 2U}) {
            CHECK(it.says(other, "interrupted; nothing was sent"));
            CHECK(it.results[other].error->kind == ErrorKind::interrupted);
            CHECK_FALSE(it.results[other].aborted_by_peer);
        }
        CHECK(it.told("interrupted: waiting for the answers to what was sent") == 1);
        CHECK(it.interrupt.signal() == SIGTERM); // the caller sees it as well
    }
    SECTION("once: answers that are on their way count") {
        it.add(k_two, Operation::activate);
        it.add(k_three, Operation::activate);
        it.accept(k_one);
        it.accept(k_two);
        it.accept(k_three);
        it.network.on_post = [&] {
            if (it.network.posts.size() == 1) {
                it.interrupt.raise(SIGTERM);
            }
        };
        CHECK_FALSE(it.send(3));
        CHECK(it.network.abandoned == 0);
        for (const TargetResult& result : it.results) {
            CHECK(result.answer);
        }
    }
    SECTION("once: what waits for the rate limit is not sent any more") {
        Sending patient(with_retries(3));
        patient.add(k_one, Operation::activate);
        patient.add(k_two, Operation::activate);
        it.accept(k_one);
        patient.network.answer(429, "{}");
        patient.accept(k_two);
        patient.network.on_post = [&] {
            if (patient.network.posts.size() == 2) {
                patient.interrupt.raise(SIGTERM);
            }
        };
        CHECK_FALSE(patient.send(2));
        CHECK(patient.network.posts.size() == 2);
        CHECK(patient.results[0].error->kind == ErrorKind::interrupted);
        CHECK_FALSE(patient.results[0].error->uncertain);
        CHECK(it.send());
    }
    SECTION("twice: what was sent is given up") {
        it.add(k_two, Operation::activate);
        it.accept(k_one);
        it.accept(k_two);
        it.network.gives_answer = [&] {
            it.interrupt.raise(SIGINT);
            it.clock.interrupted = true;
            return false;
        };
        CHECK_FALSE(it.send(2));
        CHECK(it.network.abandoned == 2);
        for (const TargetResult& result : it.results) {
            CHECK(result.error->kind == ErrorKind::interrupted);
            CHECK(result.error->uncertain);
        }
    }
    SECTION("once, with a single target: it is given up") {
        it.accept(k_one);
        it.network.gives_answer = [&] {
            it.interrupt.raise(SIGINT);
            it.clock.interrupted = true;
            return false;
        };
        CHECK_FALSE(it.send());
        CHECK(it.network.abandoned == 1);
        CHECK(it.told("waiting for the answers") == 0);
        CHECK(it.interrupt.signal() == SIGINT);
    }
    SECTION("while it finds out what became of a lost answer") {
        it.add(k_two, Operation::activate);
        it.network.lose();
        it.accept(k_two);
        it.clock.on_sleep = [&] { it.interrupt.raise(SIGINT); };
        CHECK_FALSE(it.send());
        CHECK(it.results[0].error->kind == ErrorKind::interrupted);
        CHECK(it.results[0].error->uncertain);
        CHECK(it.results[1].answer);
        CHECK(it.interrupt.signal() == SIGINT);
    }
    SECTION("while it looks whether a refused deactivate has ended access: refused it stays") {
        it.results.front().request =
            access::request_for(it.options, it.results.front().target, Operation::deactivate, 0);
        it.network.answer(400, "{}");
        it.network.connections = [&](const http::Request&) {
            return ListingTransport::list(test::active_until(k_one, k_start + 30min));
        };
        it.clock.on_sleep = [&] { it.interrupt.raise(SIGINT); };
        CHECK_FALSE(it.send());
        CHECK(it.results[0].error->kind == ErrorKind::refused);
    }
    SECTION("not at all: another signal of an earlier time stays away") {
        it.accept(k_one);
        CHECK(it.send());
        CHECK(it.interrupt.signal() == 0);
    }
}

TEST_CASE("access::run_batch, all or nothing, says which target was not sent for another one") {
    Sending it;
    it.add(k_one, Operation::activate);
    it.add(k_two, Operation::activate);
    it.network.answer(400, R"({"detailCode":"400.1"})");
    CHECK(it.send(1, true));
    CHECK(it.says(1, "nothing was sent, since another one failed"));
    CHECK(it.results[1].aborted_by_peer);
    CHECK(it.results[1].error->kind == ErrorKind::partial);
    CHECK_FALSE(it.results[0].aborted_by_peer);
}

TEST_CASE("access::run_batch hands back what is not to be sent as it came") {
    Sending it;
    it.add(k_one, Operation::activate);
    it.add(k_two, Operation::activate);
    it.add(k_three, Operation::activate);
    it.results[1].request.reset();
    it.results[1].error = usage_error("it cannot be");
    it.results[2].request.reset(); // there is nothing to do
    SECTION("among others") {
        it.accept(k_one);
        CHECK(it.send());
        CHECK(it.says(1, "it cannot be"));
        CHECK_FALSE(it.results[2].error);
    }
    SECTION("after another one failed") {
        it.network.answer(400, R"({"detailCode":"400.1"})");
        CHECK(it.send(1, true));
        CHECK(it.says(1, "it cannot be"));
        CHECK_FALSE(it.results[1].aborted_by_peer);
        CHECK_FALSE(it.results[2].error);
    }
}

TEST_CASE("access::run_batch that is all or nothing sends nothing again once one has failed") {
    Sending it(with_retries(1));
    it.add(k_one, Operation::activate);
    it.add(k_two, Operation::activate);
    it.network.lose();
    it.network.answer(202, "<html>");
    CHECK(it.send(2, true));
    CHECK(it.network.posts.size() == 2);
    CHECK(it.results[0].error->uncertain);
    CHECK(it.results[1].error->uncertain);
}

TEST_CASE("access::run_batch knows no end of an extend where it knows none before") {
    Sending it;
    it.add(k_one, Operation::extend, 10);
    it.network.answer(202, concat({R"({"activationId":"a","connectionId":")", k_one,
                                   R"(","status":"PROVISIONED","activationPeriodExtensionMins":4})"}));
    CHECK(it.send());
    CHECK_FALSE(it.results[0].ends);
}

TEST_CASE("access::run_batch without credentials gives each target the reason") {
    test::FakeConsole console;
    test::FakeClock clock;
    Interrupt interrupt;
    test::TemporaryDirectory home;
    ListingTransport network;
    access::Context context({}, test::variables({{"HOME", home.path()}}), console.console, clock, interrupt,
                            &network);
    std::vector<TargetResult> results;
    for (const char* const id : {k_one, k_two}) {
        TargetResult& result = results.emplace_back(TargetResult{access::Target{id, *Uuid::parse(id)}});
        result.request = access::request_for({}, result.target, Operation::activate, 60);
    }
    results.emplace_back(TargetResult{access::Target{k_three, *Uuid::parse(k_three)}}); // nothing to send
    CHECK(access::run_batch(context, results, {}));
    REQUIRE(results.size() == 3);
    REQUIRE(results[0].error);
    REQUIRE(results[1].error);
    CHECK(results[0].error->kind == ErrorKind::usage);
    CHECK(results[1].error->kind == ErrorKind::usage);
    CHECK_FALSE(results[2].error);
    CHECK(results[0].target.connection.str() == k_one);
    CHECK(results[1].target.connection.str() == k_two);
}

TEST_CASE("access::run_batch says what the state shows after a lost answer") {
    Sending it;
    const auto shows = [&](std::string entries) {
        it.network.connections = [entries = std::move(entries)](const http::Request&) {
            return ListingTransport::list(entries);
        };
    };
    SECTION("an extend: the end as before") {
        it.add(k_one, Operation::extend, 10);
        it.results.front().end_before = k_start + 30min;
        shows(test::active_until(k_one, k_start + 30min));
        it.network.lose();
        CHECK(it.send());
        CHECK(it.says(0, "; by the list, access ends 2026-11-24 12:30:00 UTC, in 29 min, as before"));
        CHECK(it.results[0].error->uncertain);
    }
    SECTION("an extend: another end than either") {
        it.add(k_one, Operation::extend, 10);
        it.results.front().end_before = k_start + 30min;
        shows(test::active_until(k_one, k_start + 35min));
        it.network.lose();
        CHECK(it.send());
        CHECK(it.says(0, "; by the list, access ends 2026-11-24 12:35:00 UTC, in 34 min"));
        CHECK_FALSE(it.says(0, "as before"));
    }
    SECTION("an extend whose end is not known") {
        it.add(k_one, Operation::extend, 10);
        shows("[]");
        it.network.lose();
        CHECK(it.send());
        CHECK_FALSE(it.says(0, "by the list"));
    }
    SECTION("a deactivate: access is on") {
        it.add(k_one, Operation::deactivate);
        shows(test::active_until(k_one, k_start + 30min));
        it.network.lose();
        CHECK(it.send());
        CHECK(it.says(0, "; the list shows that it is active or starting"));
    }
    SECTION("an activate: nothing of it") {
        it.add(k_one, Operation::activate);
        it.network.lose();
        CHECK(it.send());
        CHECK(it.says(0, "; its state shows nothing of it so far"));
        CHECK(it.results[0].disproved);
        CHECK(it.results[0].error->uncertain);
        CHECK(it.results[0].sent_at == k_start);
    }
    SECTION("an activate: neither list may be read") {
        it.add(k_one, Operation::activate);
        it.network.connections =
            it.network.history = [](const http::Request&) { return ListingTransport::refuse(403); };
        it.network.lose();
        CHECK(it.send());
        CHECK(it.says(0, "; its state cannot be read: "));
        CHECK_FALSE(it.says(0, "shows nothing"));
        CHECK_FALSE(it.results[0].disproved);
        CHECK(it.clock.slept.empty()); // it would not be readable later
    }
    SECTION("several, each its own") {
        it.add(k_one, Operation::activate);
        it.add(k_two, Operation::activate);
        it.add(k_three, Operation::activate);
        it.network.lose();
        it.network.lose();
        it.network.lose();
        it.network.history = [](const http::Request& request) {
            const bool of_two = request.url.find("000000000002") != std::string::npos;
            return ListingTransport::list(
                of_two
                    ? concat({R"([{"id":"h","connectionId":")", k_two,
                              R"(","status":"PROVISIONED","activationInitiated":"2026-11-24T12:00:00Z"}])"})
                    : std::string("[]"));
        };
        CHECK(it.send(3));
        CHECK(it.results[0].error);
        CHECK(it.results[1].answer);
        CHECK(it.results[2].error);
    }
}

TEST_CASE("access::run_batch makes an answer of the state where the state shows that it was done") {
    Sending it;
    it.network.lose();
    SECTION("an activate, by the history") {
        it.add(k_one, Operation::activate);
        it.network.history = [](const http::Request&) {
            return ListingTransport::list(concat({R"([{"id":"h1","connectionId":")", k_one,
                                                  R"(","status":"PROVISIONED",)"
                                                  R"("activationInitiated":"2026-11-24T12:00:00Z"}])"}));
        };
        CHECK(it.send());
        CHECK_FALSE(it.results[0].error);
        REQUIRE(it.results[0].answer);
        const sailpoint::Acceptance& answer = *it.results[0].answer;
        CHECK(answer.by_state);
        CHECK(answer.connection_id == k_one);
        CHECK(answer.activation_id == "h1");
        CHECK(answer.status == "PROVISIONED");
        CHECK(answer.minutes == "60");
        CHECK(answer.start_time == "2026-11-24T12:00:00Z");
        CHECK(it.told(" was lost; its state shows that it was carried out") == 1);
        CHECK(it.clock.slept.empty());
    }
    SECTION("a deactivate, by the list") {
        it.add(k_one, Operation::deactivate);
        it.network.connections = [&](const http::Request&) {
            return ListingTransport::list(test::over_since(k_one, it.clock.now()));
        };
        CHECK(it.send());
        CHECK_FALSE(it.results[0].error);
        CHECK(it.results[0].was_active); // the list shows an end since it was sent
        CHECK(it.results[0].answer->minutes.empty());
        CHECK(it.told(" was lost; its state shows that it was carried out") == 1);
    }
    SECTION("a deactivate of what had ended before") {
        it.add(k_one, Operation::deactivate);
        it.network.connections = [&](const http::Request& request) {
            return ListingTransport::list(
                request.url.find("jit.activation") != std::string::npos
                    ? test::connection_list(k_two, "Activating", R"("activation":"2026-11-24T12:00:09Z")")
                    : test::connection_list(k_one, "Available",
                                            R"("activation":"2026-11-24T11:00:00Z",)"
                                            R"("provisioned":"2026-11-24T11:00:00Z",)"
                                            R"("deactivation":"2026-11-24T11:50:00Z",)"
                                            R"("deprovisioned":"2026-11-24T11:50:00Z")"));
        };
        CHECK(it.send());
        CHECK_FALSE(it.results[0].error);
        CHECK_FALSE(it.results[0].was_active);
        CHECK(it.told(" was lost; its state shows that nothing is active there") == 1);
    }
    SECTION("not by a list that shows an earlier end and may not know of the last start") {
        it.add(k_one, Operation::deactivate);
        it.network.connections = [&](const http::Request& request) {
            return ListingTransport::list(
                request.url.find("jit.activation") != std::string::npos
                    ? std::string("[]")
                    : test::connection_list(k_one, "Available",
                                            R"("activation":"2026-11-24T11:00:00Z",)"
                                            R"("provisioned":"2026-11-24T11:00:00Z",)"
                                            R"("deactivation":"2026-11-24T11:50:00Z",)"
                                            R"("deprovisioned":"2026-11-24T11:50:00Z")"));
        };
        CHECK(it.send());
        CHECK(it.results[0].error);
    }
    SECTION("not by a poll that showed access, where a later one shows nothing") {
        it.add(k_one, Operation::deactivate);
        it.network.connections = [&](const http::Request&) {
            return ListingTransport::list(it.clock.now() < k_start + 10s
                                              ? test::active_until(k_one, k_start + 30min)
                                              : std::string("[]"));
        };
        CHECK(it.send());
        CHECK(it.says(0, "; its state shows nothing of it so far"));
    }
    SECTION("not by a failure of an earlier poll") {
        it.add(k_one, Operation::deactivate);
        it.network.connections = [&](const http::Request&) {
            return it.clock.now() < k_start + 10s ? ListingTransport::refuse(502)
                                                  : ListingTransport::list("[]");
        };
        CHECK(it.send());
        CHECK(it.says(0, "; its state shows nothing of it so far"));
    }
    SECTION("by the refusal of a second try, which says that the first is under way") {
        Sending again(with_retries(1));
        again.add(k_one, Operation::activate);
        it.add(k_one, Operation::activate);
        again.network.lose();
        again.network.answer(400, R"({"detailCode":"400.1","messages":[{"text":"It is already active."}]})");
        CHECK(again.send());
        CHECK_FALSE(again.results[0].error);
        REQUIRE(again.results[0].answer);
        CHECK(again.results[0].answer->connection_id == k_one);
        CHECK(again.results[0].answer->raw == "{}");
        CHECK(again.told(" was lost; it is under way, as the service says") == 1);
        CHECK(it.send());
    }
    SECTION("not by a list that shows nothing of a deactivate") {
        it.add(k_one, Operation::deactivate);
        CHECK(it.send());
        CHECK(it.says(0, "; its state shows nothing of it so far"));
    }
}

TEST_CASE("access::run_batch looks for a lost answer for a minute") {
    using Sleeps = std::vector<std::chrono::milliseconds>;
    SECTION("with pauses up to eight seconds") {
        Sending it;
        it.context.log().set_verbosity(io::Verbosity::verbose);
        it.add(k_one, Operation::activate);
        it.network.lose();
        CHECK(it.send());
        CHECK(Sleeps(it.clock.slept.begin(), it.clock.slept.begin() + 6) ==
              Sleeps{500ms, 1s, 2s, 4s, 8s, 8s});
        CHECK(it.clock.now() == k_start + 60s);
        CHECK(it.told("looking at the state of 1 target, to find out what came of it") > 5);
    }
    SECTION("on a terminal, with the time that is left") {
        Sending it(test::AccessContext::without_retries(), k_terminal);
        it.add(k_one, Operation::activate);
        it.network.lose();
        CHECK(it.send());
        CHECK(*std::max_element(it.clock.slept.begin(), it.clock.slept.end()) == 1s);
        CHECK(it.told(concat({"at most 1 min: looking for what became of activate of ", k_one,
                              ", whose answer was lost"})) == 1);
        CHECK(it.told("at most 1 s: looking for ") == 1);
        CHECK(it.network.readings.size() < 40); // no poll for each line
    }
    SECTION("for several at once") {
        Sending it(test::AccessContext::without_retries(), k_terminal);
        it.context.log().set_verbosity(io::Verbosity::verbose);
        it.add(k_one, Operation::activate);
        it.add(k_two, Operation::activate);
        it.network.lose();
        it.network.lose();
        CHECK(it.send(2));
        CHECK(it.told("looking for what became of activate of 2 targets, whose answers were lost") > 0);
        CHECK(it.told("looking at the state of 2 targets, ") > 0);
        CHECK(it.clock.now() == k_start + 60s);
    }
    SECTION("not where a list shows what is newer, and nothing of it") {
        Sending it;
        it.add(k_one, Operation::activate);
        it.network.lose();
        it.network.history = [&](const http::Request& request) {
            return ListingTransport::list(
                ListingTransport::is_of_all(request)
                    ? concat({R"([{"id":"h1","connectionId":")", k_two,
                              R"(","status":"COMPLETE","activationInitiated":"2026-11-24T11:00:00Z"},)",
                              R"({"id":"h2","connectionId":")", k_two,
                              R"(","status":"PROVISIONED","activationInitiated":"2026-11-24T12:00:09Z"}])"})
                    : std::string("[]"));
        };
        CHECK(it.send());
        CHECK(it.clock.slept.empty());
        CHECK(it.results[0].disproved);
    }
}

TEST_CASE("access::run_batch sends a refused deactivate again while access that was just started may be on") {
    Sending it(with_retries(3));
    it.add(k_one, Operation::deactivate);
    it.results.front().started = k_start;
    it.network.connections = [&](const http::Request&) { return ListingTransport::list("[]"); };
    for (int i = 0; i < 4; ++i) {
        it.network.answer(404, R"({"detailCode":"404 Not found"})");
    }
    CHECK(it.send());
    CHECK(it.results[0].error->kind == ErrorKind::refused);
    // After half a second, then one, then two; a minute after the last one the list must show what there is.
    CHECK(it.sent == std::vector<std::chrono::milliseconds>{0ms, 500ms, 1500ms, 3500ms});
}

TEST_CASE("access::run_batch believes that access is over which was started a moment ago") {
    const auto shows = [](const char* activated, const char* ended) {
        return test::connection_list(
            k_one, "Available",
            concat({R"("activation":")", activated, R"(","provisioned":")", activated,
                    R"(","deactivation":")", ended, R"(","deprovisioned":")", ended, "\""}));
    };
    Sending it;
    it.add(k_one, Operation::deactivate);
    it.results.front().started = k_start - 10min;
    it.network.answer(404, "{}");
    std::string entry;
    it.network.connections = [&](const http::Request& request) {
        return ListingTransport::list(request.url.find("jit.activation") != std::string::npos ? "[]" : entry);
    };
    SECTION("by an end since the request") {
        entry = shows("2026-11-24T11:40:00Z", "2026-11-24T12:00:05Z");
        CHECK(it.send());
        CHECK_FALSE(it.results[0].error);
        CHECK(it.clock.slept.empty());
    }
    SECTION("by the end of what began with that start, within two seconds") {
        for (const char* const activated : {"2026-11-24T11:49:58Z", "2026-11-24T11:50:07Z"}) {
            Sending other;
            other.add(k_one, Operation::deactivate);
            other.results.front().started = k_start - 10min;
            other.network.answer(404, "{}");
            other.network.connections = [&](const http::Request& request) {
                return ListingTransport::list(request.url.find("jit.activation") != std::string::npos
                                                  ? "[]"
                                                  : shows(activated, "2026-11-24T11:55:00Z"));
            };
            CHECK(other.send());
            CHECK_FALSE(other.results[0].error);
            CHECK(other.clock.slept.empty());
        }
        it.network.answer(202, "{}");
        entry = shows("2026-11-24T11:40:00Z", "2026-11-24T12:00:05Z");
        CHECK(it.send());
        CHECK(it.send());
    }
    SECTION("not by the end of what began before") {
        for (const char* const activated : {"2026-11-24T11:49:57Z", "2026-11-24T11:00:00Z"}) {
            Sending other;
            other.add(k_one, Operation::deactivate);
            other.results.front().started = k_start - 10min;
            other.network.answer(404, "{}");
            other.network.connections = [&](const http::Request& request) {
                return ListingTransport::list(request.url.find("jit.activation") != std::string::npos
                                                  ? "[]"
                                                  : shows(activated, "2026-11-24T11:49:59Z"));
            };
            CHECK(other.send());
            CHECK(other.results[0].error);
        }
        entry = shows("2026-11-24T11:40:00Z", "2026-11-24T12:00:05Z");
        CHECK(it.send());
    }
}

TEST_CASE("access::run_batch sends a refused deactivate again where the list knows better") {
    Sending it(with_retries(1));
    it.add(k_one, Operation::deactivate);
    it.results.front().started = k_start - 10min;
    it.network.answer(404, "{}");
    it.accept(k_one, "DEPROVISIONING");
    it.network.connections = [&](const http::Request& request) {
        return ListingTransport::list(
            request.url.find("jit.activation") != std::string::npos
                ? test::connection_list(k_two, "Activating", R"("activation":"2026-11-24T12:00:09Z")")
                : test::active_until(k_one, k_start + 30min));
    };
    CHECK(it.send());
    CHECK_FALSE(it.results[0].error);
    CHECK(it.network.posts.size() == 2);
}

TEST_CASE("access::run_batch takes the refusal of a deactivate for one after a few seconds, where nothing "
          "was started") {
    Sending it(with_retries(3));
    it.add(k_one, Operation::deactivate);
    it.network.connections = [&](const http::Request&) {
        return ListingTransport::list(test::active_until(k_one, k_start + 30min));
    };
    it.network.answer(400, R"({"detailCode":"400.1"})");
    CHECK(it.send());
    CHECK(it.results[0].error->kind == ErrorKind::refused);
    CHECK(it.clock.now() >= k_start + 5s);
    CHECK(it.clock.now() < k_start + 10s);
    CHECK_FALSE(it.says(0, "so far"));
}

TEST_CASE("access::run_batch adds nothing to the refusal of a deactivate that no list contradicts") {
    Sending it(test::AccessContext::without_retries(), k_terminal);
    it.add(k_one, Operation::deactivate);
    it.network.connections = [&](const http::Request&) {
        return ListingTransport::list(
            it.clock.now() < k_start + 3s ? test::active_until(k_one, k_start + 30min) : std::string("[]"));
    };
    it.network.answer(400, R"({"detailCode":"400.1"})");
    CHECK(it.send());
    CHECK(it.says(0, "was refused: HTTP 400"));
    CHECK_FALSE(it.says(0, "its state shows"));
    CHECK(it.told(concat({"looking for what became of deactivate of ", k_one, ", which was refused"})) > 0);
}

TEST_CASE("access::run_batch does without what this machine knows where that cannot be read") {
    Sending it;
    it.home.write("jit/nonsense", "");
    it.add(k_one, Operation::extend, 10);
    it.results.front().end_before = k_start + 30min;
    it.network.answer(202, concat({R"({"activationId":"a","connectionId":")", k_one,
                                   R"(","status":"PROVISIONED","activationPeriodExtensionMins":4})"}));
    CHECK(it.send());
    CHECK(it.results[0].ends == k_start + 34min); // as many as were granted
    CHECK(it.told("4 of the 10 minutes that were asked for were granted") == 1);
}

TEST_CASE("access::record_of_access keeps what is known of access") {
    Sending it;
    it.add(k_one, Operation::activate);
    TargetResult& result = it.results.front();
    result.answer = sailpoint::Acceptance{};
    result.answer->start_time = "2026-11-24T11:59:00Z";
    result.ends = k_start + 1h;
    const auto record = [&] { return access::record_of_access(it.context, result); };
    SECTION("after an activate") {
        CHECK(record().phase == Phase::starting);
        CHECK(record().expires == k_start + 1h);
        CHECK(record().since == k_start - 1min);
        CHECK(record().sent_at == k_start);
        CHECK(record().operation == Operation::activate);
    }
    SECTION("after an extend") {
        result.request->operation = Operation::extend;
        CHECK(record().phase == Phase::active);
    }
    SECTION("after a deactivate") {
        result.request->operation = Operation::deactivate;
        CHECK(record().phase == Phase::ending);
    }
    SECTION("as it was seen last") {
        result.seen = access::Access{};
        result.seen->phase = Phase::waiting;
        CHECK(record().phase == Phase::waiting);
        CHECK(record().expires == k_start + 1h);
        result.seen->expires = k_start + 2h;
        CHECK(record().expires == k_start + 2h);
    }
    SECTION("none that has failed") {
        result.error = Error{ErrorKind::not_provisioned, "it failed"};
        CHECK(record().phase == Phase::failed);
        CHECK_FALSE(record().expires);
    }
    SECTION("another error is no failure of access") {
        result.error = Error{ErrorKind::wait_timeout, "it takes long"};
        CHECK(record().phase == Phase::starting);
    }
}
