#include "sandbox/decimal.hpp"
#include "sandbox/fault.hpp"
#include "sandbox/fault_rules.hpp"
#include "support/catch.hpp"

#include "unit/sandbox/practice_client.hpp"
#include <regex>

using namespace jit;
using namespace jit::sandbox;
using namespace jit::sandbox::test;
using Kind = Fault::Kind;

namespace {

std::string flaw_of(std::string_view text) {
    const auto rule = parse_fault_rule(text);
    return rule ? "no flaw" : rule.error().message;
}

std::string hint_of(std::string_view text) {
    const auto rule = parse_fault_rule(text);
    return rule ? "no flaw" : rule.error().hint;
}

Fault fault_of(std::string_view what) {
    const auto rule = parse_fault_rule(concat({"any:", what}));
    REQUIRE(rule);
    CHECK(rule->fault.text == what);
    return rule->fault;
}

FaultRules rules_of(const std::vector<std::string>& texts, std::uint32_t seed = 0) {
    std::vector<FaultRule> rules;
    for (const std::string& text : texts) {
        auto rule = parse_fault_rule(text);
        REQUIRE(rule);
        rules.push_back(*std::move(rule));
    }
    return FaultRules(seed, rules);
}

Request activation() {
    return {"POST", "/jit-activations/v1/activate", "", {}, "", 1};
}

/// What the next requests get, a word each; "-" for none.
std::string faults_of(FaultRules& rules, int count) {
    std::string words;
    for (int i = 0; i < count; ++i) {
        const auto fault = rules.on_request(activation());
        words += concat({i == 0 ? "" : " ", fault ? fault->text : "-"});
    }
    return words;
}

} // namespace

TEST_CASE("sandbox::fault when") {
    const auto range = [](std::string_view when) {
        const auto rule = parse_fault_rule(concat({when, ":reset"}));
        REQUIRE(rule);
        CHECK_FALSE(rule->percent);
        return std::pair(rule->first, rule->last);
    };
    constexpr auto k_end = std::numeric_limits<std::uint64_t>::max();
    CHECK(range("any") == std::pair<std::uint64_t, std::uint64_t>(1, k_end));
    CHECK(range("any@3") == std::pair<std::uint64_t, std::uint64_t>(3, 3));
    CHECK(range("any@3+") == std::pair<std::uint64_t, std::uint64_t>(3, k_end));
    CHECK(range("any@3-5") == std::pair<std::uint64_t, std::uint64_t>(3, 5));
    CHECK(parse_fault_rule("any@12.5%:reset")->percent == std::optional(12.5));

    for (const std::string selector : {"", "0", "-1", "1-", "3-2", "1++", "+", "1+2", "%", "-1%", "100.1%",
                                       "1e1%", "x", "1 ", "99999999999"}) {
        CHECK(flaw_of(concat({"any@", selector, ":reset"})) ==
              concat({"cannot use the fault \"any@", selector, ":reset\": \"@", selector,
                      "\" selects nothing"}));
    }
    CHECK(hint_of("any@0:reset") ==
          "possible are @N (the N-th, from 1), @N+ (from the N-th on), @N-M and @P% (0 to 100)");
    CHECK(flaw_of("all:reset") == "cannot use the fault \"all:reset\": there are no requests \"all\"");
    CHECK(hint_of("Any:reset") == "possible are any, token, activate, extend, deactivate, post, connections, "
                                  "history, policy, get, connection");
    CHECK(flaw_of("reset") == "cannot use the fault \"reset\": it is not of the form WHEN:WHAT");
}

