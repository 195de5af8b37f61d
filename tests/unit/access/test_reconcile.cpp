#include "support/listing_transport.hpp"
#include "support/program.hpp"
#include "util/text.hpp"

using namespace jit;
using std::chrono::milliseconds;
using std::chrono::seconds;
using test::ListingTransport;

namespace {

using Tenant = test::ProgramOn<ListingTransport>;

constexpr const char* k_id = "c0ffee00-0000-4000-8000-000000000001";
constexpr const char* k_other = "c0ffee00-0000-4000-8000-000000000002";
constexpr const char* k_under_way =
    R"({"detailCode":"400.1 Bad Request Content","messages":[{"text":"An activation workflow is already under way."}]})";
constexpr const char* k_nothing_running =
    R"({"detailCode":"404 Not found","messages":[{"text":"No activation is running there."}]})";

bool contains(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

std::string at(const TimePoint& time) {
    return format_rfc3339(time);
}

std::string accepted(TimePoint start, const char* status = "CREATING", int minutes = 60) {
    return concat({R"({"activationId":"a","connectionId":")", k_id, R"(","status":")", status,
                   R"(","activationPeriodMins":)", std::to_string(minutes),
                   R"(,"activationPeriodExtensionMins":)", std::to_string(minutes), R"(,"startTime":")",
                   at(start), R"("})"});
}

/// A history with one activation.
std::string activation(TimePoint initiated, const char* id = k_id, const char* status = "PROVISIONED",
                       const std::string& more = "") {
    return concat({R"([{"id":"h1","connectionId":")", id, R"(","activationInitiated":")", at(initiated),
                   R"(","status":")", status, R"(")", more, "}]"});
}

/// The list of connections, with one that has these times.
std::string connection(const std::string& times, const char* state) {
    return concat({R"([{"id":"c0ffee00000040008000000000000001","type":"JIT","entitlement":{"id":"e1"},)"
                   R"("state":{"value":")",
                   state, R"("},"jit":{)", times, "}}]"});
}

std::string active(TimePoint since, TimePoint until) {
    return connection(concat({R"("activation":")", at(since), R"(","provisioned":")", at(since),
                              R"(","expiration":")", at(until), R"(")"}),
                      "Active");
}

std::string over(TimePoint since, TimePoint until) {
    return connection(
        concat({R"("activation":")", at(since), R"(","provisioned":")", at(since), R"(","deactivation":")",
                at(until), R"(","deprovisioned":")", at(until), R"(")"}),
        "Available");
}

const std::vector<std::string> k_activate = {"activate", k_id, "-m", "60", "-o", "jsonl"};
const std::vector<std::string> k_deactivate = {"deactivate", k_id, "-o", "jsonl"};
const std::vector<std::string> k_extend = {"extend", k_id, "-m", "60", "-o", "jsonl", "--utc"};

/// What the API refuses with, and what something else does.
const std::vector<std::pair<int, const char*>> k_refusals = {{400, k_nothing_running},
                                                             {400, "<html>"},
                                                             {401, "{}"},
                                                             {401, "<html>"},
                                                             {403, k_nothing_running},
                                                             {403, "<html>"},
                                                             {404, k_nothing_running},
                                                             {404, "<html>"},
                                                             {409, k_nothing_running},
                                                             {409, "<html>"},
                                                             {412, "{}"},
                                                             {412, "<html>"},
                                                             {422, "{}"},
                                                             {422, "<html>"}};

} // namespace

