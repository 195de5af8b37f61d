#include "cli/usage.hpp"

#include "base/text.hpp"

#include <algorithm>

namespace jit::cli {
namespace {

std::vector<std::string> command_names(const Tree& tree) {
    std::vector<std::string> names;
    for (const Tree::Branch& branch : tree.branches) {
        names.emplace_back(branch.command->name);
    }
    return names;
}

/// All long options that the command line as far as it was read could take, as they are typed.
std::vector<std::string> option_names(const Tree& tree) {
    std::vector<std::string> names;
    const auto add = [&names](const CLI::App& app) {
        for (const CLI::Option* const option : app.get_options()) {
            for (const std::string& name : option->get_lnames()) {
                names.push_back("--" + name);
            }
        }
    };
    if (const Tree::Branch* const branch = tree.taken()) {
        add(*branch->app);
    }
    add(tree.app);
    return names;
}

std::string more_help(const Tree& tree) {
    const Tree::Branch* const branch = tree.taken();
    return branch == nullptr ? "see jit --help" : cat({"see jit ", branch->command->name, " --help"});
}

std::string did_you_mean(std::string_view word, const std::vector<std::string>& words, const Tree& tree) {
    const auto near = nearest(word, words);
    return near ? cat({"did you mean ", *near, "?"}) : more_help(tree);
}

Error unknown_command(const Tree& tree, const std::string& word) {
    return usage_error(cat({"there is no command \"", word, "\""}),
                       did_you_mean(word, command_names(tree), tree));
}

Error unexpected(const Tree& tree, const std::string& word) {
    if (word.size() > 1 && word.front() == '-') {
        const std::string name = word.substr(0, word.find('='));
        return usage_error(cat({"there is no option ", name}), did_you_mean(name, option_names(tree), tree));
    }
    return usage_error(cat({"unexpected \"", word, "\""}), more_help(tree));
}

/// The message of a parse that failed, without the type of the exception.
Error describe(const Tree& tree, const CLI::ParseError& problem) {
    const std::vector<std::string> left = tree.app.remaining(true);
    const bool names_an_option = std::any_of(left.begin(), left.end(), [](const std::string& word) {
        return word.size() > 1 && word.front() == '-';
    });
    if (tree.taken() == nullptr && !left.empty() && !names_an_option) {
        return unknown_command(tree, left.front());
    }
    if (!left.empty()) {
        const auto option = std::find_if(left.begin(), left.end(), [](const std::string& word) {
            return word.size() > 1 && word.front() == '-';
        });
        return unexpected(tree, option == left.end() ? left.front() : *option);
    }
    return usage_error(problem.what(), more_help(tree));
}

} // namespace

Result<Parsed> parse(Tree& tree, const std::vector<std::string>& words) {
    std::vector<std::string> reversed(words.rbegin(), words.rend()); // as CLI11 wants them
    if (!words.empty() && words.front() == "help") {
        reversed.pop_back(); // `jit help activate` is `jit activate --help`
        reversed.insert(reversed.begin(), "--help");
    }
    if (reversed.empty()) {
        return Parsed::help;
    }
    try {
        tree.app.parse(std::move(reversed));
    } catch (const CLI::CallForHelp&) {
        return Parsed::help;
    } catch (const CLI::ParseError& problem) {
        return describe(tree, problem);
    }
    if (tree.version) {
        return Parsed::version;
    }
    if (tree.taken() == nullptr) {
        return usage_error("a command is missing", "see jit --help");
    }
    return Parsed::command;
}

std::optional<std::string> find_output_word(const std::vector<std::string>& words) {
    std::optional<std::string> found;
    for (std::size_t i = 0; i < words.size() && words[i] != "--"; ++i) {
        const std::string& word = words[i];
        if ((word == "-o" || word == "--output") && i + 1 < words.size()) {
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
