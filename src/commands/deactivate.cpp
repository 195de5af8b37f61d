#include "commands/operation.hpp"
#include "commands/registry.hpp"

#include <memory>

namespace jit::commands {

Command deactivate() {
    Command command = {
        "deactivate",
        "End access now",
        "The service accepts the request and takes the access away in the background. If access is not "
        "active, there is nothing to end: jit says so and exits with 0.",
        k_words,
        k_words_help,
        {{"jit deactivate \"Prod DB Admin\"", "end it"},
         {"jit deactivate --all", "end everything that is active"},
         {"jit deactivate c0ffee00-0000-4000-8000-000000000001 --wait", "and return when it is gone"}},
        [](OptionSet& set) -> Run {
            auto options = std::make_shared<OperationOptions>();
            declare_operation(set, *options, "", "it is gone");
            set.flag("--all", options->all, "everything that is active or starting").in(k_words_group);
            return [options](access::Context& context, const std::vector<std::string>& words) {
                return run_operation(context, sailpoint::Operation::deactivate, *options, words);
            };
        },
        {k_wait_details, k_many_details},
        {Completes::Kind::entitlements},
        Offered::active,
    };
    command.changes = true;
    command.fields = [] { return result_field_names(sailpoint::Operation::deactivate); };
    command.code_tells = true;
    return command;
}

} // namespace jit::commands
