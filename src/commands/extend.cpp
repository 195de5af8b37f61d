#include "commands/confirm.hpp"
#include "commands/operation.hpp"
#include "commands/registry.hpp"

#include <memory>

namespace jit::commands {

Command extend() {
    Command command = {
        "extend",
        "Add minutes to active access",
        "The minutes are added to those that are left. jit never sends an extend again after a lost answer, "
        "because the service could apply it twice.",
        k_words,
        k_words_help,
        {{"jit extend \"Prod DB Admin\" -m 30", "half an hour more"},
         {"jit extend \"Prod DB Admin\" --until 18:00 --wait", "as much as is missing"}},
        [](OptionSet& set) -> Run {
            auto options = std::make_shared<OperationOptions>();
            declare_operation(set, *options,
                              "how much longer, in minutes (default: the alias's, or defaults.minutes)",
                              "the new end is in force");
            declare_confirm(set, options->confirm);
            return [options](access::Context& context, const std::vector<std::string>& words) {
                return run_operation(context, sailpoint::Operation::extend, *options, words);
            };
        },
        {"With `--until`, jit adds the minutes that are missing until then.", k_length_details,
         k_wait_details, k_many_details, k_confirm_details},
        {Completes::Kind::entitlements},
        Offered::active,
    };
    command.changes = true;
    command.fields = [] { return result_field_names(sailpoint::Operation::extend); };
    command.code_tells = true;
    return command;
}

} // namespace jit::commands
