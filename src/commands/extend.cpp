#include "commands/extend.hpp"

#include "commands/operation.hpp"

#include <memory>

namespace jit::commands {

Command extend() {
    return {
        "extend",
        "Add minutes to access that is active",
        "The minutes are added to those that are left. An extend whose answer is lost is never sent a second "
        "time, since "
        "it could be applied twice.",
        {{"jit extend -e 3f0c9a52-7d1e-4b86-9c24-5e8d1a6f7b30 -m 30", "half an hour more"}},
        [](CLI::App& tree) -> Run {
            auto options = std::make_shared<OperationOptions>();
            declare_operation(
                tree, *options,
                "how much longer, in minutes, at least 1 (default: defaults.minutes of the configuration)");
            return [options](app::Context& context) {
                return run_operation(context, sailpoint::Operation::extend, *options);
            };
        },
    };
}

} // namespace jit::commands
