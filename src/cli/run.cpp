#include "cli/run.hpp"

#include "base/text.hpp"
#include "base/version.hpp"
#include "cli/completion.hpp"
#include "cli/help.hpp"
#include "cli/tree.hpp"
#include "cli/usage.hpp"
#include "config/settings.hpp"
#include "sailpoint/codec.hpp"

#include <algorithm>
#include <csignal>
#include <exception>
#include <optional>

namespace jit::cli {
namespace {

/// One line that says what went wrong, and a second on what to do; or JSON for a script.
void print_error(Error error, bool as_json, const World& world, io::ColorMode color) {
    for (std::string* const text : {&error.message, &error.detail_code, &error.tracking_id}) {
        *text = world.console.safe(*text);
    }
    // A hint may have several lines, of ours: candidates, one a line.
    std::string hint;
    for (std::size_t begin = 0; begin < error.hint.size();) {
        const std::size_t end = std::min(error.hint.find('\n', begin), error.hint.size());
        hint += cat({hint.empty() ? ""
                     : as_json    ? " "
                                  : "\n     ",
                     world.console.safe(error.hint.substr(begin, end - begin))});
        begin = end + 1;
    }
    error.hint = std::move(hint);
    if (as_json) {
        world.console.message(sailpoint::encode_error(error) + "\n", io::Form::json);
        return;
    }
    const bool colored = io::use_color(color, world.console.err_device(), world.environment);
    std::string text = cat({colored ? "\x1b[31mjit:\x1b[0m " : "jit: ", error.message, "\n"});
    if (!error.hint.empty()) {
        text += cat({"     ", error.hint, "\n"});
    }
    world.console.message(text);
}

/// `context` is made here and outlives the call, since an error is printed as the settings want it.
Result<void> execute(Tree& tree, std::optional<app::Context>& context, const std::vector<std::string>& words,
                     World& world) {
    JIT_TRY(const Parsed parsed, parse(tree, words));
    switch (parsed.wish) {
    case Parsed::Wish::version:
        return world.console.result(cat({"jit ", k_version, "\n"}));
    case Parsed::Wish::help:
        return world.console.result(help_text(tree, tree.taken()));
    case Parsed::Wish::command:
        break;
    }
    context.emplace(tree.global, world.environment, world.console, world.clock, world.interrupt,
                    world.network, world.random);
    if (tree.taken()->command->code_tells) {
        context->let_code_tell();
    }
    auto done = tree.taken()->run(*context, parsed.words);
    if (done && world.interrupt.signal() != 0) {
        return Error{ExitCode::interrupted,
                     "interrupted, but the work was finished: the result above is complete"};
    }
    return done;
}

/// Whether errors are JSON: as the settings say, or, where it did not come to them, the command line and the
/// environment.
bool errors_as_json(const Tree& tree, const std::optional<app::Context>& context,
                    const std::vector<std::string>& words, const World& world) {
    using config::OutputFormat;
    OutputFormat format = OutputFormat::table;
    if (context && context->loaded_settings() != nullptr) {
        format = context->loaded_settings()->output.value;
    } else {
        const auto& given = tree.global.overrides.output;
        format =
            config::output_without_files(given ? given : find_output_word(tree, words), world.environment);
    }
    return config::is_json(format);
}

} // namespace

int run(const std::vector<std::string>& words, World& world) {
    if (!words.empty() && words.front() == k_complete) {
        try {
            answer_shell({words.begin() + 1, words.end()}, world);
        } catch (const std::exception&) { // nobody who presses a key is told
        }
        return static_cast<int>(ExitCode::done);
    }
    Tree tree;
    std::optional<app::Context> context;
    Result<void> done;
    try {
        build(tree);
        done = execute(tree, context, words, world);
    } catch (const std::exception& problem) {
        done = Error{ExitCode::internal, cat({"internal error: ", problem.what()}),
                     "please report this; look at the entitlement's state in SailPoint before you try again"};
    }
    const auto program_code = context ? context->exit_code() : std::nullopt;
    if (done) {
        if (context) {
            context->log().release();
        }
        return program_code.value_or(static_cast<int>(ExitCode::done));
    }
    Error error = std::move(done).error();
    const bool only_reads = tree.taken() == nullptr || !tree.taken()->command->changes;
    if (world.console.reader_gone() && only_reads) {
        return k_reader_gone;
    }
    if (error.code == ExitCode::interrupted && world.interrupt.signal() == SIGTERM) {
        error.code = ExitCode::terminated;
    }
    int code = program_code.value_or(static_cast<int>(error.code));
    const bool of_program = error.code == ExitCode::not_executable || error.code == ExitCode::not_found;
    if (!program_code && !of_program && tree.taken() != nullptr && tree.taken()->command->runs_program) {
        error.message += cat({" (code ", std::to_string(code), ", ", kind_name(error.code), ")"});
        code = static_cast<int>(ExitCode::run_failed);
    }
    if (context) {
        error.warnings = context->log().take_held();
    }
    print_error(std::move(error), errors_as_json(tree, context, words, world), world, tree.global.color);
    return code;
}

} // namespace jit::cli