TEST_CASE("access::activate whose answer was lost is looked for as long as lists may lag behind") {
    Tenant it;
    const TimePoint start = it.clock.now();
    it.network.lose();
    SECTION("it shows late: done, and sent once") {
        it.network.history = [&](const http::Request&) {
            const bool late = it.clock.now() - start >= seconds(50);
            return ListingTransport::list(late ? activation(start) : "[]");
        };
        CHECK(it.run(k_activate) == 0);
        CHECK(it.network.posts.size() == 1);
        CHECK(contains(it.out(), R"("expiresAt":"2026-11-24T13:00:00Z")"));
    }
    SECTION("nothing shows for a minute: it is sent again") {
        it.network.answer(202, accepted(start));
        CHECK(it.run(k_activate) == 0);
        CHECK(it.network.posts.size() == 2);
        CHECK(it.clock.now() - start == seconds(60));
    }
    SECTION("a poll that began within the minute is not believed, however long it took") {
        it.network.history = [&](const http::Request& request) {
            const bool late = it.clock.now() - start >= seconds(58);
            (void)it.clock.sleep(seconds(ListingTransport::is_of_all(request) ? 0 : 12)); // one from 55 to 67
            return ListingTransport::list(late ? activation(start) : "[]");
        };
        CHECK(it.run(k_activate) == 0);
        CHECK(it.network.posts.size() == 1);
    }
    SECTION("without a try left it is not sent again") {
        std::vector<std::string> words = k_activate;
        words.insert(words.end(), {"--retries", "0"});
        CHECK(it.run(words) == 9);
        CHECK(it.network.posts.size() == 1);
        CHECK(contains(it.err(),
                       "it may or may not have been carried out; its state shows nothing of it so far"));
    }
    SECTION("what has failed since is told as that") {
        it.network.history = [&](const http::Request&) {
            return ListingTransport::list(activation(start, k_id, "ERROR"));
        };
        CHECK(it.run(k_activate) == 11);
    }
    SECTION("no list may be read: nobody knows") {
        it.network.history =
            it.network.connections = [](const http::Request&) { return ListingTransport::refuse(403); };
        CHECK(it.run(k_activate) == 9);
        CHECK(contains(it.err(), "it may or may not have been carried out; its state cannot be read: "));
        CHECK(contains(it.err(), "jit history -e c0ffee00-0000-4000-8000-000000000001"));
    }
    SECTION("the lists fail for a while") {
        it.network.history = [&](const http::Request&) {
            return it.clock.now() - start < seconds(9) ? ListingTransport::refuse(503)
                                                       : ListingTransport::list(activation(start));
        };
        CHECK(it.run(k_activate) == 0);
        CHECK(it.network.posts.size() == 1);
    }
}

TEST_CASE("access::activate is sent again as soon as the list has shown something newer") {
    Tenant it;
    const TimePoint start = it.clock.now();
    it.network.lose();
    SECTION("of any connection") {
        it.network.history = [&](const http::Request& request) {
            const bool newer = it.clock.now() - start >= seconds(2) && ListingTransport::is_of_all(request);
            return ListingTransport::list(newer ? activation(start + seconds(1), k_other) : "[]");
        };
        it.network.answer(202, accepted(start));
        CHECK(it.run(k_activate) == 0);
        CHECK(it.network.posts.size() == 2);
        CHECK(it.clock.now() - start < seconds(10));
    }
    SECTION("something older proves nothing") {
        it.network.history = [&](const http::Request& request) {
            return ListingTransport::list(
                ListingTransport::is_of_all(request) ? activation(start - seconds(1), k_other) : "[]");
        };
        it.network.answer(202, accepted(start));
        CHECK(it.run(k_activate) == 0);
        CHECK(it.clock.now() - start == seconds(60));
    }
    SECTION("a time of a clock that is ahead is not taken for a newer one") {
        const auto header = http::Header{"Date", "Tue, 24 Nov 2026 12:00:04 GMT"};
        it.network.history = [&](const http::Request& request) -> http::Outcome {
            const std::string body =
                ListingTransport::is_of_all(request) ? activation(start + seconds(3), k_other) : "[]";
            return http::Response{200, {header}, body};
        };
        it.network.answer(202, accepted(start));
        CHECK(it.run(k_activate) == 0);
        CHECK(it.clock.now() - start == seconds(60));
    }
    SECTION("the poll before that proves nothing: the list may have caught up in between") {
        bool caught_up = false;
        it.network.history = [&](const http::Request& request) {
            const bool shows = std::exchange(caught_up, true);
            return ListingTransport::list(ListingTransport::is_of_all(request)
                                              ? activation(start + seconds(1), k_other)
                                          : shows ? activation(start)
                                                  : "[]");
        };
        CHECK(it.run(k_activate) == 0);
        CHECK(it.network.posts.size() == 1);
    }
    SECTION("the connections, where the history may not be read") {
        it.network.history = [](const http::Request&) { return ListingTransport::refuse(403); };
        it.network.connections = [&](const http::Request& request) {
            if (!contains(request.url, "jit.activation")) {
                return ListingTransport::list(connection("", "Available"));
            }
            const std::string other = start + seconds(1) > start ? "c0ffee00000040008000000000000002" : "";
            return ListingTransport::list(
                concat({R"([{"id":")", other, R"(","type":"JIT","jit":{"activation":")",
                        at(start + seconds(1)), R"("}}])"}));
        };
        it.network.answer(202, accepted(start));
        CHECK(it.run(k_activate) == 0);
        CHECK(it.network.posts.size() == 2);
        CHECK(it.clock.now() - start < seconds(10));
    }
}

