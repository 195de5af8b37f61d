#include "cli/line.hpp"

#include <utility>

namespace jit::cli {
namespace {

using commands::Option;

class Reader {
public:
    explicit Reader(const CommandTree& tree) : tree_(tree) {}

    void read(const std::string& word) {
        if (line_.pending != nullptr) {
            line_.given.push_back({std::exchange(line_.pending, nullptr), word});
        } else if (line_.options_ended || word.size() < 2 || word.front() != '-') {
            read_plain(word);
        } else if (word == "--") {
            end_options();
        } else if (word[1] == '-') {
            const std::size_t equals = word.find('=');
            const Option* const option = find_option(tree_, line_.branch, word.substr(0, equals));
            if (option != nullptr && equals != std::string::npos) {
                line_.given.push_back({option, word.substr(equals + 1)});
            } else {
                start(option);
            }
        } else {
            read_letters(word);
        }
        ++position_;
    }

    [[nodiscard]] Line take() {
        line_.own_words = own_words_.value_or(position_);
        return std::move(line_);
    }

private:
    void start(const Option* option) {
        if (option != nullptr && option->value == Option::Value::required) {
            line_.pending = option;
        } else if (option != nullptr) {
            line_.given.push_back({option});
        }
    }

    /// "-m60", "-qv".
    void read_letters(const std::string& word) {
        for (std::size_t i = 1; i < word.size(); ++i) {
            start(find_option(tree_, line_.branch, std::string{'-', word[i]}));
            if (line_.pending != nullptr && i + 1 < word.size()) {
                line_.given.push_back({std::exchange(line_.pending, nullptr), word.substr(i + 1)});
                return;
            }
        }
    }

    void read_plain(const std::string& word) {
        if (!line_.options_ended && select(word)) {
            return;
        }
        line_.help = line_.help || (line_.branch == nullptr && line_.group == nullptr && word == "help");
        if (runs_program_ && !line_.options_ended) {
            end_options();
        }
        line_.words.push_back(word);
    }

    /// Whether the word names a command or a group of them.
    bool select(const std::string& word) {
        if (line_.branch != nullptr) {
            return false;
        }
        for (const CommandTree::Subcommand& each : tree_.branches) {
            if (each.group == line_.group && each.name == word) {
                line_.branch = &each;
                runs_program_ = each.command->runs_program && line_.words.empty();
                return true;
            }
        }
        for (const commands::Group& each : commands::groups()) {
            if (line_.group == nullptr && each.name == word) {
                line_.group = &each;
                return true;
            }
        }
        return false;
    }

    void end_options() {
        line_.options_ended = true;
        if (runs_program_) {
            own_words_ = position_;
        }
    }

    const CommandTree& tree_;
    Line line_;
    std::size_t position_ = 0;
    bool runs_program_ = false;
    std::optional<std::size_t> own_words_;
};

} // namespace

std::optional<std::string> Line::value_of(std::string_view name) const {
    std::optional<std::string> value;
    for (const Given& each : given) {
        if (each.option->name == name && each.value) {
            value = each.value;
        }
    }
    return value;
}

Line read_line(const CommandTree& tree, const std::vector<std::string>& words) {
    Reader reader(tree);
    for (const std::string& word : words) {
        reader.read(word);
    }
    return reader.take();
}

const Option* find_option(const CommandTree& tree, const CommandTree::Subcommand* branch,
                          std::string_view name) {
    const Option* const own = branch == nullptr ? nullptr : branch->options.find(name);
    return own != nullptr ? own : tree.options.find(name);
}

} // namespace jit::cli
