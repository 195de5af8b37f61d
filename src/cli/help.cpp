#include "cli/help.hpp"

#include "cli/variables.hpp"
#include "util/exit_code.hpp"
#include "util/text.hpp"

#include <algorithm>
#include <cstddef>

namespace jit::cli {
namespace {

/// Writes lines that fit a terminal.
class Page {
public:
    explicit Page(int columns)
        : width_(static_cast<std::size_t>(std::clamp(columns > 0 ? columns : k_default, k_least, k_most))) {}

    Page& line(std::string_view text = "") {
        text_ += concat({text, "\n"});
        return *this;
    }

    /// Broken into lines, all of them indented.
    Page& paragraph(std::string_view text, std::size_t indent = 0) {
        text_ += std::string(indent, ' ');
        wrap(text, indent);
        return *this;
    }

    /// "  NAME      text", the text wrapped in its own column; on a line of its own where the name is long.
    Page& entry(std::string_view name, std::string_view text, std::size_t column) {
        std::string line = concat({"  ", name});
        if (line.size() + 1 > column) {
            line += "\n" + std::string(column, ' ');
        } else {
            line.resize(column, ' ');
        }
        text_ += line;
        wrap(text, column);
        return *this;
    }

    [[nodiscard]] std::string take() { return std::move(text_); }

private:
    static constexpr int k_default = 80; ///< where there is no terminal
    static constexpr int k_least = 60;
    static constexpr int k_most = 100;

    void wrap(std::string_view text, std::size_t indent) {
        std::size_t column = indent;
        while (!text.empty()) {
            const std::string_view word = split_first(text, ' ');
            if (column != indent && column + 1 + word.size() > width_) {
                text_ += "\n" + std::string(indent, ' ');
                column = indent;
            } else if (column != indent) {
                text_ += " ";
                ++column;
            }
            text_ += word;
            column += word.size();
        }
        text_ += "\n";
    }

    std::size_t width_;
    std::string text_;
};

constexpr std::size_t k_option_column = 28;
constexpr std::size_t k_command_column = 15;

/// "-m, --minutes N"
std::string option_name(const commands::Option& option) {
    const std::string letter = option.letter.empty() ? "    " : option.letter + ", ";
    return concat({letter, option.name, option.value_name.empty() ? "" : " ", option.value_name});
}

void add_options(Page& page, const commands::OptionSet& options, const commands::Command* command = nullptr) {
    for (const std::string& group : option_groups(options, command)) {
        page.line().line(group);
        if (command != nullptr && group == commands::k_words_group) {
            page.entry(command->words, command->words_help, k_option_column);
        }
        for (const commands::Option& option : options.all()) {
            if (option.group == group) {
                page.entry(option_name(option), option.help, k_option_column);
            }
        }
    }
}

/// What is the same for every command.
void add_common(Page& page, const CommandTree& tree) {
    add_options(page, tree.options);
    page.line().line("Environment");
    for (const Variable& variable : k_variables) {
        page.entry(variable.name, variable.meaning, k_option_column);
    }
    page.line().line("Exit codes");
    for (const ExitCodeMeaning& meaning : k_exit_codes) {
        page.entry(std::to_string(static_cast<int>(meaning.code)), meaning.when, k_option_column);
    }
}

void add_commands(Page& page, const CommandTree& tree, const commands::Group* group) {
    std::string_view section;
    for (const CommandTree::Subcommand& each : tree.branches) {
        const commands::Command& command = *each.command;
        if (group != nullptr && !commands::is_of(command, *group)) {
            continue;
        }
        if (command.section != section) {
            section = command.section;
            page.line().line(group == nullptr ? section : "Commands");
        }
        page.entry(command.name, command.purpose, k_command_column);
    }
}

std::string command_help(const CommandTree& tree, const CommandTree::Subcommand& branch,
                         const HelpOptions& options) {
    const commands::Command& command = *branch.command;
    const std::string words = command.words.empty() ? "" : concat({" ", command.words});
    Page page(options.columns);
    page.paragraph(concat({"jit ", command.name, ": ", command.purpose})).line().line("Usage");
    page.line(concat(
        {"  jit ", command.name,
         command.runs_program ? concat({" [options] [[--]", words, "]"}) : concat({words, " [options]"})}));
    if (options.all) {
        page.line().paragraph(command.description);
    }
    page.line().line("Examples");
    const std::size_t count = options.all ? command.examples.size() : 2;
    for (std::size_t i = 0; i < std::min(count, command.examples.size()); ++i) {
        page.line(concat({"  # ", command.examples[i].what})).line(concat({"  ", command.examples[i].line}));
    }
    add_options(page, branch.options, &command);
    if (!options.all) {
        return page.line()
            .line("More")
            .line(concat({"  jit ", command.name, " --help --all"}))
            .line(concat({"  man ", page_name(command.name)}))
            .take();
    }
    if (!command.notes.empty()) {
        page.line().line("Notes");
    }
    for (const std::string_view note : command.notes) {
        page.paragraph(note, 2);
    }
    add_common(page, tree);
    return page.take();
}

} // namespace

std::string page_name(std::string_view command) {
    std::string name = concat({"jit-", command});
    std::replace(name.begin(), name.end(), ' ', '-');
    return name;
}

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

std::string help_text(const CommandTree& tree, const CommandTree::Subcommand* branch,
                      const HelpOptions& options) {
    if (branch != nullptr) {
        return command_help(tree, *branch, options);
    }
    const commands::Group* const group = tree.group();
    Page page(options.columns);
    page.paragraph(group != nullptr
                       ? concat({"jit ", group->name, ": ", group->purpose})
                       : "jit: just-in-time privileged access for SailPoint Identity Security Cloud");
    page.line().line("Usage").line(
        concat({"  jit", group != nullptr ? concat({" ", group->name}) : "", " COMMAND [options]"}));
    add_commands(page, tree, group);
    if (options.all) {
        add_common(page, tree);
        return page.take();
    }
    if (group == nullptr) {
        page.line()
            .line("Examples")
            .line("  jit list                              # what you may activate")
            .line("  jit activate \"Prod DB Admin\" -m 60    # an hour of access")
            .line("  jit run -e \"Prod DB Admin\" -m 30      # a shell with access");
    }
    page.line().line("More");
    constexpr std::size_t k_more_column = 24;
    const std::string name = group != nullptr ? concat({" ", group->name}) : "";
    page.entry(concat({"jit", name, " COMMAND --help"}), "options and examples of a command", k_more_column);
    page.entry("jit --help --all", "options of every command, variables, exit codes", k_more_column);
    page.entry("man jit", "the manual", k_more_column);
    return page.take();
}

} // namespace jit::cli