TEST_CASE("access::activate that is sent again and refused") {
    SECTION("since one is under way: that is the lost one") {
        Tenant it;
        it.network.lose();
        it.network.answer(400, k_under_way);
        CHECK(it.run(k_activate) == 0);
        CHECK(it.network.posts.size() == 2);
        CHECK(contains(it.err(), "was lost; it is under way, as the service says"));
    }
    SECTION("since one is under way from before: nobody knows") {
        Tenant it;
        const TimePoint before = it.clock.now() - std::chrono::minutes(5);
        it.network.history = [&](const http::Request&) {
            return ListingTransport::list(it.network.posts.size() == 2 ? activation(before) : "[]");
        };
        it.network.lose();
        it.network.answer(400, k_under_way);
        CHECK(it.run(k_activate) == 9);
        CHECK(contains(it.err(), "it may or may not have been carried out"));
    }
    SECTION("it is not, while the state shows one from before") {
        Tenant it;
        const TimePoint before = it.clock.now() - std::chrono::minutes(5);
        it.network.history = [&](const http::Request&) { return ListingTransport::list(activation(before)); };
        it.network.lose();
        CHECK(it.run(k_activate) == 9);
    }
    SECTION("for any other reason: nobody knows, whatever the list shows by then") {
        for (const auto& [status, body] : k_refusals) {
            INFO(status << " " << body);
            Tenant it;
            it.network.lose();
            it.network.answer(status, body);
            CHECK(it.run(k_activate) == 9);
            CHECK(it.network.posts.size() == 2);
            CHECK(contains(it.err(), ", after an answer was lost; it may or may not have been carried out"));
            CHECK_FALSE(contains(it.err(), "nothing was changed"));
        }
    }
    SECTION("and its state shows it after all") {
        Tenant it;
        const TimePoint start = it.clock.now();
        it.network.history = [&](const http::Request&) {
            return ListingTransport::list(it.network.posts.size() == 2 ? activation(start) : "[]");
        };
        it.network.lose();
        it.network.answer(403, "{}");
        CHECK(it.run(k_activate) == 0);
    }
}

