#include "access/variables.hpp"
#include "commands/confirm.hpp"
#include "commands/ensure.hpp"
#include "commands/registry.hpp"
#include "commands/run_session.hpp"
#include "sailpoint/codec.hpp"
#include "util/exit_code.hpp"
#include "util/process.hpp"
#include "util/program.hpp"
#include "util/text.hpp"

#include <algorithm>
#include <cctype>
#include <memory>
#include <unistd.h>

namespace jit::commands {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

/// The first error; none where all is had.
std::optional<Error> problem_of(const std::vector<access::TargetResult>& results) {
    for (const access::TargetResult& result : results) {
        if (result.error) {
            return result.error;
        }
    }
    return std::nullopt;
}

/// Says so where the token is a given one, so that no other follows, and expires before the access does.
void warn_of_the_token(access::Context& context, RunOptions& options,
                       const std::vector<access::TargetResult>& results) {
    const auto& given = context.loaded_settings()->access_token;
    const auto claims = given ? sailpoint::decode_claims(given->value) : std::nullopt;
    if (!claims || !claims->expires) {
        return;
    }
    std::optional<TimePoint> last;
    for (const access::Grant& held : started_here(results)) {
        last = std::max(last, held.expires);
    }
    if (last && options.keep_alive) {
        last = std::max(*last, context.service_now() + *options.total());
    }
    if (last && *claims->expires < *last) {
        context.log().warn(
            concat({"the token in ", given->origin.where, " expires ",
                    relative_words(*claims->expires, context.service_now()),
                    ", before the access does: from then on jit can neither end nor extend it; ",
                    "with a personal access token it could"}));
    }
}

/// An error after which no access is left on: where a signal was the reason, the exit code says which one.
Error stopped(access::Context& context, Error error, int signal) {
    if (error.kind == ErrorKind::interrupted && signal != 0) {
        context.set_exit_code(k_ended_by_signal + signal);
    }
    return error;
}

/// What marks a prompt: the entitlements, and those of the shell that this one is in. Shells may read a
/// prompt as a program, so no character means anything to them.
std::string prompt_mark(access::Context& context, const std::vector<access::TargetResult>& results) {
    std::string mark = context.environment()("JIT_PROMPT").value_or("");
    for (const access::TargetResult& result : results) {
        mark += concat({mark.empty() ? "" : ", ", result.target.title()});
    }
    constexpr int k_longest = 60;
    mark = shorten(context.console().safe(mark), k_longest);
    static constexpr std::string_view k_plain = " ,.:;_-/@()[]+=#";
    std::replace_if(
        mark.begin(), mark.end(),
        [](char c) {
            const auto byte = static_cast<unsigned char>(c);
            return byte < 0x80 && std::isalnum(byte) == 0 && k_plain.find(c) == std::string_view::npos;
        },
        '_');
    return mark;
}

/// The environment of the program.
std::vector<std::string> environment_of(access::Context& context, RunOptions& options,
                                        const std::vector<access::TargetResult>& results) {
    std::vector<std::string_view> without;
    if (!options.keep_credentials) {
        without = config::credential_variables();
    }
    Variables variables = access::variables_of(context.console(), results);
    variables.emplace_back("JIT_PROMPT", prompt_mark(context, results));
    return program_environment(inherited_environment(), without, variables);
}

/// The shell to start if no program is named.
Result<std::vector<std::string>> shell(access::Context& context) {
    if (isatty(STDIN_FILENO) != 1) {
        return usage_error(
            "say which command to run: without one jit starts a shell, and standard input is no terminal",
            "jit run -e ENTITLEMENT -m MINUTES -- COMMAND");
    }
    if (const auto outer = context.environment()("JIT_PROMPT"); outer && !outer->empty()) {
        context.log().note(concat({"this shell is inside another one of jit run: ", *outer}));
    }
    const auto named = context.environment()("SHELL");
    return std::vector<std::string>{named && !named->empty() ? *named : "/bin/sh"};
}

Result<void> run_with_access(access::Context& context, RunOptions& options, const std::string& file,
                             const std::vector<std::string>& words, const std::vector<int>& descriptors) {
    auto found = find_ensured(context, options.access, options.access.operation.entitlements);
    if (!found) {
        return stopped(context, std::move(found).error(), context.interrupt().signal());
    }
    std::vector<access::TargetResult> results = *std::move(found);
    if (auto done = ensure_access(context, options.access, results); !done) {
        return stopped(context, std::move(done).error(), context.interrupt().signal());
    }
    auto problem = problem_of(results);
    if (options.access.operation.dry_run) {
        return problem ? stopped(context, *problem, context.interrupt().signal())
                       : print_dry_run(context, results);
    }
    if (!problem && context.interrupted()) {
        problem =
            Error{ErrorKind::interrupted, concat({"interrupted before ", words.front(), " was started"})};
    }
    RunSession session(context, options, results);
    std::optional<int> code;
    if (!problem) {
        if (!options.leave || options.keep_alive) {
            warn_of_the_token(context, options, results);
        }
        set_cloexec_except(descriptors);
        session.tell_beginning();
        const auto ended = session.run_program(file, words, environment_of(context, options, results));
        if (ended) {
            code = *ended;
        } else {
            problem = ended.error();
        }
    }
    const int signal = context.interrupt().signal(); // the end of access starts anew with signals
    const bool leave = options.leave && code;
    if (session.has_started() && !leave) {
        if (auto ended = session.end(); !ended) {
            Error error = std::move(ended).error();
            error.message +=
                problem ? concat({" (before: ", problem->message, ")"})
                        : concat({" (", words.front(), " has ended with code ", std::to_string(*code), ")"});
            return error;
        }
        if (problem) {
            problem->message += "; access was ended";
        }
    }
    session.tell_left_on();
    if (problem) {
        return stopped(context, *std::move(problem), signal);
    }
    context.interrupt().clear();
    context.set_exit_code(*code);
    return {};
}

Result<void> run(access::Context& context, RunOptions& options, std::vector<std::string> words) {
    const std::vector<int> descriptors = open_descriptors(); // those that the program inherits
    if (words.empty()) {
        JIT_TRY(words, shell(context));
    }
    if (auto good = check_command(context, "--on-warn", options.warn.command); !good) {
        return good;
    }
    // An unknown command is not to cost an activation.
    auto file = find_command(context, words.front());
    if (!file && options.access.operation.entitlements.empty()) {
        file.error().message = concat(
            {"there is no program \"", words.front(), "\"; if that is an entitlement, name it with -e"});
        file.error().hint = concat({"jit run -e ", quote(words.front()), " -m MINUTES -- COMMAND"});
    }
    if (!file) {
        return std::move(file).error();
    }
    context.interrupt().defer_exit();
    return run_with_access(context, options, *file, words, descriptors);
}

// Paragraphs of the manual page.
constexpr const char* k_keep_alive_details =
    "`--keep-alive` extends access by the same minutes when less than a fifth of them, or two minutes, are "
    "left. `--confirm` asks no question for that. With it, `--max-total` is 8 hours by default; without it, "
    "there is no limit.";
constexpr const char* k_expiry_details =
    "With `--on-expiry` `terminate`, COMMAND gets SIGTERM when its access ends, and SIGKILL 10 s later. "
    "COMMAND does not get SAIL_CLIENT_ID, SAIL_CLIENT_SECRET and SAIL_ACCESS_TOKEN; `--keep-credentials` "
    "hands them over.";
constexpr const char* k_run_warn_details =
    "The default of `--warn` is 5 minutes, or a fifth if fewer than 25 were requested; 0 means never. The "
    "warning goes to stderr and to the title of the terminal. If COMMAND draws on the screen, it goes to "
    "the title only.";

} // namespace

