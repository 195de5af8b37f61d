#include "util/program.hpp"

#include "support/fakes.hpp"

#include <array>

using namespace jit;

TEST_CASE("util::find_program") {
    const test::TemporaryDirectory place;
    const auto make = [&place](const std::string& name, bool executable) {
        const std::string file = place.write(name, "#!/bin/sh\n");
        if (executable) {
            std::filesystem::permissions(file, std::filesystem::perms::owner_all);
        }
        return file;
    };
    const std::string good = make("a/good", true);
    const std::string plain = make("b/good", false);
    const std::string path = place.path() + "/b:" + place.path() + "/none:" + place.path() + "/a";
    SECTION("by PATH, past what cannot be executed") {
        CHECK(*find_program("good", path) == good);
        CHECK(*find_program("good", place.path() + "/a") == good);
    }
    SECTION("by a path, whatever PATH is") {
        CHECK(*find_program(good, "") == good);
    }
    SECTION("what is not there, or cannot be executed") {
        CHECK(find_program("good", place.path()).error().kind == ErrorKind::not_found);
        CHECK(find_program("", path).error().kind == ErrorKind::not_found);
        CHECK(find_program(good + "/x", "").error().kind == ErrorKind::not_found);
        CHECK(find_program("good", place.path() + "/b").error().kind == ErrorKind::not_executable);
        CHECK(find_program(place.path(), "").error().kind == ErrorKind::not_executable);
        CHECK(find_program(plain, "").error().message == "cannot run " + plain + ": Permission denied");
    }
}

TEST_CASE("util::program_environment") {
    const std::array<const char*, 6> inherited = {"A=1",     "SECRET=s", "SECRETS=kept",
                                                  "B=old=x", "odd",      nullptr};
    CHECK(program_environment(inherited.data(), {"SECRET", "NONE"}, {{"B", "new"}, {"C", ""}}) ==
          std::vector<std::string>{"A=1", "SECRETS=kept", "odd", "B=new", "C="});
}

TEST_CASE("util::withhold_from_libraries") {
    REQUIRE(setenv("JIT_TEST_WITHHELD", "value", 1) == 0);
    withhold_from_libraries("JIT_TEST_WITHHELD");
    CHECK(getenv("JIT_TEST_WITHHELD") == nullptr);
    const auto entries = program_environment(inherited_environment(), {}, {});
    CHECK(std::count(entries.begin(), entries.end(), "JIT_TEST_WITHHELD=value") == 1);
}