TEST_CASE("access::deactivate whose answer was lost, and which is refused then") {
    const auto since = [](const Tenant& it) { return it.clock.now() - std::chrono::minutes(5); };
    SECTION("the list shows that access is on: not done, whatever the refusal, and tried again") {
        for (const auto& [status, body] : k_refusals) {
            INFO(status << " " << body);
            Tenant it;
            const std::string shown = active(since(it), it.clock.now() + std::chrono::hours(1));
            it.network.connections = [&](const http::Request&) { return ListingTransport::list(shown); };
            it.network.lose();
            for (int i = 0; i < 4; ++i) {
                it.network.answer(status, body);
            }
            CHECK(it.run(k_deactivate) == 9);
            CHECK(contains(it.err(),
                           "it may or may not have been carried out; the list shows that it is active"));
            CHECK_FALSE(contains(it.err(), "nothing was changed"));
        }
    }
    SECTION("a later try is accepted: done") {
        Tenant it;
        const std::string shown = active(since(it), it.clock.now() + std::chrono::hours(1));
        it.network.connections = [&](const http::Request&) { return ListingTransport::list(shown); };
        it.network.lose();
        it.network.answer(404, "<html>");
        it.network.answer(202, accepted(it.clock.now(), "DEPROVISIONING"));
        CHECK(it.run(k_deactivate) == 0);
    }
    SECTION("the list shows, late, that it has ended since: done") {
        Tenant it;
        const TimePoint start = it.clock.now();
        const TimePoint before = since(it);
        it.network.connections = [&](const http::Request&) {
            const bool late = it.clock.now() - start > seconds(40);
            return ListingTransport::list(late ? over(before, start)
                                               : active(before, start + std::chrono::hours(1)));
        };
        it.network.lose();
        for (int i = 0; i < 4; ++i) {
            it.network.answer(404, k_nothing_running);
        }
        CHECK(it.run(k_deactivate) == 0);
        CHECK(contains(it.err(), "its state shows that it was carried out"));
    }
    SECTION("the list shows no access, and may not know of its start") {
        Tenant it;
        const TimePoint start = it.clock.now();
        it.network.connections = [&](const http::Request&) {
            const bool late = it.clock.now() - start > seconds(30);
            return ListingTransport::list(late ? active(start - seconds(1), start + std::chrono::hours(1))
                                               : connection("", "Available"));
        };
        it.network.lose();
        for (int i = 0; i < 4; ++i) {
            it.network.answer(404, k_nothing_running);
        }
        CHECK(it.run(k_deactivate) == 9);
    }
    SECTION("the list shows no access, and something newer of another connection: nothing is on") {
        Tenant it;
        const TimePoint start = it.clock.now();
        it.network.connections = [&](const http::Request& request) {
            return ListingTransport::list(
                contains(request.url, "jit.activation")
                    ? concat({R"([{"id":"c0ffee00000040008000000000000002","jit":{)", R"("activation":")",
                              at(start + seconds(1)), R"("}}])"})
                    : connection("", "Available"));
        };
        it.network.lose();
        it.network.answer(404, k_nothing_running);
        CHECK(it.run(k_deactivate) == 0);
        CHECK(contains(it.err(), "its state shows that nothing is active there"));
    }
    SECTION("the list shows no access, however long: nobody knows") {
        Tenant it;
        it.network.connections = [&](const http::Request&) {
            return ListingTransport::list(connection("", "Available"));
        };
        it.network.lose();
        for (int i = 0; i < 4; ++i) {
            it.network.answer(404, k_nothing_running);
        }
        CHECK(it.run(k_deactivate) == 9);
    }
    SECTION("no list may be read: nobody knows") {
        Tenant it;
        it.network.history =
            it.network.connections = [](const http::Request&) { return ListingTransport::refuse(403); };
        it.network.lose();
        it.network.answer(404, k_nothing_running);
        CHECK(it.run(k_deactivate) == 9);
        CHECK(contains(it.err(), "it may or may not have been carried out; its state cannot be read: "));
    }
}

TEST_CASE("access::deactivate that is refused") {
    Tenant it;
    const TimePoint start = it.clock.now();
    SECTION("and was not active: the goal is reached") {
        it.network.connections = [&](const http::Request&) {
            return ListingTransport::list(over(start - std::chrono::hours(2), start - std::chrono::hours(1)));
        };
        it.network.answer(404, k_nothing_running);
        SECTION("and nothing is waited for") {
            CHECK(it.run({"deactivate", k_id, "--wait"}) == 0);
            CHECK(it.clock.now() == start);
        }
        SECTION("for a person") {
            CHECK(it.run({"deactivate", k_id}) == 0);
            CHECK(it.err() == concat({"jit: ", k_id, " was not active; nothing to end\n"}));
            CHECK(contains(it.out(), "not active"));
        }
        SECTION("for a script") {
            CHECK(it.run(k_deactivate) == 0);
            CHECK(contains(it.out(), R"("status":"COMPLETE","wasActive":false})"));
        }
        CHECK(it.clock.now() == start);
    }
    SECTION("of several: each is told of") {
        it.network.connections = [&](const http::Request&) {
            return ListingTransport::list(connection("", "Available"));
        };
        it.network.answer(400, k_nothing_running);
        it.network.answer(202, R"({"status":"DEPROVISIONING"})");
        CHECK(it.run({"deactivate", k_id, k_other, "-o", "jsonl"}) == 0);
        CHECK(contains(it.out(), R"("wasActive":false,"ok":true})"));
    }
    SECTION("and no list may be read: nobody can tell, and nobody is told to start it") {
        it.network.history =
            it.network.connections = [](const http::Request&) { return ListingTransport::refuse(403); };
        it.network.answer(404, k_nothing_running);
        CHECK(it.run(k_deactivate) == 5);
        CHECK(contains(it.err(), "nothing was changed; its state cannot be read"));
        CHECK_FALSE(contains(it.err(), "jit activate"));
    }
    SECTION("and is no connection of mine: nobody can tell") {
        it.network.answer(404, k_nothing_running);
        CHECK(it.run(k_deactivate) == 5);
    }
    SECTION("and is active: refused, and said so") {
        it.network.connections = [&](const http::Request&) {
            return ListingTransport::list(active(start - seconds(100), start + seconds(1000)));
        };
        it.network.answer(404, k_nothing_running);
        CHECK(it.run(k_deactivate) == 5);
        CHECK(contains(it.err(), "nothing was changed; the list shows that it is active"));
        CHECK(it.clock.now() - start == seconds(5));
    }
    SECTION("and was activated from here a moment ago, which the list does not know of yet") {
        it.network.answer(202, accepted(start));
        REQUIRE(it.run({"activate", k_id, "-m", "60"}) == 0);
        it.network.connections = [&](const http::Request&) {
            return ListingTransport::list(it.clock.now() - start < seconds(20)
                                              ? connection("", "Available")
                                              : active(start, start + std::chrono::hours(1)));
        };
        it.network.answer(404, "<html>");
        CHECK(it.run(k_deactivate) == 5);
        CHECK(contains(it.err(), "the list shows that it is active"));
    }
    SECTION("and was ended from here a moment ago, which the list does not know of yet") {
        it.network.answer(202, accepted(start, "DEPROVISIONING"));
        REQUIRE(it.run({"deactivate", k_id}) == 0);
        it.network.connections = [&](const http::Request&) {
            return ListingTransport::list(it.clock.now() - start < seconds(20)
                                              ? active(start - seconds(100), start + seconds(1000))
                                              : over(start - seconds(100), start));
        };
        it.network.answer(404, k_nothing_running);
        CHECK(it.run(k_deactivate) == 0);
    }
}

