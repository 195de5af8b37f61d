#include "commands/output.hpp"
#include "commands/registry.hpp"
#include "sailpoint/client.hpp"
#include "util/text.hpp"

namespace jit::commands {
namespace {

std::string minutes(const std::string& value) {
    return value.empty() ? "not set" : value + " min";
}

Fields fields() {
    return {{{"maxActivationPeriodMins"},
             {"maxActivationPeriodExtensionMins"},
             {"defaultMaxActivationPeriodMins"},
             {"defaultMaxActivationPeriodExtensionMins"},
             {"applyToFutureAssignments"},
             {"notificationTemplate"},
             {"notificationRecipients"},
             {"entitlementIds"}},
            {}};
}

Result<void> run(access::Context& context) {
    JIT_TRY(const config::Settings* const settings, context.settings());
    JIT_TRY(sailpoint::Client* const client, context.client());
    JIT_TRY(const sailpoint::Policy policy, client->policy());
    if (settings->output.value != config::OutputFormat::table || !context.view().columns.empty()) {
        return print_one(context, fields(),
                         {policy.raw,
                          {},
                          {policy.max_activation, policy.max_extension, policy.default_activation,
                           policy.default_extension, policy.future_assignments, policy.template_name,
                           join(policy.recipients), join(policy.entitlements)}});
    }
    return context.console().result(
        table_text(context, {{"LIMIT"}, {"VALUE", io::Yields::shortened}},
                   {{"longest activation", minutes(policy.max_activation)},
                    {"longest extension", minutes(policy.max_extension)},
                    {"activation offered by default", minutes(policy.default_activation)},
                    {"extension offered by default", minutes(policy.default_extension)},
                    {"applies to future assignments", policy.future_assignments == "true" ? "yes" : "no"},
                    {"notification template", policy.template_name},
                    {"notified", join(policy.recipients)},
                    {"entitlements it governs", std::to_string(policy.entitlements.size())}}));
}

} // namespace

Command policy() {
    Command command = {
        "policy",
        "Show the tenant's limits",
        "How long access may last, and how much it may be extended. Only policy administrators may read the "
        "policy; others learn a limit when the service refuses a request that exceeds it.",
        "",
        "",
        {{"jit policy", "the limits"}, {"jit policy -o json | jq .maxActivationPeriodMins", "one of them"}},
        [](OptionSet&) -> Run {
            return [](access::Context& context, const std::vector<std::string>&) { return run(context); };
        },
    };
    command.fields = [] { return names_of(fields()); };
    return command;
}

} // namespace jit::commands
