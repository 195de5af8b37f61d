#include "docs/manual.hpp"

#include "cli/help.hpp"
#include "cli/variables.hpp"
#include "util/exit_code.hpp"
#include "util/text.hpp"

#include <algorithm>

namespace jit::docs {
namespace {

using commands::Command;
using commands::Group;
using commands::Option;

/// ASCII letters made upper case.
std::string to_upper(std::string_view text) {
    std::string out(text);
    std::transform(out.begin(), out.end(), out.begin(),
                   [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; });
    return out;
}

/// " Ar N", and nothing for a flag.
std::string value_of(const Option& option) {
    if (option.value == Option::Value::none) {
        return "";
    }
    const std::string value = mdoc_arguments(option.value_name);
    return option.value == Option::Value::optional ? concat({" Ns Op = Ns Ar ", value})
                                                   : concat({" Ar ", value});
}

/// A line for a shell as it is, continued with a backslash where a page of 80 columns has no room for it.
std::string literal(std::string_view line) {
    constexpr std::size_t k_room = 66;
    std::string out = ".Bd -literal -offset indent\n";
    std::size_t used = 0;
    bool quoted = false;
    for (std::size_t i = 0; i < line.size(); ++i) {
        const char c = line[i];
        quoted = quoted != (c == '"' || c == '\'');
        const std::size_t word_end = std::min(line.find(' ', i + 1), line.size());
        if (c == ' ' && !quoted && used + (word_end - i) > k_room) {
            out += " \\e\n    ";
            used = 4;
            continue;
        }
        out += c == '\\' ? "\\e" : c == '-' ? "\\-" : std::string(1, c);
        ++used;
    }
    return out + "\n.Ed\n";
}

std::string item(std::string_view head, std::string_view text) {
    return concat({".It ", head, "\n", mdoc_text(text), "\n"});
}

std::string list(std::string_view items, std::string_view width = "Ds") {
    return concat({".Bl -tag -width ", width, "\n", items, ".El\n"});
}

std::string option_item(const Option& option) {
    const std::string letter = option.letter.empty() ? "" : concat({"Fl ", option.letter.substr(1), " , "});
    return item(concat({letter, "Fl ", option.name.substr(1), value_of(option)}), option.help);
}

/// The options of the program or of a command, in groups under their titles.
std::string options_of(const commands::OptionSet& options, const Command* command = nullptr) {
    std::string out;
    for (const std::string& group : cli::option_groups(options, command)) {
        std::string items;
        if (command != nullptr && group == commands::k_words_group) {
            items += item(concat({"Ar ", mdoc_arguments(command->words)}), command->words_help);
        }
        for (const Option& option : options.all()) {
            if (option.group == group) {
                items += option_item(option);
            }
        }
        out += concat({".Ss ", group, "\n", list(items)});
    }
    return out;
}

/// What a command's own words are. An option says the same as entitlements do, so those may be left out.
std::string words_of(const Command& command) {
    if (command.words.empty()) {
        return "";
    }
    const bool with_option = command.words_complete.kind == commands::Completes::Kind::entitlements;
    return with_option ? ".Op Ar ENTITLEMENT ...\n" : concat({".Ar ", mdoc_arguments(command.words), "\n"});
}

std::string synopsis_of(const cli::CommandTree::Subcommand& branch) {
    const Command& command = *branch.command;
    std::string out =
        concat({".Nm \"jit ", command.name, "\"\n", command.runs_program ? "" : words_of(command)});
    for (const Option& option : branch.options.all()) {
        const std::string& name = option.letter.empty() ? option.name : option.letter;
        out += concat({".Op Fl ", name.substr(1), value_of(option), "\n"});
    }
    return out + ".Op Ar options\n" +
           (command.runs_program ? concat({".Op Ar ", mdoc_arguments(command.words), " ...\n"}) : "");
}

std::string head(std::string_view name, std::string_view purpose, std::string_view date) {
    return concat({".\\\" Made by src/docs from the command line itself: change it there.\n.Dd ", date,
                   "\n.Dt ", to_upper(name), " 1\n.Os\n.Sh NAME\n.Nm ", name, "\n.Nd ",
                   to_lower(purpose.substr(0, 1)), purpose.substr(1), "\n.Sh SYNOPSIS\n"});
}

constexpr std::string_view k_tail = ".Sh ENVIRONMENT\nSee\n.Xr jit 1 .\n.Sh EXIT STATUS\nSee\n.Xr jit 1 .\n";
constexpr std::string_view k_see_also = ".Sh SEE ALSO\n.Xr jit 1 ,\n.Xr jit-config 5\n";

std::string page_of(const cli::CommandTree::Subcommand& branch, std::string_view date) {
    const Command& command = *branch.command;
    std::string out = concat({head(cli::page_name(command.name), command.purpose, date), synopsis_of(branch),
                              ".Sh DESCRIPTION\n", mdoc_text(command.description), "\n"});
    for (const std::string_view paragraph : command.details) {
        out += concat({".Pp\n", mdoc_text(paragraph), "\n"});
    }
    for (const std::string_view note : command.notes) {
        out += concat({".Pp\n", mdoc_text(note), "\n"});
    }
    out += concat({".Sh OPTIONS\n.Xr jit 1\nhas the options that every command takes.\n",
                   options_of(branch.options, &command), k_tail, ".Sh EXAMPLES\n"});
    for (const commands::Example& example : command.examples) {
        const bool first = &example == &command.examples.front();
        out += concat({first ? "" : ".Pp\n", to_upper(example.what.substr(0, 1)),
                       mdoc_text(example.what.substr(1)), ":\n", literal(example.line)});
    }
    return out + std::string(k_see_also);
}

std::string commands_of(const cli::CommandTree& tree, const Group* group = nullptr) {
    std::string items;
    for (const cli::CommandTree::Subcommand& branch : tree.branches) {
        if (group == nullptr || commands::is_of(*branch.command, *group)) {
            items +=
                item(concat({"Xr ", cli::page_name(branch.command->name), " 1"}), branch.command->purpose);
        }
    }
    return items;
}

std::string page_of(const Group& group, const cli::CommandTree& tree, std::string_view date) {
    return concat({head(cli::page_name(group.name), group.purpose, date), ".Nm \"jit ", group.name,
                   "\"\n.Ar command\n.Op Ar options\n.Sh DESCRIPTION\nThe commands are\n",
                   list(commands_of(tree, &group)), k_tail, k_see_also});
}

std::string synopsis_of(const cli::CommandTree& tree) {
    std::string out;
    for (const cli::CommandTree::Subcommand& branch : tree.branches) {
        out +=
            concat({".Nm\n.Cm ", branch.command->name, "\n", words_of(*branch.command), ".Op Ar options\n"});
    }
    return out;
}

std::string variables() {
    std::string items;
    for (const cli::Variable& variable : cli::k_variables) {
        std::string names;
        for (std::string_view rest = variable.name; !rest.empty();) {
            const std::string_view name = rest.substr(0, rest.find(", "));
            names += concat({names.empty() ? "Ev " : " , Ev ", name});
            rest.remove_prefix(std::min(name.size() + 2, rest.size()));
        }
        items += item(names, variable.meaning);
    }
    return list(items);
}

std::string exit_codes() {
    std::string items;
    for (const ExitCodeMeaning& meaning : k_exit_codes) {
        items += item(std::to_string(static_cast<int>(meaning.code)), meaning.when);
    }
    return list(items, "143 -compact");
}

/// The references to all other pages of the section, in order, each with the comma behind it.
std::string see_also(const cli::CommandTree& tree) {
    std::vector<std::string> names = {"jit-sandbox"};
    for (const cli::CommandTree::Subcommand& branch : tree.branches) {
        names.push_back(cli::page_name(branch.command->name));
    }
    for (const Group& group : commands::groups()) {
        names.push_back(cli::page_name(group.name));
    }
    std::sort(names.begin(), names.end());
    std::string out;
    for (const std::string& name : names) {
        out += concat({".Xr ", name, " 1 ,\n"});
    }
    return out;
}

Result<std::string> content_of(std::string_view name, const cli::CommandTree& tree, std::string_view date) {
    if (name == "DATE") {
        return concat({".Dd ", date, "\n"});
    }
    if (name == "SYNOPSIS") {
        return synopsis_of(tree);
    }
    if (name == "COMMANDS") {
        return commands_of(tree);
    }
    if (name == "OPTIONS") {
        return options_of(tree.options);
    }
    if (name == "ENVIRONMENT") {
        return variables();
    }
    if (name == "EXIT_STATUS") {
        return exit_codes();
    }
    if (name == "SEE_ALSO") {
        return see_also(tree);
    }
    return Error{ErrorKind::internal, concat({"there is no list called ", name})};
}

} // namespace

std::vector<Page> command_pages(const cli::CommandTree& tree, std::string_view date) {
    std::vector<Page> pages;
    for (const cli::CommandTree::Subcommand& branch : tree.branches) {
        pages.push_back({cli::page_name(branch.command->name) + ".1", page_of(branch, date)});
    }
    for (const Group& group : commands::groups()) {
        pages.push_back({cli::page_name(group.name) + ".1", page_of(group, tree, date)});
    }
    return pages;
}

Result<std::string> fill_in(std::string_view page, const cli::CommandTree& tree, std::string_view date) {
    std::string out;
    while (!page.empty()) {
        const std::string_view line = split_first(page, '\n');
        if (line.size() > 2 && line.front() == '@' && line.back() == '@') {
            JIT_TRY(const std::string content, content_of(line.substr(1, line.size() - 2), tree, date));
            out += content;
        } else {
            out += concat({line, "\n"});
        }
    }
    return out;
}

std::string mdoc_text(std::string_view text) {
    std::string out;
    bool bold = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool line_start = out.empty() || out.back() == '\n';
        if (text[i] == '`') {
            bold = !bold;
            out += bold ? "\\fB" : "\\fR";
        } else if (text[i] == '\\') {
            out += "\\e";
        } else if (text[i] == '-' && bold) {
            out += "\\-";
        } else if (line_start && (text[i] == '.' || text[i] == '\'')) {
            out += concat({"\\&", text.substr(i, 1)});
        } else if (text[i] == ' ' && i > 0 && text[i - 1] == '.' && !bold) {
            out += '\n';
        } else {
            out += text[i];
        }
    }
    return out;
}

std::string mdoc_arguments(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        // A word that could be punctuation or a macro is only text behind this.
        if (i == 0 || text[i - 1] == ' ') {
            out += "\\&";
        }
        out += text[i] == '"'    ? "\\(dq"
               : text[i] == '\\' ? "\\e"
               : text[i] == '-'  ? "\\-"
                                 : text.substr(i, 1);
    }
    return out;
}

} // namespace jit::docs