TEST_CASE("access::extend whose answer was lost is never sent again") {
    Tenant it;
    const TimePoint start = it.clock.now();
    const auto shows = [&](TimePoint until) {
        it.network.connections = [start, until](const http::Request&) {
            return ListingTransport::list(active(start, until));
        };
    };
    SECTION("the end before it is known") {
        it.network.answer(202, accepted(start));
        REQUIRE(it.run({"activate", k_id, "-m", "60"}) == 0);
        it.network.lose();
        SECTION("the list shows the new end: done") {
            shows(start + std::chrono::hours(2));
            CHECK(it.run(k_extend) == 0);
            CHECK(contains(it.out(), R"("expiresAt":"2026-11-24T14:00:00Z")"));
            CHECK(contains(it.err(), "its state shows that it was carried out"));
        }
        SECTION("it does not: one statement of what is known") {
            shows(start + std::chrono::hours(1));
            CHECK(it.run(k_extend) == 9);
            CHECK(contains(it.err(), "it may or may not have been carried out; by the list, access ends "
                                     "2026-11-24 13:00:00 UTC, in 59 min, as before"));
            CHECK_FALSE(contains(it.err(), "so it was"));
            CHECK_FALSE(contains(it.err(), "so by the list"));
        }
        CHECK(it.network.posts.size() == 2);
    }
    SECTION("the end before it is not known") {
        shows(start + std::chrono::minutes(30));
        it.network.lose();
        CHECK(it.run(k_extend) == 9);
        CHECK(it.network.posts.size() == 1);
        CHECK(contains(it.err(), "by the list, access ends 2026-11-24 12:30:00 UTC, in 30 min\""));
    }
}

TEST_CASE("access::fewer minutes granted than asked for") {
    Tenant it;
    const TimePoint start = it.clock.now();
    SECTION("activate") {
        it.network.answer(202, accepted(start, "CREATING", 15));
        CHECK(it.run(k_activate) == 0);
        CHECK(contains(it.err(), "15 of the 60 minutes that were asked for were granted"));
        CHECK(contains(it.out(), R"("expiresAt":"2026-11-24T12:15:00Z")"));
    }
    SECTION("extend") {
        it.network.answer(202, accepted(start));
        REQUIRE(it.run({"activate", k_id, "-m", "60"}) == 0);
        it.network.answer(202, accepted(start, "PROVISIONED", 15));
        CHECK(it.run(k_extend) == 0);
        CHECK(contains(it.err(), "15 of the 60 minutes that were asked for were granted"));
        CHECK(contains(it.out(), R"("expiresAt":"2026-11-24T13:15:00Z")"));
    }
}

