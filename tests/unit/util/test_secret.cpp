#include "util/secret.hpp"

#include "support/catch.hpp"

#include <sstream>
#include <type_traits>

using jit::Secret;

namespace {

template <typename T, typename = void>
struct IsPrintable : std::false_type {};
template <typename T>
struct IsPrintable<T, std::void_t<decltype(std::declval<std::ostream&>() << std::declval<T>())>>
    : std::true_type {};

} // namespace

TEST_CASE("util::secret") {
    SECTION("it cannot be printed or turned into a string by accident") {
        CHECK_FALSE(IsPrintable<Secret>::value);
        CHECK_FALSE(std::is_convertible_v<Secret, std::string>);
        CHECK_FALSE(std::is_convertible_v<Secret, std::string_view>);
        CHECK_FALSE(std::is_convertible_v<std::string, Secret>);
    }
    SECTION("the string it is taken from is wiped") {
        std::string text = "a secret that is longer than a short string";
        const char* const memory = text.data();
        const Secret secret = Secret::take(text);
        CHECK(secret.reveal() == "a secret that is longer than a short string");
        CHECK(text.empty());
        CHECK(memory[0] == '\0');
        CHECK(memory[5] == '\0');
    }
    SECTION("copies and moves") {
        Secret a("one");
        Secret b = a;
        CHECK(b.reveal() == "one");
        const Secret c = std::move(b);
        CHECK(c.reveal() == "one");
        a = c;
        a = Secret("two");
        CHECK(a.reveal() == "two");
        CHECK(c.reveal() == "one");
        CHECK(a.size() == 3);
        a = Secret();
        CHECK(a.empty());
        CHECK(a.reveal().data()[0] == '\0');
    }
}
