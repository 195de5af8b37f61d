#include "cli/help.hpp"

#include "cli/variables.hpp"
#include "util/exit_code.hpp"
#include "util/text.hpp"

#include <algorithm>
#include <cstddef>

namespace jit::cli {
namespace {

constexpr std::size_t k_width = 100;
constexpr std::size_t k_text_column = 32;

/// Breaks a text into lines of at most k_width columns; all but the first are indented.
std::string wrapped(std::string_view text, std::size_t first_column, std::size_t indent) {
    std::string out;
    std::size_t column = first_column;
    while (!text.empty()) {
        const std::string_view word = split_first(text, ' ');
        const bool line_start = column == first_column || column == indent;
        if (!line_start && column + 1 + word.size() > k_width) {
            out += "\n" + std::string(indent, ' ');
            column = indent;
        } else if (!line_start) {
            out += " ";
            ++column;
        }
        out += word;
        column += word.size();
    }
    return out;
}

/// "  NAME      text", the text wrapped in its own column; on a line of its own where the name is long.
std::string entry(std::string_view name, std::string_view text) {
    std::string line = concat({"  ", name});
    if (line.size() + 2 > k_text_column) {
        line += "\n" + std::string(k_text_column, ' ');
    } else {
        line.resize(k_text_column, ' ');
    }
    return line + wrapped(text, k_text_column, k_text_column) + "\n";
}

/// "-m, --minutes N"
std::string option_name(const commands::Option& option) {
    const std::string letter = option.letter.empty() ? "    " : option.letter + ", ";
    return concat({letter, option.name, option.value_name.empty() ? "" : " ", option.value_name});
}

std::string options_of(const commands::OptionSet& options, const commands::Command* command = nullptr) {
    std::string out;
    for (const std::string& group : option_groups(options, command)) {
        out += "\n" + group + "\n";
        if (command != nullptr && group == commands::k_words_group) {
            out += entry(command->words, command->words_help);
        }
        for (const commands::Option& option : options.all()) {
            if (option.group == group) {
                out += entry(option_name(option), option.help);
            }
        }
    }
    return out;
}

std::string examples_of(const commands::Command& command) {
    std::string out;
    for (const commands::Example& example : command.examples) {
        out += concat({"  # ", example.what, "\n  ", example.line, "\n"});
    }
    return out;
}

std::string tail() {
    std::string out = "\nEnvironment\n";
    for (const Variable& variable : k_variables) {
        out += entry(variable.name, variable.meaning);
    }
    out += "\nExit codes\n";
    for (const ExitCodeMeaning& meaning : k_exit_codes) {
        out += entry(std::to_string(static_cast<int>(meaning.code)), meaning.when);
    }
    return out;
}

} // namespace

std::vector<std::string> option_groups(const commands::OptionSet& options, const commands::Command* command) {
    std::vector<std::string> groups;
    if (command != nullptr && !command->words.empty()) {
        groups.emplace_back(commands::k_words_group);
    }
    for (const commands::Option& option : options.all()) {
        if (std::find(groups.begin(), groups.end(), option.group) == groups.end()) {
            groups.push_back(option.group);
        }
    }
    // The group of what every program has is the last.
    std::stable_partition(groups.begin(), groups.end(),
                          [](const std::string& group) { return group != "Other"; });
    return groups;
}

std::string help_text(const CommandTree& tree, const CommandTree::Subcommand* branch) {
    std::string out;
    if (branch != nullptr) {
        const commands::Command& command = *branch->command;
        const std::string words = command.words.empty() ? "" : concat({" ", command.words});
        out = concat(
            {"jit ", command.name, ": ", command.purpose, "\n\nUsage\n  jit ", command.name,
             command.runs_program ? concat({" [options] [[--]", words, "]"}) : concat({words, " [options]"}),
             "\n\n", wrapped(command.description, 0, 0), "\n\nExamples\n"});
        out += examples_of(command) + options_of(branch->options, &command) + options_of(tree.options);
        if (!command.notes.empty()) {
            out += "\nNotes\n";
        }
        for (const std::string_view note : command.notes) {
            out += concat({"  ", wrapped(note, 2, 2), "\n"});
        }
        return out + tail();
    }
    const commands::Group* const group = tree.group();
    if (group != nullptr) {
        out = concat({"jit ", group->name, ": ", group->purpose, "\n\nUsage\n  jit ", group->name,
                      " COMMAND [options]\n\nCommands\n"});
    } else {
        out = "jit: just-in-time privileged access for SailPoint Identity Security Cloud\n\n"
              "Usage\n  jit COMMAND [options]\n\nCommands\n";
    }
    std::string examples;
    for (const CommandTree::Subcommand& each : tree.branches) {
        const commands::Command& command = *each.command;
        if (group == nullptr || commands::is_of(command, *group)) {
            out += entry(command.name, command.purpose);
            examples +=
                concat({"  # ", command.examples.front().what, "\n  ", command.examples.front().line, "\n"});
        }
    }
    out += "  `jit COMMAND --help` tells more of each.\n\nExamples\n" + examples;
    return out + options_of(tree.options) + tail();
}

} // namespace jit::cli
