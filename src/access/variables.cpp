#include "access/variables.hpp"

#include "util/text.hpp"

#include <array>
#include <string>

namespace jit::access {

Variables variables_of(const io::Console& console, const std::vector<TargetResult>& results) {
    constexpr int k_longest = 256;
    Variables variables = {{"JIT_ENTITLEMENT", ""},
                           {"JIT_CONNECTION_ID", ""},
                           {"JIT_ACTIVATION_ID", ""},
                           {"JIT_EXPIRES_AT", ""}};
    for (const TargetResult& result : results) {
        const auto expires = end_of(result);
        const std::string id = result.answer ? result.answer->activation_id
                               : result.seen ? result.seen->activation_id
                                             : "";
        const std::array<std::string, 4> values = {result.target.title(), result.target.connection.str(), id,
                                                   expires ? format_rfc3339(*expires) : ""};
        for (std::size_t i = 0; i < values.size(); ++i) {
            variables[i].second += concat(
                {&result == &results.front() ? "" : "\n", shorten(console.safe(values[i]), k_longest)});
        }
    }
    return variables;
}

} // namespace jit::access
