#pragma once

#include "access/context.hpp"
#include "access/target_result.hpp"
#include "commands/options.hpp"
#include "util/private_file.hpp"
#include "util/result.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace jit::commands {

/// Adds --confirm.
void declare_confirm(OptionSet& set, bool& confirm);

/// The question whether to send what starts or extends access. It is wanted where --confirm, the environment
/// or the alias of one of the targets says so, and something would be sent.
class Question {
public:
    /// `always`: --confirm. The settings were loaded.
    Question(const access::Context& context, bool always);

    /// Adds the request of a target, if it has one.
    void add(const access::TargetResult& result);

    [[nodiscard]] bool is_wanted() const { return wanted_ && count_ > 0; }

    /// What is asked: one line where one request would be sent, else a line for each of the first ones too.
    [[nodiscard]] std::string text(access::Context& context) const;

    /// Asks on the terminal, or by JIT_ASKPASS or SSH_ASKPASS where there is none. An error of the kind
    /// `declined` for anything but yes; code 2 where nobody can be asked, 130 on an interrupt.
    [[nodiscard]] Result<void> ask(access::Context& context) const;

private:
    std::vector<access::TargetResult> first_; ///< the requests that are listed
    std::size_t count_ = 0;
    bool wanted_;
};

/// The right to ask: one run of a person has it at a time, until it has sent what was confirmed.
struct Turn {
    std::optional<FileLock> lock; ///< empty where no file can be locked
    bool waited = false;          ///< another run had it before, which may have changed the state
};

/// Waits while another run asks. Code 2 where that takes too long, 130 on an interrupt.
[[nodiscard]] Result<Turn> take_turn(access::Context& context);

// Paragraph of the manual pages.
inline constexpr const char* k_confirm_details =
    "With `--confirm`, or `confirm: true` of the environment or of an alias, jit asks one question before "
    "it sends a request that starts or extends access. If it would send nothing, it asks nothing. It asks "
    "at the terminal, even if standard input is redirected. Without a terminal it runs the program in "
    "`JIT_ASKPASS` or `SSH_ASKPASS` with the question as its argument; exit code 0 means yes. Any other "
    "answer ends with code 5, kind `declined`. If nobody can be asked, as with `--non-interactive`, the "
    "code is 2. The question protects against accidents of scripts and tools. It does not protect against "
    "an attacker who has your account.";

} // namespace jit::commands
