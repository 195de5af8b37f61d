#include "cli/usage.hpp"

#include "cli/line.hpp"
#include "util/text.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <optional>
#include <set>
#include <utility>

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
    for (const commands::Group& each : commands::groups()) {
        if (group == nullptr) {
            names.emplace_back(each.name);
        }
    }
    return names;
}

/// All long options that the command line as far as it was read could take, as they are typed.
std::vector<std::string> option_names(const CommandTree& tree) {
    std::vector<std::string> names;
    const auto add = [&names](const commands::OptionSet& options) {
        for (const commands::Option& option : options.all()) {
            names.push_back(option.name);
        }
    };
    if (const CommandTree::Subcommand* const branch = tree.selected()) {
        add(branch->options);
    }
    add(tree.options);
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
    std::vector<std::string> begun;
    std::copy_if(words.begin(), words.end(), std::back_inserter(begun),
                 [word](const std::string& each) { return each.compare(0, word.size(), word) == 0; });
    const auto near = begun.size() == 1 ? std::optional(begun.front()) : nearest(word, words);
    if (const auto meant = commands::meant_by(word); !meant.empty() && tree.selected() == nullptr) {
        return concat({"did you mean ", meant, "?"});
    }
    return near ? concat({"did you mean ", *near, "?"}) : more_help(tree);
}

bool looks_like_option(const std::string& word) {
    return word.size() > 1 && word.front() == '-';
}

/// What is wrong with a line that CLI11 cannot parse.
std::string describe(const CLI::ParseError& problem, const Line& line) {
    using commands::Option;
    if (dynamic_cast<const CLI::ValidationError*>(&problem) != nullptr) {
        return problem.what(); // ours, by `bind`
    }
    std::set<const Option*> given;
    for (const Line::Given& each : line.given) {
        const bool once =
            each.option->value == Option::Value::required && each.option->repeat == Option::Repeat::forbidden;
        if (once && !given.insert(each.option).second) {
            return each.option->name + " is given more than once";
        }
    }
    const auto empty = std::find_if(line.given.begin(), line.given.end(), [](const Line::Given& each) {
        return each.value && each.value->empty();
    });
    for (const Line::Given& each : line.given) {
        for (const Line::Given& other : line.given) {
            const auto& excluded = each.option->excluded;
            if (std::find(excluded.begin(), excluded.end(), other.option->name) != excluded.end()) {
                return concat({"give ", each.option->name, " or ", other.option->name, ", not both"});
            }
        }
    }
    const Option* const open = empty == line.given.end() ? line.pending : empty->option;
    return open == nullptr ? problem.what() : open->name + " needs a value";
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

/// An option that the command does not have: what it has in its place, or which commands have it.
Error no_option(const CommandTree& tree, const CommandTree::Subcommand& branch, const std::string& name) {
    for (const auto& [option, advice] : branch.command->not_options) {
        if (option == name) {
            return usage_error(concat({branch.command->name, " has no option ", name}), std::string(advice));
        }
    }
    if (const auto near = nearest(name, option_names(tree))) {
        return usage_error(concat({"there is no option ", name}), concat({"did you mean ", *near, "?"}));
    }
    std::vector<std::string> owners;
    for (const CommandTree::Subcommand& other : tree.branches) {
        if (other.options.find(name) != nullptr) {
            owners.emplace_back(other.command->name);
        }
    }
    if (owners.empty()) {
        return usage_error(concat({"there is no option ", name}), more_help(tree));
    }
    return usage_error(concat({branch.command->name, " has no option ", name}),
                       concat({"these commands have it: ", join(owners)}));
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
        if (branch != nullptr && branch->options.find(name) != nullptr) {
            return usage_error(
                concat({name, " is an option of ", branch->command->name}),
                concat({"put it after the command: jit ", branch->command->name, " ", name, " ..."}));
        }
        if (branch != nullptr) {
            return no_option(tree, *branch, name);
        }
        return usage_error(concat({"there is no option ", name}),
                           did_you_mean(name, option_names(tree), tree));
    }
    if (branch != nullptr && branch->command->words.empty() && !left.empty()) {
        return usage_error(concat({"unexpected \"", left.front(), "\""}), more_help(tree));
    }
    return left;
}

