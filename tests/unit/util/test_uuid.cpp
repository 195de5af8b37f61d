#include "util/uuid.hpp"

#include "support/catch.hpp"

using jit::Uuid;

TEST_CASE("util::uuid") {
    constexpr const char* k_canonical = "757fb803-9024-5861-e510-83a56e4c5bd3";
    SECTION("any case, with or without hyphens, is one UUID") {
        for (const char* text :
             {"757fb803-9024-5861-e510-83a56e4c5bd3", "757FB803-9024-5861-E510-83A56E4C5BD3",
              "757fb80390245861e51083a56e4c5bd3", "757FB80390245861E51083A56E4C5BD3"}) {
            INFO(text);
            const auto uuid = Uuid::parse(text);
            REQUIRE(uuid);
            CHECK(uuid->str() == k_canonical);
        }
    }
    SECTION("nothing else is") {
        for (const char* text :
             {"", "757fb803", "757fb803-9024-5861-e510-83a56e4c5bd", "757fb803-9024-5861-e510-83a56e4c5bd34",
              "757fb8039024-5861-e510-83a56e4c5bd3-", "757fb803-90245-861-e510-83a56e4c5bd3",
              "{757fb803-9024-5861-e510-83a56e4c5bd3}", "757fb803-9024-5861-e510-83a56e4c5bdg",
              " 757fb80390245861e51083a56e4c5bd", "757fb803_9024_5861_e510_83a56e4c5bd3",
              "--------------------------------"}) {
            INFO(text);
            CHECK_FALSE(Uuid::parse(text));
        }
    }
}

TEST_CASE("util::uuid bits") {
    const auto uuid = Uuid::parse("C0FFEE00-0123-4567-89ab-CDEF00000001");
    REQUIRE(uuid);
    CHECK(uuid->bits()[0] == 0xc0);
    CHECK(uuid->bits()[15] == 1);
    CHECK(Uuid::of(uuid->bits()) == *uuid);
}
