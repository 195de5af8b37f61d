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
        k_words,
        k_words_help,
        {{"jit extend -e c0ffee00-0000-4000-8000-000000000001 -m 30", "half an hour more"}},
        [](CLI::App& tree) -> Run {
            auto options = std::make_shared<OperationOptions>();
            declare_operation(
                tree, *options,
                "how much longer, in minutes, at least 1 (default: defaults.minutes of the configuration)");
            return [options](app::Context& context, const std::vector<std::string>& words) {
                return run_operation(context, sailpoint::Operation::extend, *options, words);
            };
        },
    };
}

} // namespace jit::commands
