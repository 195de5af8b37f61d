#include "commands/confirm.hpp"
#include "commands/operation.hpp"
#include "commands/registry.hpp"

#include <memory>

namespace jit::commands {

Command activate() {
    Command command = {
        "activate",
        "Start just-in-time access to an entitlement",
        "The service accepts the request and provisions the access in the background, which can take a "
        "minute or two. Access ends by itself when the minutes are over, or earlier with `jit deactivate`.",
        k_words,
        k_words_help,
        {{"jit activate \"Prod DB Admin\" -m 60", "an hour of access"},
         {"jit activate -e \"AWS Production/Reporting Reader\" --until 17:30 --wait",
          "usable when this returns"},
         {"jit activate -e c0ffee00-0000-4000-8000-000000000001 -m 15 -o json | jq -r .expiresAt",
          "when it ends, for a script"},
         {"jit activate -e \"Prod DB Admin\" -e \"Kubernetes Cluster Admin\" -m 60 --all-or-nothing",
          "both, or none of them"},
         {"jit activate --from-file team.txt -m 60 -o jsonl", "many, one a line"},
         {"jit activate \"Prod DB Admin\" -m 60 --dry-run", "what would be sent"}},
        [](OptionSet& set) -> Run {
            auto options = std::make_shared<OperationOptions>();
            declare_operation(set, *options, "how many minutes (default: alias, defaults.minutes)",
                              "it is usable", true);
            declare_ready(set, options->readiness);
            options->can_be_ready = true;
            declare_confirm(set, options->confirm);
            return [options](access::Context& context, const std::vector<std::string>& words) {
                return run_operation(context, sailpoint::Operation::activate, *options, words);
            };
        },
        {k_length_details, k_wait_details, k_ready_details, k_many_details, k_undo_details,
         k_confirm_details},
        {Completes::Kind::entitlements},
        Offered::available,
    };
    command.changes = true;
    command.fields = [] { return result_field_names(sailpoint::Operation::activate); };
    command.code_tells = true;
    return command;
}

} // namespace jit::commands
