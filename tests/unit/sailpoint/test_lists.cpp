#include "sailpoint/list_codec.hpp"

#include "sailpoint/client.hpp"
#include "support/fakes.hpp"
#include "util/text.hpp"

using namespace jit;
using namespace jit::sailpoint;

namespace {

class FakeTokens final : public TokenSource {
public:
    [[nodiscard]] Result<Secret> token() override { return Secret("tokentoken"); }
    [[nodiscard]] std::string when_refused() const override { return "get another"; }
};

struct Fixture {
    test::FakeTransport transport;
    FakeTokens tokens;
    test::FakeClock clock;
    Client client{transport, tokens, "https://acme.example", clock, {1000, 7}};
    std::vector<std::string> seen;

    Result<void> connections(std::size_t most = k_all, std::string_view filters = "", Reading reading = {}) {
        return client.connections(
            Whose::mine, filters, most,
            [this](const Connection& entry) -> Result<bool> {
                seen.push_back(entry.id);
                return true;
            },
            reading);
    }
    void answer(const std::string& page, const char* total) {
        transport.answer(200, page, {{"X-Total-Count", total}});
    }
    Result<void> history() {
        return client.history(Whose::tenant, "", k_all, [this](const HistoryEntry& entry) -> Result<bool> {
            seen.push_back(entry.id);
            return true;
        });
    }
};

/// A page of entries with the IDs `first`, `first` + 1, …
std::string page(int first, int count, const std::string& more = "") {
    std::string text;
    for (int i = 0; i < count; ++i) {
        text += concat({text.empty() ? "[" : ",", R"({"id":"i)", std::to_string(first + i), "\"", more, "}"});
    }
    return text.empty() ? "[]" : text + "]";
}

Connection with_times(const std::string& jit, const std::string& state = "x") {
    return decode_connection(concat({R"({"state":{"value":")", state, R"("},"jit":)", jit, "}"}));
}

const TimePoint k_now = *parse_rfc3339("2026-11-24T12:00:00Z");

} // namespace

