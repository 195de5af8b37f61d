#include "cli/run.hpp"

#include "cli/completion.hpp"
#include "cli/help.hpp"
#include "cli/line.hpp"
#include "cli/tree.hpp"
#include "cli/usage.hpp"
#include "commands/output.hpp"
#include "config/settings.hpp"
#include "sailpoint/codec.hpp"
#include "util/text.hpp"
#include "util/version.hpp"
#include "json/error.hpp"

#include <algorithm>
#include <csignal>
#include <exception>
#include <optional>

namespace jit::cli {
namespace {

/// One line that says what went wrong, and a second on what to do; or JSON for a script.
void print_error(Error error, ExitCode code, bool as_json, const ProcessContext& process,
                 io::ColorMode color) {
    for (std::string* const text : {&error.message, &error.detail_code, &error.tracking_id}) {
        *text = process.console.safe(*text);
    }
    // A hint may have several lines, of ours: candidates, one a line.
    std::string hint;
    for (std::size_t begin = 0; begin < error.hint.size();) {
        const std::size_t end = std::min(error.hint.find('\n', begin), error.hint.size());
        hint += concat({hint.empty() ? ""
                        : as_json    ? " "
                                     : "\n     ",
                        process.console.safe(error.hint.substr(begin, end - begin))});
        begin = end + 1;
    }
    error.hint = std::move(hint);
    if (as_json) {
        process.console.message(json::encode_error(error, code) + "\n", io::Form::json);
        return;
    }
    const bool colored = io::use_color(color, process.console.err_device(), process.environment);
    std::string text = concat({colored ? "\x1b[31mjit:\x1b[0m " : "jit: ", error.message, "\n"});
    if (!error.hint.empty()) {
        text += concat({"     ", error.hint, "\n"});
    }
    process.console.message(text);
}

/// `context` is made here and outlives the call, since an error is printed as the settings want it.
Result<void> execute(CommandTree& tree, std::optional<access::Context>& context,
                     const std::vector<std::string>& words, ProcessContext& process) {
    JIT_TRY(const Parsed parsed, parse(tree, words));
    switch (parsed.wish) {
    case Parsed::Control::version:
        return process.console.result(concat({"jit ", k_version, "\n"}));
    case Parsed::Control::help:
        return process.console.result(
            help_text(tree, tree.selected(), {process.console.out_device().width, parsed.all}));
    case Parsed::Control::command:
        break;
    }
    context.emplace(tree.global, process.environment, process.console, process.clock, process.interrupt,
                    process.network, process.random);
    const commands::Command& command = *tree.selected()->command;
    if (command.code_tells) {
        context->let_code_tell();
    }
    const auto names = command.fields != nullptr ? command.fields() : commands::FieldNames();
    if (auto good = commands::check_view(*context, names); !good) {
        return good;
    }
    auto done = tree.selected()->run(*context, parsed.words);
    if (done && process.interrupt.signal() != 0) {
        return Error{ErrorKind::interrupted,
                     "interrupted, but the work was finished: the result above is complete"};
    }
    return done;
}

/// Whether errors are JSON: as the settings say, or, where it did not come to them, the command line and the
/// environment.
bool errors_as_json(const CommandTree& tree, const std::optional<access::Context>& context,
                    const std::vector<std::string>& words, const ProcessContext& process) {
    using config::OutputFormat;
    OutputFormat format = OutputFormat::table;
    if (context && context->loaded_settings() != nullptr) {
        format = context->loaded_settings()->output.value;
    } else {
        const auto& given = tree.global.overrides.output;
        format = config::output_without_files(given ? given : read_line(tree, words).value_of("--output"),
                                              process.environment);
    }
    return config::is_json(format);
}

} // namespace

int run(const std::vector<std::string>& words, ProcessContext& process) {
    if (!words.empty() && words.front() == k_complete) {
        try {
            answer_shell({words.begin() + 1, words.end()}, process);
        } catch (const std::exception&) { // TAB shows no errors
        }
        return static_cast<int>(ExitCode::done);
    }
    CommandTree tree;
    std::optional<access::Context> context;
    Result<void> done;
    try {
        build(tree);
        done = execute(tree, context, words, process);
    } catch (const std::exception& problem) {
        done = Error{ErrorKind::internal, concat({"internal error: ", problem.what()}),
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
    const bool only_reads = tree.selected() == nullptr || !tree.selected()->command->changes;
    if (process.console.reader_gone() && only_reads) {
        return k_reader_gone;
    }
    const bool terminated = error.kind == ErrorKind::interrupted && process.interrupt.signal() == SIGTERM;
    const ExitCode own_code = terminated ? ExitCode::terminated : exit_code_of(error.kind);
    int code = program_code.value_or(static_cast<int>(own_code));
    const bool of_program = error.kind == ErrorKind::not_executable || error.kind == ErrorKind::not_found;
    if (!program_code && !of_program && tree.selected() != nullptr &&
        tree.selected()->command->runs_program) {
        error.message += concat({" (code ", std::to_string(code), ", ", kind_name(error.kind), ")"});
        code = static_cast<int>(ExitCode::run_failed);
    }
    if (context) {
        error.warnings = context->log().take_held();
    }
    print_error(std::move(error), own_code, errors_as_json(tree, context, words, process), process,
                tree.global.color);
    return code;
}

} // namespace jit::cli
