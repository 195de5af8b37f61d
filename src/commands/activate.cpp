#include "commands/activate.hpp"

#include "commands/operation.hpp"

#include <memory>

namespace jit::commands {

Command activate() {
    return {
        "activate",
        "Start just-in-time access to an entitlement",
        "The service accepts the request and provisions the access in the background, which can take a "
        "minute or two. "
        "Access ends by itself when the minutes are over, or earlier with `jit deactivate`.",
        {{"jit activate -e 3f0c9a52-7d1e-4b86-9c24-5e8d1a6f7b30 -m 60", "an hour of access"},
         {"jit activate 3f0c9a527d1e4b869c245e8d1a6f7b30 -m 15 -o json | jq -r .expiresAt",
          "when it ends, for a script"},
         {"jit activate 3f0c9a52-7d1e-4b86-9c24-5e8d1a6f7b30 -m 60 --dry-run", "what would be sent"}},
        [](CLI::App& tree) -> Run {
            auto options = std::make_shared<OperationOptions>();
            declare_operation(
                tree, *options,
                "how long, in minutes, at least 1 (default: defaults.minutes of the configuration)");
            return [options](app::Context& context) {
                return run_operation(context, sailpoint::Operation::activate, *options);
            };
        },
    };
}

} // namespace jit::commands