TEST_CASE("sailpoint::split_list") {
    SECTION("cuts a list into its entries, as they are written") {
        const auto pieces = split_list(" [ {\"a\": [1.50, {\"b\":\"]}\"}]} ,{} , {\"c\":{}}]\n");
        REQUIRE(pieces);
        REQUIRE(pieces->size() == 3);
        CHECK((*pieces)[0] == "{\"a\": [1.50, {\"b\":\"]}\"}]}");
        CHECK((*pieces)[1] == "{}");
        CHECK((*pieces)[2] == "{\"c\":{}}");
    }
    SECTION("an empty list is one") {
        CHECK(split_list("[]")->empty());
    }
    for (const char* const bad : {"", "{}", "[1]", "[[{}]]", "null", "\"x\"", "[{}", "[{}]x", "[{},]",
                                  "[null]", "1", "[{\"a\":\"\xFF\"}]"}) {
        INFO(bad);
        CHECK_FALSE(split_list(bad));
    }
    CHECK_FALSE(split_list(std::string_view("[{}]\0x", 6)));
    CHECK_FALSE(split_list(std::string(2'000'000, '[')));
    CHECK_FALSE(split_list("[" + std::string(500'000, '{')));
}

TEST_CASE("sailpoint::decode_connection reads any shape") {
    const Connection full = decode_connection(
        R"({"id":"6c69","type":"JIT","state":{"value":"Available","changed":"t"},"identity":{"name":"Robin"},)"
        R"("account":{"name":"r.ops"},"source":{"name":"AD"},"entitlement":{"id":"e1","name":"n","displayName":"d",)"
        R"("value":"v","privilegeLevel":{"effective":"HIGH"}},"jit":{"activation":"a","expiration":null}})");
    CHECK(full.title() == "d");
    CHECK(full.source == "AD");
    CHECK(full.privilege == "HIGH");
    CHECK(full.expiration.empty());
    for (const char* const odd :
         {"{}", R"({"entitlement":[],"jit":"x","state":7,"account":null})", "no JSON"}) {
        CHECK(decode_connection(odd).title().empty());
    }
    CHECK(decode_connection(R"({"id":"x","machineIdentity":{"name":"bot"}})").identity == "bot");
}

TEST_CASE("sailpoint::decode_history_entry tells which steps are missing") {
    const auto missing = [](const std::string& members) {
        return decode_history_entry(concat({R"({"id":"a",)", members, "}"})).missing;
    };
    CHECK(
        missing(R"("frictions":[{"type":"TICKET","status":"PENDING"},{"type":"REAUTH","status":"Complete"},)"
                R"({"type":"JUSTIFICATION"},{"type":"X","status":"IN_REVIEW"}])") ==
        std::vector<std::string>{"TICKET (PENDING)", "JUSTIFICATION", "X (IN_REVIEW)"});
    CHECK(missing(R"("frictions":null,"summary":{"reauthentication":null,)"
                  R"("justification":{"required":true,"bypassed":false},)"
                  R"("serviceNowTicket":{"required":true,"bypassed":true}})") ==
          std::vector<std::string>{"JUSTIFICATION"});
    CHECK(missing(R"("frictions":"x","summary":[])").empty());
}

TEST_CASE("sailpoint::phase_of goes by the times") {
    CHECK(phase_of(with_times(R"({"activation":"2026-11-24T11:00:00Z"})"), k_now) == Phase::starting);
    CHECK(phase_of(with_times(R"({"activation":"2026-11-24T11:00:00Z"})", "AVAILABLE"), k_now) ==
          Phase::ended);
    CHECK(phase_of(with_times(R"({"activation":"2026-11-24T11:00:00Z"})", "AwaitingFrictions"), k_now) ==
          Phase::waiting);
    CHECK(phase_of(with_times(R"({"activation":"2026-11-24T11:00:00Z"})", "ERROR"), k_now) == Phase::failed);
    const std::string running =
        R"({"activation":"2026-11-24T12:30:00+01:00","provisioned":"2026-11-24T11:31:00Z",)"
        R"("expiration":"2026-11-24T12:31:00Z")";
    CHECK(phase_of(with_times(running + "}"), k_now) == Phase::active);
    CHECK(phase_of(with_times(running + "}", "Available"), k_now) == Phase::active);
    CHECK(phase_of(with_times(running + "}"), k_now + std::chrono::hours(1)) == Phase::ending);
    CHECK(phase_of(with_times(running + R"(,"deactivation":"2026-11-24T11:59:00Z"})"), k_now) ==
          Phase::ending);
    CHECK(phase_of(with_times(running + R"(,"deprovisioned":"2026-11-24T11:59:30Z"})"), k_now) ==
          Phase::ended);
    // The end of an earlier activation says nothing of this one.
    CHECK(phase_of(with_times(running + R"(,"deprovisioned":"2026-11-23T11:59:30Z"})"), k_now) ==
          Phase::active);
}

TEST_CASE("sailpoint::phase_of goes by the state's word where the times say nothing") {
    const TimePoint later = *parse_rfc3339("2026-11-24T12:30:00Z");
    struct Shape {
        const char* jit;
        std::optional<TimePoint> expires;
    };
    const std::vector<Shape> says_nothing = {
        {"null", {}},
        {"{}", {}},
        {"[]", {}},
        {R"("soon")", {}},
        {R"({"activation":null,"expiration":""})", {}},
        {R"({"expiration":"2026-11-24T12:30:00Z"})", later},
        {R"({"expiration":1795523400})", later},
        {R"({"expiration":1795523400000})", later},
        {R"({"expiration":"1795523400.0"})", later},
        {R"({"expiration":"2026-11-24T11:30:00Z"})", {}}, // of an earlier activation
        {R"({"activation":"2026-11-24T11:00:00","provisioned":"2026-11-24T11:01:00"})", {}},
        {R"({"activation":"2026-11-24T11:00:00","expiration":"2026-11-24T12:30:00"})", {}},
        {R"({"activation":"24.11.2026 11:00","provisioned":"24.11.2026 11:01","deprovisioned":"23.11.2026"})",
         {}},
        {R"({"deprovisioned":"2026-11-23T11:00:00Z"})", {}},
    };
    for (const Shape& shape : says_nothing) {
        for (const char* const word :
             {"Active", "ACTIVE", "active", "Provisioned", "IN_USE", "Granted", "Foo"}) {
            INFO(shape.jit << " " << word);
            const Connection entry = with_times(shape.jit, word);
            CHECK(phase_of(entry, k_now) == Phase::active);
            CHECK(may_be_on(entry, k_now));
            CHECK(expiry_of(entry, k_now) == shape.expires);
        }
    }
    const auto word_alone = [](const char* word) { return phase_of(with_times("null", word), k_now); };
    for (const char* const word : {"Available", "AVAILABLE", "", "Inactive", "NOT_ACTIVE"}) {
        INFO(word);
        CHECK(word_alone(word) == Phase::available);
        CHECK_FALSE(may_be_on(with_times("{}", word), k_now));
    }
    CHECK(word_alone("Activating") == Phase::starting);
    CHECK(word_alone("AWAITING_FRICTIONS") == Phase::waiting);
    CHECK(word_alone("Deprovisioning") == Phase::ending);
    CHECK(word_alone("EXPIRED") == Phase::ended);
    CHECK(word_alone("Revoked") == Phase::failed);
    // Begun, and nothing says that it became usable but the word, if it is one that is known.
    const std::string begun = R"({"activation":"2026-11-24T11:00:00Z"})";
    CHECK(phase_of(with_times(begun, "Active"), k_now) == Phase::active);
    CHECK(phase_of(with_times(begun, "Foo"), k_now) == Phase::starting);
}

TEST_CASE("sailpoint::phase_of never says that access is over where state and times disagree") {
    const char* const over[] = {
        R"({"activation":"2026-11-24T10:00:00Z","provisioned":"2026-11-24T10:01:00Z","expiration":"2026-11-24T11:00:00Z"})",
        R"({"activation":"2026-11-24T10:00:00Z","deprovisioned":"2026-11-24T11:00:00Z"})",
    };
    for (const char* const times : over) {
        INFO(times);
        CHECK(phase_of(with_times(times, "Active"), k_now) == Phase::ending);
        CHECK(may_be_on(with_times(times, "Active"), k_now));
        CHECK(phase_of(with_times(times, "Available"), k_now) == Phase::ended);
        CHECK_FALSE(may_be_on(with_times(times, "Available"), k_now));
    }
    const char* const on[] = {
        R"({"activation":"2026-11-24T11:00:00Z","provisioned":"2026-11-24T11:01:00Z"})",
        R"({"activation":1795518000,"provisioned":1795518060.5,"expiration":1795525200000})",
        R"({"activation":"2026-11-24T11:00:00","provisioned":"2026-11-24T11:01:00"})",
        R"({"provisioned":"2026-11-24T11:01:00Z"})",
        // The activation that the index shows is the one before.
        R"({"activation":"2026-11-24T09:00:00Z","deprovisioned":"2026-11-24T10:00:00Z","provisioned":"2026-11-24T11:00:00Z"})",
    };
    for (const char* const times : on) {
        INFO(times);
        CHECK(phase_of(with_times(times, "Available"), k_now) == Phase::active);
        CHECK(phase_of(with_times(times, ""), k_now) == Phase::active);
    }
    // An expiration that lies ahead may be left from access that was ended early.
    const std::string ahead = R"({"expiration":"2026-11-24T12:30:00Z")";
    CHECK(phase_of(with_times(ahead + "}", "Available"), k_now) == Phase::available);
    CHECK(may_be_on(with_times(ahead + "}", "Available"), k_now));
    CHECK(phase_of(with_times(ahead + "}", ""), k_now) == Phase::active);
    CHECK_FALSE(
        may_be_on(with_times(ahead + R"(,"deprovisioned":"2026-11-24T11:30:00Z"})", "Available"), k_now));
}

TEST_CASE("sailpoint::phase_of reads every spelling of the times") {
    const std::string begun = R"("activation":"2026-11-24T11:00:00Z")";
    const std::string on =
        begun + R"(,"provision":"2026-11-24T11:01:00Z","expiration":"2026-11-24T12:30:00Z")";
    CHECK(phase_of(with_times("{" + on + "}"), k_now) == Phase::active);
    CHECK(phase_of(with_times("{" + on + R"(,"provisioned":null})"), k_now) == Phase::active);
    CHECK(phase_of(with_times("{" + on + R"(,"deprovision":"2026-11-24T11:30:00Z"})", "Available"), k_now) ==
          Phase::ended);
    const Connection flat = decode_connection(
        R"({"state":"ACTIVE","stateChanged":"2026-11-24T11:01:30Z","jitActivation":"2026-11-24T11:00:00Z",)"
        R"("jitProvision":"2026-11-24T11:01:00Z","jitExpiration":"2026-11-24T12:30:00Z"})");
    CHECK(phase_of(flat, k_now) == Phase::active);
    CHECK(flat.state == "ACTIVE");
    CHECK(expiry_of(flat, k_now) == parse_rfc3339("2026-11-24T12:30:00Z"));
    SECTION("usable a moment before it was activated") {
        CHECK(phase_of(with_times("{" + begun + R"(,"provisioned":"2026-11-24T10:59:59Z"})"), k_now) ==
              Phase::active);
        // That was of an activation before.
        CHECK(phase_of(with_times("{" + begun +
                                      R"(,"provisioned":"2026-11-24T10:59:57Z",)"
                                      R"("deprovisioned":"2026-11-24T10:59:59Z"})",
                                  "Activating"),
                       k_now) == Phase::starting);
    }
    SECTION("while it waits for the person, its period has not begun") {
        CHECK_FALSE(expiry_of(
            with_times("{" + begun + R"(,"expiration":"2026-11-24T12:30:00Z"})", "AwaitingFrictions"),
            k_now));
    }
}

TEST_CASE("sailpoint::Client reads lists") {
    SECTION("where as many came as the service counted, the list ends: one request") {
        Fixture it;
        it.answer(page(0, 3), "3");
        CHECK(it.connections(k_all, "type eq " + quote("J\"\\")));
        CHECK(it.seen == std::vector<std::string>{"i0", "i1", "i2"});
        CHECK(it.transport.requests.front().url ==
              "https://acme.example/entitlement-connections/v1/current-identity?limit=250&sorters=id"
              "&filters=type%20eq%20%22J%5C%22%5C%5C%22&count=true");
        CHECK(it.transport.requests.front().bearer.reveal() == "tokentoken");
    }
    SECTION("a page that is not full is not the last by that alone") {
        Fixture it;
        it.transport.short_pages = true;
        it.transport.answer(200, page(0, 3));
        it.transport.answer(200, page(3, 1));
        it.transport.answer(200, "[]");
        CHECK(it.connections());
        CHECK(it.seen == std::vector<std::string>{"i0", "i1", "i2", "i3"});
        CHECK(it.transport.requests[1].url.find("&searchAfter=i2") != std::string::npos);
        CHECK(it.transport.requests[1].url.find("count=") == std::string::npos);
    }
    SECTION("a service that gives fewer entries on a page than are asked for, and counts them") {
        Fixture it;
        it.transport.short_pages = true;
        it.answer(page(0, 100), "150");
        it.transport.answer(200, page(100, 50));
        CHECK(it.connections());
        CHECK(it.seen.size() == 150);
    }
    SECTION("a count that does not fit what came is not believed") {
        for (const char* const total : {"2", "0", "-3", "3.0", "three", "", "99999999999999999999"}) {
            Fixture it;
            it.transport.short_pages = true;
            it.answer(page(0, 3), total);
            it.transport.answer(200, page(3, 2));
            it.transport.answer(200, "[]");
            CHECK(it.connections());
            CHECK(it.seen.size() == 5);
        }
        Fixture full; // a service that counts the page
        full.answer(page(0, 250), "250");
        full.transport.answer(200, page(250, 1));
        CHECK(full.connections());
        CHECK(full.seen.size() == 251);
        Fixture more; // the list has shrunk meanwhile
        more.answer(page(0, 3), "4");
        CHECK(more.connections());
        CHECK(more.seen.size() == 3);
    }
    SECTION("where what is not in the list counts, no count is asked for or believed") {
        Fixture it;
        it.transport.short_pages = true;
        it.answer(page(0, 1), "1");
        it.answer(page(1, 1), "2");
        it.transport.answer(200, "[]");
        CHECK(it.connections(k_all, "", {false, true}));
        CHECK(it.seen == std::vector<std::string>{"i0", "i1"});
        CHECK(it.transport.requests[0].url.find("count=") == std::string::npos);
    }
    SECTION("a single entry is had by one request") {
        Fixture it;
        it.transport.answer(200, page(0, 1));
        CHECK(it.connections(1));
        CHECK(it.transport.requests[0].url.find("limit=1&sorters=id") != std::string::npos);
        CHECK(it.transport.requests[0].url.find("count=") == std::string::npos);
    }
    SECTION("a list without an end has one here") {
        Fixture entries;
        for (int i = 0; i < 5; ++i) {
            entries.transport.answer(200, page(i * 250, 250));
        }
        const Error error = entries.connections().error();
        CHECK(error.kind == ErrorKind::server);
        CHECK(error.message == "the list of your connections does not end: more than 1000 entries came, and "
                               "jit reads no further");
        CHECK(entries.seen.size() == 1000);
        Fixture pages;
        pages.transport.short_pages = true;
        for (int i = 0; i < 7; ++i) {
            pages.transport.answer(200, page(i, 1));
        }
        CHECK(pages.connections().error().message.find("more than 7 pages came") != std::string::npos);
        Fixture position; // what no URL can hold
        position.transport.answer(200, concat({R"([{"id":")", std::string(5000, 'x'), R"("}])"}));
        CHECK(position.connections().error().kind == ErrorKind::server);
    }
    SECTION("what is kept of a list has a bound, too") {
        KeptEntries kept;
        const std::string entry(1024 * 1024, ' ');
        for (int i = 0; i < 256; ++i) {
            CHECK(kept.add(entry));
        }
        CHECK(kept.add("{}").error().kind == ErrorKind::server);
    }
    SECTION("a full page is not: the next begins behind its last entry") {
        Fixture it;
        it.transport.answer(200, page(0, 250));
        it.transport.answer(200, page(250, 250));
        it.transport.answer(200, "[]");
        CHECK(it.connections());
        CHECK(it.seen.size() == 500);
        CHECK(it.transport.requests[2].url.find("&searchAfter=i499") != std::string::npos);
    }
    SECTION("no more than wanted is asked for") {
        Fixture it;
        it.transport.answer(200, page(0, 250));
        it.transport.answer(200, page(250, 10));
        CHECK(it.connections(260));
        CHECK(it.seen.size() == 260);
        CHECK(it.transport.requests[1].url.find("limit=10&") != std::string::npos);
    }
    SECTION("the history goes on behind a time and an ID") {
        Fixture it;
        it.transport.answer(200, page(0, 250, R"(,"activationInitiated":"2026-11-24T12:00:00Z")"));
        it.transport.answer(200, "[]");
        CHECK(it.history());
        CHECK(it.transport.requests[1].url ==
              "https://acme.example/jit-activation-history/v1?limit=250&sorters=-activationInitiated,id"
              "&searchAfter=2026-11-24T12%3A00%3A00Z,i249");
    }
    SECTION("a service that repeats a page, or leaves out where it ends, does not make an endless loop") {
        Fixture it;
        it.transport.answer(200, page(0, 250));
        it.transport.answer(200, page(0, 250));
        CHECK(it.connections().error().kind == ErrorKind::server);
        Fixture other;
        other.transport.answer(200, page(0, 250));
        CHECK(other.history().error().kind == ErrorKind::server);
    }
    SECTION("an answer that is no list, and refusals") {
        Fixture it;
        it.transport.answer(200, "{}");
        CHECK(it.connections().error().kind == ErrorKind::server);
        Fixture forbidden;
        forbidden.transport.answer(403, R"({"detailCode":"403 Forbidden"})");
        const Error error = forbidden.connections().error();
        CHECK(error.kind == ErrorKind::forbidden);
        CHECK(error.hint.find("idn:entitlement-connections:read") != std::string::npos);
    }
}

TEST_CASE("sailpoint::Client reads the policy") {
    Fixture it;
    it.transport.answer(200, R"({"maxActivationPeriodMins":120,"entitlementIds":["a","b"]})");
    const auto policy = it.client.policy();
    REQUIRE(policy);
    CHECK(policy->max_activation == "120");
    CHECK(policy->entitlements.size() == 2);
    it.transport.answer(404, "{}");
    CHECK(it.client.policy().error().kind == ErrorKind::refused);
}
