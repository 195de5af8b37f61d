#include "commands/confirm.hpp"
#include "support/access_context.hpp"
#include "support/catch.hpp"

using namespace jit;
using namespace jit::commands;

namespace {

access::TargetResult target(sailpoint::Operation operation, std::int32_t minutes) {
    sailpoint::Connection entry;
    entry.display_name = "Prod DB Admin";
    entry.source = "Postgres\nProduction";
    access::TargetResult result{
        {"db", *Uuid::parse("c0ffee00-0000-4000-8000-000000000001"), std::move(entry)}};
    result.request = access::request_for({}, result.target, operation, minutes);
    return result;
}

} // namespace

TEST_CASE("commands::Question") {
    using sailpoint::Operation;
    test::AccessContext it;
    REQUIRE(it.context.settings());
    SECTION("one request is one line, which text of the service cannot break") {
        Question question(it.context, true);
        question.add(target(Operation::activate, 60));
        CHECK(question.is_wanted());
        CHECK(question.text(it.context) == "Activate Prod DB Admin on Postgres Production for 60 minutes?");
    }
    SECTION("several are listed, the first 20 of them") {
        Question question(it.context, true);
        question.add(target(Operation::extend, 1));
        for (int i = 0; i < 21; ++i) {
            question.add(target(Operation::activate, 5));
        }
        const std::string text = question.text(it.context);
        CHECK(text.rfind("Extend Prod DB Admin on Postgres Production by 1 minute\nActivate ", 0) == 0);
        CHECK(text.find("\nand 2 more\nSend these 22 requests?") != std::string::npos);
    }
    SECTION("nothing to send, or only an end: nothing to ask") {
        Question question(it.context, true);
        access::TargetResult nothing = target(Operation::activate, 60);
        nothing.request.reset();
        question.add(nothing);
        question.add(target(Operation::deactivate, 0));
        CHECK_FALSE(question.is_wanted());
    }
    SECTION("only where an option, the environment or an alias says so") {
        Question question(it.context, false);
        question.add(target(Operation::activate, 60));
        CHECK_FALSE(question.is_wanted());
        access::TargetResult of_alias = target(Operation::activate, 60);
        of_alias.target.confirm = true;
        question.add(of_alias);
        CHECK(question.is_wanted());
    }
}

TEST_CASE("commands::take_turn") {
    test::AccessContext it;
    REQUIRE(it.context.settings());
    const auto first = take_turn(it.context);
    REQUIRE(first);
    CHECK(first->lock);
    CHECK_FALSE(first->waited);
    SECTION("another run waits, and gives up in the end") {
        const auto second = take_turn(it.context);
        REQUIRE_FALSE(second);
        CHECK(second.error().kind == ErrorKind::usage);
        CHECK(second.error().message.find("nothing was sent") != std::string::npos);
    }
}
