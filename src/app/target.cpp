#include "app/target.hpp"

#include "base/text.hpp"

namespace jit::app {

Result<Target> resolve_target(const std::vector<std::string>& words) {
    constexpr const char* k_example = "name it by its connection ID: -e c0ffee00-0000-4000-8000-000000000001";
    if (words.empty()) {
        return usage_error("no entitlement is given", k_example);
    }
    if (words.size() > 1) {
        return usage_error(cat({"one entitlement at a time: ", std::to_string(words.size()), " are given"}),
                           "call jit once for each");
    }
    const std::string& word = words.front();
    const auto connection = Uuid::parse(trim(word));
    if (!connection) {
        return usage_error(cat({"\"", word, "\" is not a connection ID; nothing was sent"}),
                           "a connection ID is a UUID: 32 hexadecimal digits, with or without hyphens");
    }
    return Target{word, *connection};
}

} // namespace jit::app
