#include "util/environment.hpp"

#include <cstdlib>

namespace jit {

Environment process_environment() {
    return [](std::string_view name) -> std::optional<std::string> {
        // Nothing in the program sets variables, so reading them is safe from any thread.
        const char* value = std::getenv(std::string(name).c_str()); // NOLINT(concurrency-mt-unsafe)
        if (value == nullptr || *value == '\0') {
            return std::nullopt;
        }
        return std::string(value);
    };
}

} // namespace jit
