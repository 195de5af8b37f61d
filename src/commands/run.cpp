#include "access/lease.hpp"
#include "access/release.hpp"
#include "access/variables.hpp"
#include "commands/confirm.hpp"
#include "commands/ensure.hpp"
#include "commands/registry.hpp"
#include "sailpoint/codec.hpp"
#include "util/exit_code.hpp"
#include "util/foreground.hpp"
#include "util/process.hpp"
#include "util/program.hpp"
#include "util/text.hpp"

#include <algorithm>
#include <csignal>
#include <memory>

namespace jit::commands {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

/// How long the program has after a request to end, before the next step.
constexpr seconds k_grace{10};

struct Options {
    EnsureOptions access;
    bool keep_alive = false;
    seconds max_total = std::chrono::hours(8);
    bool terminate = false; ///< the program when access expires
    bool leave = false;
    bool keep_credentials = false;
    seconds end_timeout{30};
};

/// What this run started, or may have: what it found active belongs to somebody else.
std::vector<access::Grant> started_here(const std::vector<access::TargetResult>& results) {
    std::vector<access::Grant> started;
    for (const access::TargetResult& result : results) {
        const bool activated = result.request && result.request->operation == sailpoint::Operation::activate;
        // What has failed may become usable all the same.
        const bool lost = result.error && result.error->uncertain;
        if (activated && (result.answer || lost)) {
            started.push_back(
                {result.target, access::end_of(result), access::started_at(result), !result.error});
        }
    }
    return started;
}

class Session {
public:
    Session(access::Context& context, const Options& options, std::vector<access::TargetResult>& results)
        : context_(context), options_(options), started_(started_here(results)) {}

    /// Runs the program to its end, and looks after the access meanwhile. Its exit code.
    Result<int> run_program(const std::string& file, const std::vector<std::string>& words,
                            const std::vector<std::string>& environment, std::vector<access::Lease>& leases) {
        Foreground program(context_.interrupt());
        if (auto running = program.start(file, words, environment); !running) {
            return std::move(running).error();
        }
        context_.log().release(); // the program writes to stderr, too, and a warning must not come too late
        std::optional<Deadline> end_at;  ///< of access, where the program does not end by itself
        std::optional<Deadline> kill_at; ///< of the program
        bool stopping = false;
        bool terminated = false;
        for (;;) {
            context_.interrupt().clear(); // before the looks: what comes later ends the sleep
            if (const auto code = program.exit_code()) {
                return *code;
            }
            if (program.asked_to_stop() && !stopping) {
                stopping = true;
                end_at.emplace(context_.clock(), k_grace);
                leases.clear();
            }
            if (end_at && end_at->is_over()) {
                end_at.reset();
                if (started_.empty() || options_.leave) {
                    continue;
                }
                context_.log().warn(concat({words.front(), " has not ended; its access ends now"}));
                if (const auto ended = end(); !ended) {
                    context_.log().warn(ended.error().message);
                }
                continue;
            }
            if (kill_at && kill_at->is_over()) {
                program.send(SIGKILL);
                kill_at.reset();
            }
            milliseconds pause =
                std::chrono::minutes(1); // the machine may sleep meanwhile, or its clock be set
            for (const auto& deadline : {end_at, kill_at}) {
                pause = deadline ? std::min(pause, deadline->left()) : pause;
            }
            for (access::Lease& lease : leases) {
                if (lease.due() && *lease.due() <= context_.service_now()) {
                    lease.act();
                    if (lease.is_over()) {
                        tell_over(lease, words.front());
                        if (options_.terminate && !terminated) {
                            terminated = true;
                            program.send(SIGTERM);
                            program.send(SIGCONT);
                            kill_at.emplace(context_.clock(), k_grace);
                        }
                    }
                    pause = milliseconds(0);
                } else if (lease.due()) {
                    pause = std::min(pause, *lease.due() - context_.service_now());
                }
            }
            (void)context_.clock().sleep(std::max(pause, milliseconds(1)));
        }
    }

    /// Ends what was started, unless it is over.
    Result<void> end() {
        return access::release(context_, options_.access.operation.request, started_, options_.end_timeout);
    }

    [[nodiscard]] bool has_started() const { return !started_.empty(); }

private:
    void tell_over(const access::Lease& lease, const std::string& program) {
        context_.log().warn(concat({"access to ", lease.target().title(), " has ended; ", program,
                                    options_.terminate ? " is ended" : " goes on without it"}));
        for (access::Grant& held : started_) {
            // What is active there later is somebody else's.
            const bool same = held.target.connection == lease.target().connection;
            held.ended = held.ended || (same && lease.is_seen_over());
        }
    }

