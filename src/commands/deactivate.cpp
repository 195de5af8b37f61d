#include "commands/deactivate.hpp"

#include "commands/operation.hpp"

#include <memory>

namespace jit::commands {

Command deactivate() {
    return {
        "deactivate",
        "End access now, before its time is over",
        "The service accepts the request and takes the access away in the background.",
        {{"jit deactivate -e 3f0c9a52-7d1e-4b86-9c24-5e8d1a6f7b30", "end it"}},
        [](CLI::App& tree) -> Run {
            auto options = std::make_shared<OperationOptions>();
            declare_operation(tree, *options, "");
            return [options](app::Context& context) {
                return run_operation(context, sailpoint::Operation::deactivate, *options);
            };
        },
    };
}

} // namespace jit::commands
