#include "commands/confirm.hpp"

#include "commands/registry.hpp"
#include "io/prompt.hpp"
#include "util/child.hpp"
#include "util/text.hpp"

#include <chrono>
#include <string_view>

namespace jit::commands {
namespace {

using sailpoint::Operation;

constexpr std::chrono::minutes k_patience{10}; ///< with a person who is asked
constexpr const char* k_nothing_sent = "; nothing was sent";

std::string minute_words(std::int32_t minutes) {
    return concat({std::to_string(minutes), minutes == 1 ? " minute" : " minutes"});
}

bool is_yes(std::string_view answer) {
    const std::string word = to_lower(trim(answer));
    return word == "y" || word == "yes";
}

Error declined() {
    return Error{ErrorKind::declined, concat({"the question was not answered with yes", k_nothing_sent})};
}

Error interrupted() {
    return Error{ErrorKind::interrupted, concat({"interrupted at the question", k_nothing_sent})};
}

/// Asks by a program, as ssh does: its code 0 is yes, unless it prints another word.
Result<void> ask_program(access::Context& context, const std::string& program, const std::string& question) {
    constexpr std::size_t k_max_answer = 4096;
    const auto end = run_program({{program, question},
                                  {k_patience, k_max_answer},
                                  Terminal::taken,
                                  Captured::standard,
                                  config::credential_variables(),
                                  {{"SSH_ASKPASS_PROMPT", "confirm"}}},
                                 context.interrupt());
    if (!end) {
        return usage_error(concat({end.error().message, ", so nobody can be asked", k_nothing_sent}),
                           "see JIT_ASKPASS and SSH_ASKPASS");
    }
    if (end->kind == ChildEnd::Kind::interrupted || context.interrupted()) {
        return interrupted();
    }
    const std::string_view answer = trim(end->output.reveal());
    const bool yes = end->kind == ChildEnd::Kind::exited && end->number == 0;
    return yes && (answer.empty() || is_yes(answer)) ? Result<void>() : declined();
}

} // namespace

void declare_confirm(OptionSet& set, bool& confirm) {
    set.flag("--confirm", confirm, "ask before anything is sent").in(k_request_group);
}

Question::Question(const access::Context& context, bool always)
    : wanted_(always || context.loaded_settings()->confirm) {}

void Question::add(const access::TargetResult& result) {
    if (!result.request || result.request->operation == Operation::deactivate) {
        return;
    }
    wanted_ = wanted_ || result.target.confirm;
    constexpr std::size_t k_most_lines = 20;
    if (++count_ <= k_most_lines) {
        first_.push_back(result);
    }
}

std::string Question::text(access::Context& context) const {
    access::EntitlementNames names(context);
    std::vector<std::string> lines;
    for (const access::TargetResult& result : first_) {
        const bool extend = result.request->operation == Operation::extend;
        std::string line = concat({extend ? "Extend " : "Activate ", names.of(result.target)});
        if (result.target.entry && !result.target.entry->source.empty()) {
            line += concat({" on ", result.target.entry->source});
        }
        line += concat({extend ? " by " : " for ", minute_words(result.request->minutes)});
        line = context.console().safe(line);
        lines.push_back(context.console().charset() == io::Charset::ascii ? to_ascii(line) : line);
    }
    if (count_ == 1) {
        return lines.front() + "?";
    }
    std::string text;
    for (const std::string& line : lines) {
        text += concat({line, "\n"});
    }
    if (count_ > lines.size()) {
        text += concat({"and ", std::to_string(count_ - lines.size()), " more\n"});
    }
    return concat({text, "Send these ", std::to_string(count_), " requests?"});
}

Result<void> Question::ask(access::Context& context) const {
    if (context.never_asks()) {
        return usage_error(
            concat({"a person has to confirm this, and --non-interactive forbids asking", k_nothing_sent}));
    }
    auto answer = io::ask_terminal(context.interrupt(), concat({text(context), " [y/N] "}));
    if (!answer) {
        return answer.error().kind == ErrorKind::interrupted ? interrupted() : std::move(answer).error();
    }
    if (*answer) {
        return is_yes((*answer)->reveal()) ? Result<void>() : declined();
    }
    for (const char* const name : {"JIT_ASKPASS", "SSH_ASKPASS"}) {
        if (const auto program = context.environment()(name)) {
            return ask_program(context, *program, text(context));
        }
    }
    return usage_error(
        concat({"a person has to confirm this, and there is no terminal to ask on", k_nothing_sent}),
        "run it at a terminal, or name a program that asks in JIT_ASKPASS");
}

Result<Turn> take_turn(access::Context& context) {
    Turn turn;
    const auto path = context.cache_file("confirm");
    if (!path || path->empty()) {
        return turn;
    }
    auto lock = FileLock::acquire(*path + ".lock", context.clock(), k_patience, [&turn, &context] {
        if (!turn.waited) {
            context.log().note("another jit is asking a question; waiting for its answer");
        }
        turn.waited = true;
        return false;
    });
    if (!lock && lock.error().kind == ErrorKind::interrupted) {
        return interrupted();
    }
    if (!lock) {
        context.log().info(concat({"asks without a lock: ", lock.error().message}));
        return turn;
    }
    if (!*lock) {
        return usage_error(
            concat({"another jit has been waiting for an answer for 10 minutes", k_nothing_sent}),
            "answer its question, or end it");
    }
    turn.lock = *std::move(lock);
    return turn;
}

} // namespace jit::commands
