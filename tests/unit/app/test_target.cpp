#include "app/target.hpp"

#include "support/catch.hpp"

using namespace jit;

TEST_CASE("app::resolve_target") {
    SECTION("a connection ID in any spelling") {
        const auto target = app::resolve_target({" 757FB80390245861E51083A56E4C5BD3"});
        REQUIRE(target);
        CHECK(target->connection.str() == "757fb803-9024-5861-e510-83a56e4c5bd3");
        CHECK(target->asked == " 757FB80390245861E51083A56E4C5BD3");
    }
    SECTION("anything else is a usage error") {
        for (const std::vector<std::string>& words :
             {std::vector<std::string>{}, {""}, {"Prod DB Admin"}, {"a", "b"}}) {
            const auto target = app::resolve_target(words);
            REQUIRE_FALSE(target);
            CHECK(target.error().code == ExitCode::usage);
            CHECK_FALSE(target.error().hint.empty());
        }
    }
}