TEST_CASE("access::extend tells the new end") {
    Tenant it;
    const TimePoint start = it.clock.now();
    TimePoint until = start + std::chrono::minutes(90);
    it.network.connections = [&](const http::Request&) {
        return ListingTransport::list(active(start, until));
    };
    it.network.answer(202, accepted(start, "PROVISIONED"));
    SECTION("as one poll shows it") {
        CHECK(it.run(k_extend) == 0);
        CHECK(contains(it.out(), R"("expiresAt":"2026-11-24T13:30:00Z")"));
        CHECK(it.network.readings.size() == 1);
    }
    SECTION("in a table") {
        CHECK(it.run({"extend", k_id, "-m", "60", "--utc"}) == 0);
        CHECK(contains(it.out(), "13:30 UTC, in "));
    }
    SECTION("not the one from before, which a list that lags shows") {
        until = start + std::chrono::minutes(30);
        CHECK(it.run(k_extend) == 0);
        CHECK_FALSE(contains(it.out(), "expiresAt"));
    }
    SECTION("without a poll where it is known from here") {
        it.network.answer(202, accepted(start));
        REQUIRE(it.run(k_extend) == 0);
        CHECK(it.run(k_extend) == 0);
        CHECK(contains(it.out(), R"("expiresAt":"2026-11-24T14:30:00Z")"));
        CHECK(it.network.readings.size() == 1);
    }
}

TEST_CASE("access::an entry of the history that is of another connection is never believed") {
    Tenant it;
    const TimePoint start = it.clock.now();
    SECTION("by --wait") {
        it.network.answer(202, accepted(start));
        it.network.history = [&](const http::Request& request) {
            // The filter is not heeded: the newest of all is first.
            const std::string other = activation(start + seconds(1), k_other);
            const bool one = contains(request.url, "limit=1&");
            return ListingTransport::list(
                one ? other
                    : concat({other.substr(0, other.size() - 1), ",",
                              activation(start, k_id,
                                         it.clock.now() - start < seconds(8) ? "ACTIVATING" : "PROVISIONED")
                                  .substr(1)}));
        };
        std::vector<std::string> words = k_activate;
        words.emplace_back("--wait");
        CHECK(it.run(words) == 0);
        CHECK(it.clock.now() - start >= seconds(8));
    }
    SECTION("after a lost answer") {
        it.network.lose();
        it.network.history = [&](const http::Request&) {
            return ListingTransport::list(activation(start, k_other)); // as old as the request
        };
        std::vector<std::string> words = k_activate;
        words.insert(words.end(), {"--retries", "0"});
        CHECK(it.run(words) == 9);
    }
    SECTION("by jit history") {
        it.network.history = [&](const http::Request&) {
            return ListingTransport::list(activation(start, k_other));
        };
        CHECK(it.run({"history", "-e", k_id, "-o", "jsonl"}) == 0);
        CHECK(it.out().empty());
    }
}

TEST_CASE("access::deactivate whose answer was lost, and then its token refused") {
    test::Program it;
    it.values.erase("SAIL_ACCESS_TOKEN");
    it.values.insert(
        {{"SAIL_CLIENT_ID", "client-of-this-test"}, {"SAIL_CLIENT_SECRET", "secret-of-this-test"}});
    it.network.answer(200, R"({"access_token":"token-of-this-test","expires_in":43200})");
    it.network.answer(202, "{}");
    REQUIRE(it.run({"deactivate", k_id}) == 0); // the token is kept
    it.network.fail({http::Failure::Kind::no_answer, true, "the connection was reset"});
    it.network.answer(401, "{}");
    SECTION("the next one is accepted: done") {
        it.network.answer(200, R"({"access_token":"another-of-this-test","expires_in":43200})");
        it.network.answer(202, "{}");
        CHECK(it.run({"deactivate", k_id, "--retries", "1"}) == 0);
    }
    SECTION("no token: nobody knows") {
        for (int i = 0; i < 2; ++i) {
            it.network.answer(401, "{}"); // to the request for another token, and to that of the poll
        }
        CHECK(it.run({"deactivate", k_id, "--retries", "1"}) == 9);
        CHECK(contains(it.err(),
                       "it may or may not have been carried out; its state cannot be read: the token "
                       "request was refused: HTTP 401\n"));
    }
}