void bind(CLI::App& app, const commands::OptionSet& options) {
    using commands::Option;
    for (const Option& option : options.all()) {
        if (option.name == "--help") {
            continue; // CLI11 has its own
        }
        const std::string names =
            option.letter.empty() ? option.name : concat({option.letter, ",", option.name});
        const auto read = [&option](const std::vector<std::string>& values) {
            if (const auto done = option.read(values); !done) {
                throw CLI::ValidationError(done.error().message);
            }
        };
        const auto read_one = [read](const std::string& value) { read({value}); };
        if (option.value == Option::Value::none) {
            app.add_flag_callback(names, [read] { read({}); });
        } else if (option.value == Option::Value::required && option.repeat != Option::Repeat::collected) {
            CLI::Option* const added = app.add_option_function<std::string>(names, read_one);
            if (option.repeat == Option::Repeat::last_wins) {
                added->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
            }
        } else {
            // Where extra arguments are allowed, CLI11 splits a value in brackets: "[Prod] DB, [Test]".
            CLI::Option* const added = app.add_option_function<std::vector<std::string>>(names, read);
            if (option.value == Option::Value::optional) {
                added->expected(0, 1)->allow_extra_args(false);
            } else {
                added->expected(1)->allow_extra_args(false)->multi_option_policy(
                    CLI::MultiOptionPolicy::TakeAll);
            }
        }
    }
    for (const Option& option : options.all()) {
        for (const std::string& other : option.excluded) {
            app.get_option(option.name)->excludes(app.get_option(other));
        }
    }
}

/// The tree as CLI11 parses it.
class Parser {
public:
    Parser(CommandTree& tree, const std::vector<std::string>& words) : tree_(tree) {
        bind(app_, tree.options);
        app_.set_help_flag("-h,--help");
        // Words and unknown options are left over, for `parse` to judge; a command's name among the words of
        // another is one of those words.
        app_.allow_extras();
        app_.require_subcommand(0, 1);
        for (const commands::Group& group : commands::groups()) {
            CLI::App* const app = add(app_, std::string(group.name));
            app->require_subcommand(0, 1);
            groups_.push_back({app, &group});
        }
        for (const CommandTree::Subcommand& branch : tree.branches) {
            const auto of = std::find_if(groups_.begin(), groups_.end(),
                                         [&branch](const auto& each) { return each.second == branch.group; });
            CLI::App* const app = add(of == groups_.end() ? app_ : *of->first, branch.name);
            // A command that the line does not name, in whatever place, has no options to be parsed.
            if (std::find(words.begin(), words.end(), branch.name) != words.end()) {
                bind(*app, branch.options);
            }
            branches_.push_back({app, &branch});
        }
    }

    /// Throws what CLI11 throws. Whatever it comes to, the tree knows the command that was named.
    void parse(std::vector<std::string> reversed) {
        try {
            app_.parse(std::move(reversed));
        } catch (const CLI::Error&) {
            select();
            throw;
        }
        select();
    }

    /// What is neither an option nor a command.
    [[nodiscard]] std::vector<std::string> remaining() const { return app_.remaining(true); }

private:
    static CLI::App* add(CLI::App& to, const std::string& name) {
        CLI::App* const app = to.add_subcommand(name);
        app->set_help_flag("-h,--help");
        app->fallthrough();
        return app;
    }

    void select() {
        for (const auto& [app, group] : groups_) {
            tree_.parsed_group = app->parsed() ? group : tree_.parsed_group;
        }
        for (const auto& [app, branch] : branches_) {
            tree_.parsed_branch = app->parsed() ? branch : tree_.parsed_branch;
        }
    }

    CommandTree& tree_;
    CLI::App app_{"", "jit"};
    std::vector<std::pair<CLI::App*, const commands::Group*>> groups_;
    std::vector<std::pair<CLI::App*, const CommandTree::Subcommand*>> branches_;
};

} // namespace

Result<Parsed> parse(CommandTree& tree, const std::vector<std::string>& line) {
    const Line read = read_line(tree, line);
    const auto own_end = line.begin() + static_cast<std::ptrdiff_t>(read.own_words);
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
    Parser parser(tree, words);
    try {
        parser.parse(std::move(reversed));
    } catch (const CLI::CallForHelp&) {
        if (auto error = unknown_command(tree, parser.remaining())) {
            return *std::move(error);
        }
        return Parsed{Parsed::Control::help, std::find(words.begin(), words.end(), "--all") != words.end()};
    } catch (const CLI::ParseError& thrown) {
        problem = usage_error(describe(thrown, read), more_help(tree));
    }
    // An unknown option or command is the more helpful thing to hear of.
    JIT_TRY(auto left, judge(tree, parser.remaining(), plain));
    if (problem) {
        return *std::move(problem);
    }
    if (tree.version) {
        return Parsed{Parsed::Control::version};
    }
    if (tree.selected() == nullptr) {
        const std::string group = tree.group() == nullptr ? "" : concat({" after jit ", tree.group()->name});
        return usage_error(concat({"a command is missing", group, tree.group() == nullptr ? "" : ": ",
                                   tree.group() == nullptr ? "" : join(command_names(tree))}),
                           more_help(tree));
    }
    left.insert(left.end(), program.begin(), program.end());
    return Parsed{Parsed::Control::command, false, std::move(left)};
}

} // namespace jit::cli
