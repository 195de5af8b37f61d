#include "access/rollback.hpp"

#include "support/access_context.hpp"

#include <csignal>

using namespace jit;
using namespace std::chrono_literals;
using access::TargetResult;
using sailpoint::Operation;
using test::ListingTransport;

namespace {

constexpr const char* k_one = "c0ffee00-0000-4000-8000-000000000001";
constexpr const char* k_two = "c0ffee00-0000-4000-8000-000000000002";
constexpr const char* k_three = "c0ffee00-0000-4000-8000-000000000003";
const TimePoint k_start = *parse_rfc3339("2026-11-24T12:00:00Z");

struct RollingBack : test::AccessContext {
    access::RequestOptions options;
    std::vector<TargetResult> results;

    TargetResult& add(const char* id) {
        TargetResult& result = results.emplace_back(TargetResult{access::Target{id, *Uuid::parse(id)}});
        result.request = access::request_for(options, result.target, Operation::activate, 60);
        return result;
    }
    void add_active(const char* id) {
        TargetResult& result = add(id);
        result.answer = sailpoint::Acceptance{};
        result.answer->start_time = "2026-11-24T12:00:00Z";
        result.seen = access::Access{};
    }
    void add_failed(const char* id, bool uncertain) {
        Error error{uncertain ? ErrorKind::unknown_outcome : ErrorKind::refused, "it failed"};
        error.uncertain = uncertain;
        add(id).error = error;
    }
    void accept(const char* id) {
        network.answer(202, concat({R"({"activationId":"a","connectionId":")", id,
                                    R"(","status":"DEPROVISIONING","startTime":"2026-11-24T12:00:00Z"})"}));
    }
    void roll_back() { access::rollback(context, options, 1, results); }
};

} // namespace

TEST_CASE("access::rollback ends what was activated where another target failed") {
    RollingBack it;
    it.add_active(k_one);
    SECTION("and nothing where none failed") {
        it.roll_back();
        CHECK(it.network.posts.empty());
        CHECK_FALSE(it.results.front().error);
        CHECK(it.results.front().seen);
    }
    SECTION("and not the target that was refused") {
        it.add_failed(k_two, false);
        it.accept(k_one);
        it.roll_back();
        REQUIRE(it.network.posts.size() == 1);
        CHECK(it.body(0).find(k_one) != std::string::npos);
        const TargetResult& first = it.results.front();
        REQUIRE(first.error);
        CHECK(first.error->kind == ErrorKind::partial);
        CHECK(first.error->message ==
              concat({k_one, " was activated, and ended again, since another one failed"}));
        CHECK(first.aborted_by_peer);
        CHECK(first.rolled_back);
        CHECK_FALSE(first.seen);
        const TargetResult& second = it.results.back();
        CHECK(second.error->message == "it failed");
        CHECK_FALSE(second.rolled_back);
    }
    SECTION("and says which access may still be active") {
        it.add_failed(k_two, true);
        it.network.answer(403, "{}");
        it.network.answer(403, "{}");
        it.roll_back();
        CHECK(it.network.posts.size() == 2);
        const TargetResult& first = it.results.front();
        CHECK(first.error->kind == ErrorKind::partial);
        CHECK(first.error->message.find(concat({k_one, " was activated, and may still be active: "})) == 0);
        CHECK(first.error->hint == concat({"end it: jit deactivate -e ", k_one}));
        CHECK_FALSE(first.aborted_by_peer);
        CHECK_FALSE(first.rolled_back);
        const TargetResult& second = it.results.back();
        CHECK(second.error->message.find(
                  concat({k_two, " may have been activated, and may still be active: "})) == 0);
    }
}

TEST_CASE("access::rollback ends what may have been activated") {
    RollingBack it;
    it.add_failed(k_one, true);
    it.add_failed(k_two, true);
    it.add_failed(k_three, false);
    it.network.connections = [&](const http::Request&) {
        return ListingTransport::list(test::over_since(k_two, it.clock.now()));
    };
    it.accept(k_one);
    it.network.answer(404, "{}");
    it.roll_back();
    CHECK(it.network.posts.size() == 2);
    for (const TargetResult* result : {&it.results[0], &it.results[1]}) {
        CHECK_FALSE(result->error->uncertain); // it is known now
        CHECK(result->error->kind == ErrorKind::unknown_outcome);
        CHECK(result->rolled_back);
    }
    CHECK(it.results[0].error->message == "it failed; it was ended again");
    CHECK(it.results[1].error->message == "it failed; nothing is active there now");
}

TEST_CASE("access::rollback is done for an interrupted command, too, which stays interrupted") {
    RollingBack it;
    it.add_active(k_one);
    it.add_active(k_two);
    it.add_failed(k_three, false);
    it.accept(k_one);
    it.accept(k_two);
    it.interrupt.raise(SIGTERM);
    it.roll_back();
    CHECK(it.network.posts.size() == 2);
    CHECK(it.results[0].rolled_back);
    CHECK(it.interrupt.signal() == SIGTERM);
}

TEST_CASE("access::rollback does not interrupt a caller that was not interrupted") {
    RollingBack it;
    it.add_active(k_one);
    it.add_failed(k_two, false);
    it.accept(k_one);
    it.roll_back();
    CHECK(it.interrupt.signal() == 0);
}
