#pragma once

#include "access/context.hpp"
#include "commands/options.hpp"
#include "commands/output.hpp"
#include "util/result.hpp"

#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace jit::commands {

/// Carries a command out, with the options that its declaration bound and the words of the command line that
/// belong to no option.
using Run = std::function<Result<void>(access::Context& context, const std::vector<std::string>& words)>;

/// A line that can be typed, and what it does.
struct Example {
    std::string_view line;
    std::string_view what;
};

/// Which of my entitlements shells offer where one is named.
enum class Offered { all, available, active };

/// All that the program knows of a command: the parser, the help, the manual pages, the completions and the
/// dispatcher are made from it.
struct Command {
    std::string_view name;        ///< "activate"; "auth login": `login` of the group `auth`
    std::string_view purpose;     ///< one line, as the list of commands shows it
    std::string_view description; ///< more, for its own help; may be empty
    std::string_view words;       ///< what its words are called: "ENTITLEMENT"; empty: it takes none
    std::string_view words_help;
    std::vector<Example> examples;
    /// Adds its options to the set. What it returns owns them and is called after the parse, at
    /// most once.
    std::function<Run(OptionSet& set)> declare;
    /// What only its manual page has room for, a paragraph each. `…` is what one types or reads.
    std::vector<std::string_view> details = {};
    Completes words_complete = {}; ///< what shells offer for its words
    Offered offered = Offered::all;
    /// Its words are a program and the arguments of that: from the first on, none is an option of `jit`. Its
    /// exit code is the program's, so a failure of `jit` itself is code 125.
    bool runs_program = false;
    std::vector<std::string_view> notes = {}; ///< what else its help tells, behind the options
    /// What it did stays done when its result cannot be printed, so it says so, where one that only reads
    /// ends without a word: `jit list | head -1`.
    bool changes = false;
    /// Its exit code tells all that a script must know: --quiet leaves out its table.
    bool code_tells = false;
    FieldNames (*fields)() = nullptr; ///< of its results; null where one cannot choose from them
    std::string_view section = {};    ///< the title that the list of commands has it under
    /// Options that people try and it does not have, and a hint for each.
    std::vector<std::pair<std::string_view, std::string_view>> not_options = {};
};

/// The first word of commands that have two.
struct Group {
    std::string_view name;
    std::string_view purpose;
};

/// Every group. All commands whose first word is its name are of it.
[[nodiscard]] const std::vector<Group>& groups();

[[nodiscard]] bool is_of(const Command& command, const Group& group);

/// The command that a word of another tool stands for: "deactivate" for "revoke"; empty for others.
[[nodiscard]] std::string_view meant_by(std::string_view word);

/// The group of options, in the help, that the words are listed with.
inline constexpr const char* k_words_group = "Target";

/// The group of options that shape the request.
inline constexpr const char* k_request_group = "Request";

/// Every command, in the order that the help lists them.
[[nodiscard]] const std::vector<Command>& all();

} // namespace jit::commands
