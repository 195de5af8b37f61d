#pragma once

#include "cli/run.hpp"
#include "cli/tree.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace jit::cli {

/// What may stand at a place of the command line.
struct Completion {
    enum class Kind { words, files, programs };
    struct Candidate {
        std::string word;
        std::string description = {};
    };
    Kind kind = Kind::words;
    std::vector<Candidate> candidates = {}; ///< of `words`, those that fit to what was typed
    bool stale = false;                     ///< names were asked for, and what is known of them is old
};

/// How a candidate may fit to what was typed: as its beginning (in any case, where none has that very
/// beginning), or anywhere in it.
enum class Fit { beginning, anywhere };

/// Completes the word `current` behind the words before it: from the tree, from the configuration files and
/// from what earlier runs kept. Makes no request and fails at nothing: what cannot be known is not offered.
/// `context` is made by it, with the global options that stand in the line.
[[nodiscard]] Completion complete(CommandTree& tree, std::optional<access::Context>& context,
                                  const ProcessContext& process, const std::vector<std::string>& words,
                                  const std::string& current, Fit fit);

/// The first word of a command line that a shell asks with: `jit __complete SHELL …`.
inline constexpr std::string_view k_complete = "__complete";

/// Answers a shell, and has names that are old read again in the background. The rest of `words` is
/// "bash" COMP_WORDBREAKS LINE-UP-TO-THE-CURSOR, or "zsh" or "fish" and the words up to the cursor. Prints
/// "words", "files" or "programs", then the candidates, one a line: for bash what to put in, for the others a
/// tab and the description behind it (for zsh: all that it is to show).
void answer_shell(const std::vector<std::string>& words, ProcessContext& process);

} // namespace jit::cli
