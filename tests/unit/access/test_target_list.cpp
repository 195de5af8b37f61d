#include "access/target_list.hpp"

#include "util/text.hpp"

#include "support/fakes.hpp"

using namespace jit;

namespace {

struct Fixture {
    test::TemporaryDirectory home;
    test::FakeTransport network;
    test::FakeClock clock;
    test::FakeConsole console;
    Interrupt interrupt;
    access::Context context{{},
                            test::variables({{"SAIL_BASE_URL", "https://acme.example"},
                                             {"SAIL_ACCESS_TOKEN", "tokentoken"},
                                             {"HOME", home.path()}}),
                            console.console,
                            clock,
                            interrupt,
                            &network};

    Result<access::TargetList> read(const std::string& text, const std::vector<std::string>& words = {}) {
        return access::TargetList::read(context, words, home.write("targets.txt", text), {});
    }
    Error error(const std::string& text) {
        auto list = read(text);
        REQUIRE_FALSE(list);
        return list.error();
    }
};

constexpr const char* k_one = "c0ffee00-0000-4000-8000-000000000001";
constexpr const char* k_two = "c0ffee00-0000-4000-8000-000000000002";

bool contains(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

} // namespace

TEST_CASE("access::TargetList") {
    Fixture it;
    SECTION("IDs in lines and in JSON lines, with comments, blank lines and every kind of line end") {
        const auto list = it.read(concat({"\xEF\xBB\xBF# the team\r\n", k_one, "\r\n\n  \t\n",
                                          R"({"minutes": 7, "x": [], "entitlement":")", k_two, R"("})",
                                          "\n  C0FFEE00000040008000000000000003"}));
        REQUIRE(list);
        REQUIRE(list->size() == 3);
        CHECK(list->at(0).connection.str() == k_one);
        CHECK(list->at(0).requested_name == k_one);
        CHECK_FALSE(list->at(0).minutes_from_file);
        CHECK(list->at(1).connection.str() == k_two);
        CHECK(list->at(1).minutes_from_file == 7);
        CHECK(list->at(2).requested_name == "C0FFEE00000040008000000000000003");
        CHECK(list->at(2).connection.str() == "c0ffee00-0000-4000-8000-000000000003");
        CHECK(list->at(2).by_id);
    }
    SECTION("each connection comes once, at its first place, words before the file") {
        const auto list = it.read(concat({k_one, "\n", k_two, "\n", k_one, "\n"}), {k_two});
        REQUIRE(list);
        REQUIRE(list->size() == 2);
        CHECK(list->at(0).connection.str() == k_two);
        CHECK(list->at(1).connection.str() == k_one);
    }
    SECTION("the same with other minutes is an error") {
        const Error error =
            it.error(concat({k_one, "\n", R"({"minutes":7,"entitlement":")", k_one, "\"}\n"}));
        CHECK(error.kind == ErrorKind::usage);
        CHECK(contains(error.message, "comes twice, with different minutes"));
    }
    SECTION("every bad line is named, and nothing is sent") {
        const Error error = it.error("# x\n{\"a\":1}\n{\n{\"entitlement\":\"a\",\"minutes\":0}\n\xFF\n"
                                     "{\"entitlement\":\"a\\udc00\"}\n");
        CHECK(error.kind == ErrorKind::usage);
        CHECK(contains(error.message, "targets.txt, line 2: it has no \"entitlement\""));
        CHECK(contains(error.message, "(and 4 more); nothing was sent"));
        CHECK(contains(error.hint, "line 3: it is not a JSON object"));
        CHECK(contains(error.hint, "line 4: \"minutes\" is not a whole number"));
        CHECK(contains(error.hint, "line 5: it is not UTF-8"));
        CHECK(contains(error.hint, "line 6: \"entitlement\" is not Unicode"));
    }
    SECTION("names are looked up by one reading of the list, and each that is wrong is named with its line") {
        it.network.answer(
            200,
            R"([{"id":"c0ffee00000040008000000000000001","type":"JIT","entitlement":{"displayName":"DB"}}])");
        const auto list = it.read(concat({k_two, "\nDB\ndb\n"}));
        REQUIRE(list);
        REQUIRE(list->size() == 2);
        CHECK(list->at(1).title() == "DB");
        it.network.answer(200, "[]");
        const Error error = it.error(concat({k_one, "\nAb\nCd\n"}));
        CHECK(error.kind == ErrorKind::refused);
        CHECK(contains(error.message, "targets.txt, line 2: none of your 0"));
        CHECK(contains(error.hint, "targets.txt, line 3: none of your 0"));
    }
    SECTION("a file without a target, or that cannot be read") {
        CHECK(contains(it.error("# nothing\n\n").message, "there is no target in"));
        const auto list = access::TargetList::read(it.context, {}, it.home.path() + "/missing", {});
        REQUIRE_FALSE(list);
        CHECK(contains(list.error().message, "No such file"));
        const auto folder = access::TargetList::read(it.context, {}, it.home.path(), {});
        REQUIRE_FALSE(folder);
        CHECK(contains(folder.error().message, "Is a directory"));
    }
    SECTION("a line that is too long") {
        CHECK(contains(it.error(std::string(70000, 'x')).message, "line 1: a line is longer than 64 KiB"));
    }
}
