#include "cli/usage.hpp"

#include "util/text.hpp"

#include <algorithm>

namespace jit::cli {
namespace {

/// What could stand where no command was found: of a group, only its own.
std::vector<std::string> command_names(const CommandTree& tree) {
    const commands::Group* const group = tree.group();
    std::vector<std::string> names;
    for (const CommandTree::Subcommand& branch : tree.branches) {
        if (group == nullptr || commands::is_of(*branch.command, *group)) {
            names.emplace_back(branch.command->name);
        }
    }
    for (const CommandTree::SubcommandGroup& fork : tree.forks) {
        if (group == nullptr) {
            names.emplace_back(fork.group->name);
        }
    }
    return names;
}

/// All long options that the command line as far as it was read could take, as they are typed.
std::vector<std::string> option_names(const CommandTree& tree) {
    std::vector<std::string> names;
    const auto add = [&names](const CLI::App& app) {
        for (const CLI::Option* const option : app.get_options()) {
            for (const std::string& name : option->get_lnames()) {
                names.push_back("--" + name);
            }
        }
    };
    if (const CommandTree::Subcommand* const branch = tree.selected()) {
        add(*branch->app);
    }
    add(tree.app);
    return names;
}

std::string more_help(const CommandTree& tree) {
    const CommandTree::Subcommand* const branch = tree.selected();
    if (branch != nullptr) {
        return concat({"see jit ", branch->command->name, " --help"});
    }
    const commands::Group* const group = tree.group();
    return group == nullptr ? "see jit --help" : concat({"see jit ", group->name, " --help"});
}

std::string did_you_mean(std::string_view word, const std::vector<std::string>& words,
                         const CommandTree& tree) {
    const auto near = nearest(word, words);
    return near ? concat({"did you mean ", *near, "?"}) : more_help(tree);
}

bool looks_like_option(const std::string& word) {
    return word.size() > 1 && word.front() == '-';
}

/// What CLI11 says of a line that it cannot parse, in our words.
std::string describe(const CLI::ParseError& problem) {
    std::string text = problem.what();
    if (dynamic_cast<const CLI::ArgumentMismatch*>(&problem) != nullptr) {
        const std::string option = text.substr(0, text.find(':'));
        const bool too_many = text.find("received") != std::string::npos;
        return option + (too_many ? " is given more than once" : " needs a value");
    }
    return text;
}

/// The command is no command. Empty where the line has one, or no word that could be meant as one.
std::optional<Error> unknown_command(const CommandTree& tree, const std::vector<std::string>& left) {
    if (tree.selected() != nullptr || left.empty() || looks_like_option(left.front())) {
        return std::nullopt;
    }
    const commands::Group* const group = tree.group();
    const std::string word = group == nullptr ? left.front() : concat({group->name, " ", left.front()});
    return usage_error(concat({"there is no command \"", word, "\""}),
                       did_you_mean(word, command_names(tree), tree));
}

/// Looks at what CLI11 left over: an unknown option, or a word that no command takes, is an error. `plain`
/// words at the end stood behind `--` and are no options, whatever they look like.
Result<std::vector<std::string>> judge(const CommandTree& tree, std::vector<std::string> left,
                                       std::size_t plain) {
    if (auto error = unknown_command(tree, left)) {
        return *std::move(error);
    }
    const CommandTree::Subcommand* const branch = tree.selected();
    const auto options_end = left.end() - static_cast<std::ptrdiff_t>(std::min(plain, left.size()));
    const auto option = std::find_if(left.begin(), options_end, looks_like_option);
    if (option != options_end) {
        const std::string name = option->substr(0, option->find('='));
        if (branch != nullptr && branch->app->get_option_no_throw(name) != nullptr) {
            return usage_error(
                concat({name, " is an option of ", branch->command->name}),
                concat({"put it behind the command: jit ", branch->command->name, " ", name, " ..."}));
        }
        return usage_error(concat({"there is no option ", name}),
                           did_you_mean(name, option_names(tree), tree));
    }
    if (branch != nullptr && branch->command->words.empty() && !left.empty()) {
        return usage_error(concat({"unexpected \"", left.front(), "\""}), more_help(tree));
    }
    return left;
}

/// How many words of a command line are for `jit`, where the command runs a program: those before `--` or
/// before the first word that is neither an option nor the value of one. All of them for any other command.
std::size_t own_words(const CommandTree& tree, const std::vector<std::string>& words) {
    const CommandTree::Subcommand* branch = nullptr;
    const auto takes_value = [&tree, &branch](const std::string& name) {
        const CLI::Option* option = branch == nullptr ? nullptr : branch->app->get_option_no_throw(name);
        option = option == nullptr ? tree.app.get_option_no_throw(name) : option;
        return option != nullptr && option->get_items_expected_max() > 0;
    };
    std::size_t i = 0;
    for (; i < words.size() && words[i] != "--"; ++i) {
        const std::string& word = words[i];
        if (word.rfind("--", 0) == 0) {
            i += word.find('=') == std::string::npos && takes_value(word) ? 1U : 0U;
        } else if (looks_like_option(word)) {
            // Letters may stand together; what follows one that takes a value is its value.
            std::size_t letter = 1;
            while (letter < word.size() && !takes_value({'-', word[letter]})) {
                ++letter;
            }
            i += letter + 1 == word.size() ? 1U : 0U;
        } else if (branch != nullptr) {
            return i;
        } else {
            for (const CommandTree::Subcommand& each : tree.branches) {
                if (each.command->name == word && each.command->runs_program) {
                    branch = &each;
                }
            }
            if (branch == nullptr) {
                return words.size();
            }
        }
    }
    return branch == nullptr ? words.size() : std::min(i, words.size());
}

} // namespace

Result<Parsed> parse(CommandTree& tree, const std::vector<std::string>& line) {
    const auto own_end = line.begin() + static_cast<std::ptrdiff_t>(own_words(tree, line));
    const std::vector<std::string> words(line.begin(), own_end);
    const bool marked = own_end != line.end() && *own_end == "--";
    std::vector<std::string> program(own_end + (marked ? 1 : 0), line.end());
    std::vector<std::string> reversed(words.rbegin(), words.rend()); // as CLI11 wants them
    if (!words.empty() && words.front() == "help") {
        reversed.pop_back(); // `jit help activate` is `jit activate --help`
        reversed.insert(reversed.begin(), "--help");
    }
    if (reversed.empty()) {
        return Parsed{Parsed::Control::help};
    }
    const auto mark = std::find(words.begin(), words.end(), "--");
    const auto plain = mark == words.end() ? 0 : static_cast<std::size_t>(words.end() - mark - 1);
    std::optional<Error> problem;
    try {
        tree.app.parse(std::move(reversed));
    } catch (const CLI::CallForHelp&) {
        if (auto error = unknown_command(tree, tree.app.remaining(true))) {
            return *std::move(error);
        }
        return Parsed{Parsed::Control::help};
    } catch (const CLI::ParseError& thrown) {
        problem = usage_error(describe(thrown), more_help(tree));
    }
    // An unknown option or command is the more helpful thing to hear of.
    JIT_TRY(auto left, judge(tree, tree.app.remaining(true), plain));
    if (problem) {
        return *std::move(problem);
    }
    if (tree.version) {
        return Parsed{Parsed::Control::version};
    }
    if (tree.selected() == nullptr) {
        return usage_error("a command is missing", more_help(tree));
    }
    left.insert(left.end(), program.begin(), program.end());
    return Parsed{Parsed::Control::command, std::move(left)};
}

std::optional<std::string> find_output_word(const CommandTree& tree, const std::vector<std::string>& words) {
    std::optional<std::string> found;
    const std::size_t end = own_words(tree, words);
    for (std::size_t i = 0; i < end && words[i] != "--"; ++i) {
        const std::string& word = words[i];
        if ((word == "-o" || word == "--output") && i + 1 < end) {
            found = words[i + 1];
        } else if (word.rfind("--output=", 0) == 0) {
            found = word.substr(word.find('=') + 1);
        } else if (word.size() > 2 && word.rfind("-o", 0) == 0) {
            found = word.substr(2);
        }
    }
    return found;
}

} // namespace jit::cli