Command run() {
    Command command = {
        "run",
        "Have access while a command or a shell runs",
        "jit activates what is not active yet, waits until it is usable, runs COMMAND at the terminal, and "
        "ends what it activated, however COMMAND ends. Access that was active before stays active. The exit "
        "code is that of COMMAND, or 128+N if signal N ended it.",
        "COMMAND",
        "the program and its arguments (default: your shell)",
        {{"jit run -e \"Prod DB Admin\" -m 30 -- psql -h db.example", "access while psql runs"},
         {"jit run -e \"Prod DB Admin\" -m 10 --keep-alive -- ./deploy.sh",
          "as long as it takes; if this machine dies, 12 minutes at most"},
         {"jit run -e \"Prod DB Admin\" -m 30", "a shell with access, until exit"}},
        [](OptionSet& set) -> Run {
            auto options = std::make_shared<RunOptions>();
            options->access.ends_access = true;
            set.repeatable("-e,--entitlement", options->access.operation.entitlements,
                           "name, SOURCE/NAME, alias or ID; repeatable")
                .takes("ENTITLEMENT", {Completes::Kind::entitlements})
                .in(k_words_group);
            declare_ensure(set, options->access);
            constexpr const char* k_while = "While it runs";
            constexpr const char* k_after = "Afterwards";
            set.flag("--keep-alive", options->keep_alive, "extend by the same minutes shortly before the end")
                .in(k_while);
            set.duration("--max-total", options->max_total,
                         "end access after this time (8h with --keep-alive)")
                .in(k_while);
            declare_warn(set, options->warn, k_while, "warn when fewer minutes are left (default: 5)");
            const auto read_expiry = [options](const std::string& word) -> Result<void> {
                if (word != "warn" && word != "terminate") {
                    return usage_error(concat({"--on-expiry: \"", word, "\" is not warn or terminate"}));
                }
                options->terminate = word == "terminate";
                return {};
            };
            set.text("--on-expiry", read_expiry, "when access ends first: warn (default) or terminate")
                .takes("WHAT", {Completes::Kind::choices, {"warn", "terminate"}})
                .in(k_while);
            set.flag("--keep-credentials", options->keep_credentials,
                     "let COMMAND have the credentials of jit")
                .in(k_while);
            set.flag("--leave", options->leave, "do not end access when COMMAND ends").in(k_after);
            set.duration("--end-timeout", options->end_timeout,
                         "how long to try to end access (default: 30s)")
                .in(k_after);
            return [options](access::Context& context, const std::vector<std::string>& words) {
                return run(context, *options, words);
            };
        },
        {k_length_details, k_remaining_details, k_ready_details, k_confirm_details, k_keep_alive_details,
         k_expiry_details, k_run_warn_details, k_warn_details},
        {Completes::Kind::program},
        Offered::all,
        true,
        {"JIT_ENTITLEMENT, JIT_CONNECTION_ID, JIT_ACTIVATION_ID and JIT_EXPIRES_AT (as it was at the start) "
         "are in the environment of COMMAND. Each has one line for each entitlement, in the order of -e; a "
         "line is empty if the value is not known. JIT_PROMPT has the entitlements on one line, for a shell "
         "prompt: put `$JIT_PROMPT` into PS1. Without COMMAND, at a terminal, jit starts $SHELL.",
         "Ctrl-C and Ctrl-Z go to COMMAND. jit passes other signals on to it. If COMMAND still runs 10 s "
         "after a signal that asks it to end (SIGTERM, SIGHUP, SIGALRM), jit ends its access anyway. While "
         "jit ends the access, a second Ctrl-C gives up; no other signal does.",
         "If SIGKILL ends jit, or the machine dies, nothing ends the access before its minutes are over. "
         "Use a small -m, and let --keep-alive add to it. A program that COMMAND leaves in the background "
         "loses the access as well."},
    };
    command.changes = true;
    command.not_options = {k_always_waits};
    return command;
}

} // namespace jit::commands