    access::Context& context_;
    const Options& options_;
    std::vector<access::Grant> started_;
};

std::vector<access::Lease> make_leases(access::Context& context, const Options& options,
                                       const std::vector<access::TargetResult>& results) {
    std::optional<TimePoint> keep_until;
    if (options.keep_alive) {
        keep_until = context.service_now() + options.max_total;
    }
    std::vector<access::Lease> leases;
    for (const access::TargetResult& result : results) {
        // Nothing where --until has passed meanwhile: then there is nothing to keep alive, either.
        const auto minutes = minutes_for(context, options.access.operation.length, result.target);
        leases.emplace_back(context, options.access.operation.request, result.target, access::end_of(result),
                            minutes ? *minutes : 0, minutes ? keep_until : std::nullopt);
    }
    return leases;
}

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
void warn_of_the_token(access::Context& context, const Options& options,
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
        last = std::max(*last, context.service_now() + options.max_total);
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

Result<void> run_with_access(access::Context& context, const Options& options, const std::string& file,
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
    Session session(context, options, results);
    std::optional<int> code;
    if (!problem) {
        auto leases = make_leases(context, options, results);
        if (!options.leave || options.keep_alive) {
            warn_of_the_token(context, options, results);
        }
        std::vector<std::string_view> without;
        if (!options.keep_credentials) {
            without = config::credential_variables();
        }
        set_cloexec_except(descriptors);
        const auto ended =
            session.run_program(file, words,
                                program_environment(inherited_environment(), without,
                                                    access::variables_of(context.console(), results)),
                                leases);
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
        context.log().info("access was ended");
        if (problem) {
            problem->message += "; access was ended";
        }
    }
    if (problem) {
        return stopped(context, *std::move(problem), signal);
    }
    context.interrupt().clear();
    context.set_exit_code(*code);
    return {};
}

Result<void> run(access::Context& context, const Options& options, const std::vector<std::string>& words) {
    const std::vector<int> descriptors = open_descriptors(); // those that the program inherits
    if (words.empty()) {
        return usage_error("the command to run is missing", "jit run -e ENTITLEMENT -m MINUTES -- COMMAND");
    }
    // An unknown command is not to cost an activation.
    auto file = find_program(words.front(), context.environment()("PATH").value_or("/usr/bin:/bin"));
    if (!file && options.access.operation.entitlements.empty()) {
        file.error().hint = "an entitlement is named by -e: jit run -e ENTITLEMENT -m MINUTES -- COMMAND";
    }
    if (!file) {
        return std::move(file).error();
    }
    context.interrupt().defer_exit();
    return run_with_access(context, options, *file, words, descriptors);
}

} // namespace

Command run() {
    Command command = {
        "run",
        "Have access exactly as long as a command runs",
        "Activates what is not active yet, waits until it is usable, runs COMMAND at the terminal as if jit "
        "were "
        "not there, and ends what it activated, however COMMAND ends. What was active before stays so. The "
        "exit "
        "code is COMMAND's: 128+N where signal N ended it.",
        "COMMAND",
        "the program to run, with its arguments: from the first word on that is no option, or from -- on",
        {{"jit run -e \"Prod DB Admin\" -m 30 -- psql -h db.example", "access while psql runs"},
         {"jit run -e \"Prod DB Admin\" -m 10 --keep-alive --on-expiry terminate -- ./deploy.sh",
          "however long it takes, and twelve minutes at most if this machine dies"}},
        [](OptionSet& set) -> Run {
            auto options = std::make_shared<Options>();
            set.repeatable("-e,--entitlement", options->access.operation.entitlements,
                           "its name, SOURCE/NAME, an alias, or its connection ID; may be repeated")
                .takes("ENTITLEMENT", {Completes::Kind::entitlements})
                .in(k_words_group);
            declare_ensure(set, options->access);
            constexpr const char* k_while = "While it runs";
            constexpr const char* k_after = "Afterwards";
            set.flag("--keep-alive", options->keep_alive,
                     "extend, by the same minutes, when less than a fifth or two minutes are left")
                .in(k_while);
            set.duration("--max-total", options->max_total,
                         "the longest that --keep-alive makes it in all (default: 8h)")
                .in(k_while);
            const auto read_expiry = [options](const std::string& word) -> Result<void> {
                if (word != "warn" && word != "terminate") {
                    return usage_error(concat({"--on-expiry: \"", word, "\" is not warn or terminate"}));
                }
                options->terminate = word == "terminate";
                return {};
            };
            set.text("--on-expiry", read_expiry,
                     "when access ends first: warn, or terminate COMMAND by "
                     "SIGTERM, and 10 s later SIGKILL (default: "
                     "warn)")
                .takes("WHAT", {Completes::Kind::choices, {"warn", "terminate"}})
                .in(k_while);
            set.flag("--keep-credentials", options->keep_credentials,
                     "leave SAIL_CLIENT_ID, SAIL_CLIENT_SECRET and SAIL_ACCESS_TOKEN in its environment")
                .in(k_while);
            set.flag("--leave", options->leave, "do not end the access").in(k_after);
            set.duration("--end-timeout", options->end_timeout,
                         "the longest to try to end the access (default: 30s)")
                .in(k_after);
            return [options](access::Context& context, const std::vector<std::string>& words) {
                return run(context, *options, words);
            };
        },
        {k_length_details, k_ready_details, k_confirm_details,
         "What `--keep-alive` adds later is not asked for again."},
        {Completes::Kind::program},
        Offered::all,
        true,
        {"COMMAND finds JIT_ENTITLEMENT, JIT_CONNECTION_ID, JIT_ACTIVATION_ID and JIT_EXPIRES_AT (as "
         "it was at the start) in its environment: a line for each entitlement, in the order of -e; "
         "empty where it is not known.",
         "Ctrl-C and Ctrl-Z are COMMAND's. Other signals are passed on to it; where it has not ended 10 s "
         "after one that asks to end (SIGTERM, SIGHUP, an alarm), its access ends all the same. While "
         "access is being ended, the second Ctrl-C gives up, and no other signal does.",
         "Nothing can end access when jit itself is killed by SIGKILL, or the machine dies: then it "
         "lasts until its minutes are over. Keep -m small, and let --keep-alive add to it. What "
         "COMMAND leaves running in the background loses the access with it."},
    };
    command.changes = true;
    return command;
}

} // namespace jit::commands
