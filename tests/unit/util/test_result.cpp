#include "util/result.hpp"

#include "support/catch.hpp"
#include "util/exit_code.hpp"

#include <set>

using namespace jit;

namespace {

Result<int> half(int number) {
    if (number % 2 != 0) {
        return usage_error("odd");
    }
    return number / 2;
}

Result<int> quarter(int number) {
    JIT_TRY(const int once, half(number));
    JIT_TRY(const int twice, half(once));
    return twice;
}

} // namespace

TEST_CASE("util::result") {
    CHECK(*quarter(8) == 2);
    CHECK(quarter(6).error().message == "odd");
    CHECK(Result<void>().has_value());
    CHECK(Result<void>(usage_error("no")).error().kind == ErrorKind::usage);
}

TEST_CASE("util::exit_code") {
    SECTION("every code has one row, and its number is the documented one") {
        std::set<int> numbers;
        for (const ExitCodeMeaning& meaning : k_exit_codes) {
            CHECK(numbers.insert(static_cast<int>(meaning.code)).second);
        }
        CHECK(numbers == std::set<int>{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 125, 126, 127, 130, 143});
    }
    CHECK(kind_name(ErrorKind::unknown_outcome) == "unknown_outcome");
}
