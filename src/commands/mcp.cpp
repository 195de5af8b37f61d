#include "mcp/session.hpp"

#include "commands/registry.hpp"
#include "util/program.hpp"
#include "util/text.hpp"

#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace jit::commands {
namespace {

Result<void> read_confirm(mcp::Options& options, const std::string& word) {
    if (word == "askpass") {
        options.confirm = mcp::Confirm::askpass;
    } else if (word == "elicit") {
        options.confirm = mcp::Confirm::elicit;
    } else if (word == "none") {
        options.confirm = mcp::Confirm::none;
    } else {
        return usage_error(concat({"--confirm: \"", word, "\" is not askpass, elicit or none"}));
    }
    return {};
}

/// This program, with the options that each of its commands gets.
std::vector<std::string> own_command(const access::Context& context) {
    const access::GlobalOptions& options = context.options();
    std::vector<std::string> words = {own_program()};
    const auto add = [&words](const char* name, const std::optional<std::string>& value) {
        if (value) {
            words.push_back(concat({name, "=", *value}));
        }
    };
    add("--env", options.overrides.environment);
    add("--base-url", options.overrides.base_url);
    add("--config", options.overrides.config_file);
    add("--ca-file", options.ca_file);
    add("--timeout", std::to_string(options.timeout));
    add("--connect-timeout", std::to_string(options.connect_timeout));
    add("--retries", std::to_string(options.retries));
    add("--max-wait", std::to_string(options.max_wait));
    if (options.no_cache) {
        words.emplace_back("--no-cache");
    }
    return words;
}

Result<void> run(access::Context& context, const mcp::Options& options) {
    if (auto settings = context.settings(); !settings) {
        return std::move(settings).error();
    }
    return mcp::Session(options, own_command(context), context.log(), context.interrupt(), context.clock())
        .run();
}

} // namespace

Command mcp() {
    return {
        "mcp",
        "Serve agents by the Model Context Protocol",
        "jit serves an agent on standard input and output, with limits that the agent cannot change. This "
        "does not protect from an agent that also has a shell and your account: that agent can run jit "
        "itself. Without --allow, the agent can only read. jit ends the access that the agent activated "
        "when the session ends.",
        "",
        "",
        {{"jit mcp", "a server that only reads"},
         {"jit mcp --allow \"Prod DB Admin\" --max-minutes 60",
          "at most an hour of this entitlement, after a person says yes"}},
        [](OptionSet& set) -> Run {
            auto options = std::make_shared<mcp::Options>();
            constexpr const char* k_group = "Limits";
            set.repeatable("--allow", options->allowed,
                           "what may be activated, extended and ended; repeatable")
                .takes("ENTITLEMENT", {Completes::Kind::entitlements})
                .in(k_group);
            set.whole_number("--max-minutes", options->max_minutes, 1,
                             std::numeric_limits<std::int32_t>::max(),
                             "of each entitlement in the session (default: 30)")
                .takes("N")
                .in(k_group);
            const auto confirm = [options](const std::string& word) { return read_confirm(*options, word); };
            set.text("--confirm", confirm, "who says yes: askpass (default), elicit or none")
                .takes("HOW", {Completes::Kind::choices, {"askpass", "elicit", "none"}})
                .in(k_group);
            set.duration("--end-timeout", options->end_timeout,
                         "how long to try to end access (default: 30s)")
                .in(k_group);
            return [options](access::Context& context, const std::vector<std::string>&) {
                return run(context, *options);
            };
        },
        {"The tools are `list`, `status`, `history`, and with `--allow` also `activate`, `extend` and "
         "`deactivate`. `--max-minutes` limits the sum of all minutes of an entitlement in a session, "
         "extends included. The protocol revisions are 2025-11-25 and 2025-06-18.",
         "With `--confirm` `askpass`, the program in JIT_ASKPASS or SSH_ASKPASS asks a person before access "
         "is started or extended; without such a program, nothing is sent. With `elicit`, the client asks "
         "its user; a client that cannot do that gets an error. With `none`, nobody is asked.",
         "The session ends at the end of input, by SIGTERM, SIGINT or SIGHUP, or when the client is gone. jit "
         "then ends the access that the session started, and tries for `--end-timeout`. If some of it may "
         "still be active, the exit code is 9 and the message has the command that ends it. If SIGKILL ends "
         "jit, the access lasts until its minutes are over.",
         "A result is the JSON of the command of the same name, as `structuredContent` and as text; an error "
         "is its JSON error with `isError`. Text from the service is data: it is marked as such, and it has "
         "no control characters. All requests have the requestOrigin `mcp`."},
    };
}

} // namespace jit::commands