TEST_CASE("sandbox::fault what") {
    SECTION("whether a request is carried out is in the word") {
        for (const std::string what : {"reset", "close", "hang", "500", "502/html", "503=1", "504/empty"}) {
            CHECK_FALSE(fault_of(what).applied);
            CHECK(fault_of("apply-" + what).applied);
            CHECK(fault_of("apply-" + what).kind == fault_of(what).kind);
        }
        for (const std::string what : {"400", "401", "403", "404", "429", "redirect"}) {
            CHECK_FALSE(fault_of(what).applied);
            CHECK(flaw_of("any:apply-" + what).find("nothing that can go wrong") != std::string::npos);
        }
        for (const std::string what :
             {"slow-headers=1", "slow-body=0.5", "truncated", "length-too-small", "length-too-large",
              "garbage", "not-json", "deep-json", "huge", "gzip-bomb", "close-idle"}) {
            CHECK(fault_of(what).applied);
            CHECK(flaw_of("any:apply-" + what).find("nothing that can go wrong") != std::string::npos);
        }
    }
    SECTION("values and bodies are where they belong") {
        CHECK(fault_of("503/html=soon=now").value == std::optional<std::string>("soon=now"));
        CHECK(fault_of("503/html=a/b").body == Fault::Body::html);
        CHECK(fault_of("429=a/b").body == Fault::Body::json);
        CHECK(fault_of("429/empty").body == Fault::Body::empty);
        CHECK(fault_of("429=").value == std::optional<std::string>(""));
        CHECK_FALSE(fault_of("429").value);
        CHECK(fault_of("redirect=https://a:1/b").value == std::optional<std::string>("https://a:1/b"));
        CHECK(fault_of("slow-body=0.25").duration == std::chrono::milliseconds(250));
        for (const std::string what : {"reset=1", "502=1", "truncated=", "429=a\r\nX: y", "redirect=\x7f"}) {
            CHECK(flaw_of("any:" + what).find("is no value for") != std::string::npos);
        }
        for (const std::string what :
             {"502/", "502/json", "502/html/html", "reset/html", "redirect/html=x"}) {
            CHECK(flaw_of("any:" + what).find("nothing that can go wrong") != std::string::npos);
        }
        for (const std::string what : {"slow-body", "slow-body=", "slow-headers=-1", "slow-headers=86401"}) {
            CHECK(flaw_of("any:" + what).find("does not say how long") != std::string::npos);
        }
    }
    SECTION("a connection has its own") {
        for (const std::string what : {"refuse", "stall", "reset", "close", "hang"}) {
            CHECK(parse_fault_rule("connection:" + what));
        }
        for (const std::string what : {"", "apply-reset", "502", "truncated", "redirect"}) {
            CHECK(hint_of("connection:" + what) == "possible are refuse, stall, reset, close, hang");
        }
        CHECK(flaw_of("any:refuse") ==
              "cannot use the fault \"any:refuse\": \"refuse\" is nothing that can go "
              "wrong with a request");
    }
}

TEST_CASE("sandbox::fault rules") {
    SECTION("the first that fits wins, and each counts for itself") {
        FaultRules rules = rules_of({"activate@2:502", "any@1-2:503", "post@4+:504", "extend:reset"});
        CHECK(faults_of(rules, 5) == "503 502 - 504 504");
        rules.restart();
        CHECK(faults_of(rules, 2) == "503 502");
        CHECK(json_at(rules.json(), "/faults/1") == R"({"fault":"any@1-2:503","requests":2,"hits":1})");
        CHECK(json_at(rules.json(), "/faults/3") == R"({"fault":"extend:reset","requests":0,"hits":0})");
    }
    SECTION("connections are counted apart") {
        FaultRules rules = rules_of({"any@1:502", "connection@2:refuse"});
        CHECK_FALSE(rules.on_connection());
        CHECK(rules.on_connection()->kind == Kind::refuse);
        CHECK(faults_of(rules, 2) == "502 -");
    }
    SECTION("chance is the seed's, the rule's place and the request's number, and nothing else") {
        FaultRules rules = rules_of({"any@50%:502"}, 7);
        const std::string first = faults_of(rules, 12);
        CHECK(first == "502 502 502 502 - - 502 502 - 502 - 502"); // a seed in somebody's script stays good
        rules.restart();
        CHECK(faults_of(rules, 12) == first);
        FaultRules with_more = rules_of({"any@50%:502", "any@50%:503"}, 7);
        const std::string words = faults_of(with_more, 12);
        CHECK(words.find("503") != std::string::npos);
        CHECK(std::regex_replace(words, std::regex("503"), "-") == first);
        FaultRules other = rules_of({"any@50%:502"}, 8);
        CHECK(faults_of(other, 12) != first);
        CHECK(rules.by_chance());
        CHECK_FALSE(rules_of({"any@1:502"}).by_chance());
    }
    SECTION("chance comes out as often as it should") {
        FaultRules rules = rules_of({"any@10%:502", "connection@0%:refuse", "connection@100%:reset"}, 1);
        (void)faults_of(rules, 10'000);
        const int hits = std::stoi(json_at(rules.json(), "/faults/0/hits"));
        CHECK(hits > 900);
        CHECK(hits < 1100);
        for (int i = 0; i < 1000; ++i) {
            CHECK(rules.on_connection()->kind == Kind::reset);
        }
    }
}

TEST_CASE("sandbox::decimal") {
    CHECK(parse_decimal("0.5", 0, 1) == std::optional(0.5));
    CHECK(parse_decimal("1", 0, 1) == std::optional(1.0));
    for (const std::string text : {"", " 1", "1 ", "1e0", "-0.1", "1.01", "nan", "inf", "0x1"}) {
        CHECK_FALSE(parse_decimal(text, 0, 1));
    }
}
