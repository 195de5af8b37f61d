#pragma once

#include "access/batch.hpp"
#include "access/context.hpp"
#include "access/readiness.hpp"
#include "access/state_reader.hpp"
#include "access/target.hpp"
#include "access/target_list.hpp"
#include "access/target_result.hpp"
#include "commands/minutes.hpp"
#include "commands/registry.hpp"
#include "commands/result_printer.hpp"
#include "sailpoint/model.hpp"
#include "util/result.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace jit::commands {

/// Whether and how long to wait for the end of the work.
struct Waiting {
    std::optional<bool> wait = {}; ///< --wait or --no-wait; empty: as the configuration says
    std::chrono::seconds timeout{600};
};

/// What activate, extend, deactivate and ensure have in common.
struct OperationOptions {
    std::vector<std::string> entitlements; ///< those given by -e
    Length length;
    Waiting waiting;
    std::optional<std::string> from_file = {}; ///< more targets, one a line
    access::BatchOptions batch;
    bool all = false; ///< deactivate: everything that is on
    bool dry_run = false;
    bool confirm = false; ///< a person is asked before anything is sent
    access::RequestOptions request;
    access::ReadinessOptions readiness;
    bool can_be_ready = false; ///< what is asked for is access that can be shown to work
};

/// Adds `-e`.
void declare_entitlements(OptionSet& set, std::vector<std::string>& entitlements);

/// Adds --wait-timeout.
void declare_timeout(OptionSet& set, std::chrono::seconds& timeout);

/// Adds an option whose value is a command line.
Option& declare_command(OptionSet& set, const std::string& name, std::vector<std::string>& words,
                        std::string help);

/// The file of a program, by PATH: code 127 or 126 where there is none to run.
[[nodiscard]] Result<std::string> find_command(const access::Context& context, const std::string& word);

/// Code 2, "nothing was sent", where a command does not exist. `where` names the option or the file. No words
/// are fine.
[[nodiscard]] Result<void> check_command(const access::Context& context, const std::string& where,
                                         const std::vector<std::string>& words);

/// The same for the commands that will show that access works.
[[nodiscard]] Result<void> check_ready_commands(const access::Context& context,
                                                const access::ReadinessOptions& options,
                                                const std::vector<access::TargetResult>& results);

/// Adds --ready and what limits it.
void declare_ready(OptionSet& set, access::ReadinessOptions& options);

/// Adds --dry-run, --request-origin and --metadata.
void declare_request(OptionSet& set, OperationOptions& options);

/// Adds --from-file and --parallel, and --all-or-nothing where what was started can be ended.
void declare_many(OptionSet& set, OperationOptions& options, bool can_be_undone);

/// Adds all the options above but --ready; those that say how long only where `length_help` is not empty.
/// `goal` says what --wait waits for.
void declare_operation(OptionSet& set, OperationOptions& options, const std::string& length_help,
                       const std::string& goal, bool can_be_undone = false);

/// The words of -e, then those that stood by themselves.
[[nodiscard]] std::vector<std::string> all_words(const std::vector<std::string>& entitlements,
                                                 const std::vector<std::string>& words);

/// Code 2 where what is passed on in the body is not UTF-8.
[[nodiscard]] Result<void> check_texts(const OperationOptions& options);

/// Resolves the targets, sends the requests, waits where that is wanted, and prints.
[[nodiscard]] Result<void> run_operation(access::Context& context, sailpoint::Operation operation,
                                         const OperationOptions& options,
                                         const std::vector<std::string>& words);

/// What the words of such a command are.
inline constexpr const char* k_words = "ENTITLEMENT";
inline constexpr const char* k_words_help = "name, SOURCE/NAME, alias or ID; repeatable";

// Paragraphs of their manual pages.
inline constexpr const char* k_length_details =
    "One of `--minutes` (1 to 2147483647), `--duration` and `--until` says how long; otherwise the alias, "
    "or `defaults.minutes` of the configuration. `--until` takes a time of day (the next such time), or a "
    "date and time, local or with a zone.";
inline constexpr const char* k_wait_details =
    "`--wait` asks the service after one second, then less often, at most 10 s apart. It reads the history, "
    "or the list of connections if you may not read the history.";
inline constexpr const char* k_ready_details =
    "`--ready`, or `ready:` of an alias, is a command that shows by exit code 0 that the access works. The "
    "service calls access active as soon as it has granted it; some systems need minutes more. jit runs the "
    "command until it exits with 0, with pauses that grow from 2 s to 30 s. No shell reads its words. The "
    "command has no terminal, no input and no credentials of jit; JIT_ENTITLEMENT, JIT_CONNECTION_ID, "
    "JIT_ACTIVATION_ID and JIT_EXPIRES_AT are in its environment. `-v` shows its output. Access that does "
    "not work in time stays active, and the exit code is 12.";
inline constexpr const char* k_many_details =
    "jit sends several requests at a time, over one connection if the service speaks HTTP/2. A line of "
    "`--from-file` is a name, an alias, a connection ID, or a JSON object with `entitlement` and `minutes`; "
    "these minutes override the options. jit ignores blank lines and lines that begin with #. A wrong line "
    "is an error, and nothing is sent. Results come in the order of the targets; with `-o jsonl`, as they "
    "arrive. Ctrl-C stops sending and waits for replies already due; press it again to quit at once. After "
    "an interrupted run, `jit ensure` with the same file sends what is missing.";
inline constexpr const char* k_undo_details =
    "With `--all-or-nothing`, jit stops sending when a target fails, and ends what this call activated. The "
    "exit code is that of the failure, or 10 if something may still be active.";

} // namespace jit::commands
