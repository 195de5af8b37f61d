#pragma once

#include "util/result.hpp"

#include <chrono>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace jit::commands {

/// The values that shells offer.
struct Completes {
    enum class Kind {
        choices,      ///< those listed; none where the list is empty
        entitlements, ///< mine, and the aliases
        environments, ///< those of the configuration files
        fields,       ///< those of the command's results
        files,
        program, ///< a program, then files
    };
    Kind kind = Kind::choices;
    std::vector<std::string_view> choices = {};
};

/// An option of the command line, as data: the parser, the help, the manual pages and the completion are made
/// from it.
struct Option {
    enum class Value { none, required, optional };
    enum class Repeat { forbidden, last_wins, collected };
    /// Takes the values, one unless it is repeatable; none where the value is optional and left out. An error
    /// is of usage, and its message is all that is used of it.
    using Read = std::function<Result<void>(const std::vector<std::string>&)>;

    std::string letter; ///< "-m"; empty: none
    std::string name;   ///< "--minutes"
    std::string help;
    Value value;
    Read read;
    Repeat repeat = Repeat::forbidden;
    std::string group = {};      ///< the title it is listed under
    std::string value_name = {}; ///< "N"; empty for a flag
    Completes completes = {};
    std::vector<std::string> excluded = {}; ///< names of options that do not go with it

    Option& in(std::string title) {
        group = std::move(title);
        return *this;
    }
    Option& takes(std::string what, Completes offered = {}) {
        value_name = std::move(what);
        completes = std::move(offered);
        return *this;
    }
    Option& last_wins() {
        repeat = Repeat::last_wins;
        return *this;
    }
    Option& excludes(const Option& other) {
        excluded.push_back(other.name);
        return *this;
    }
};

/// The options of a command, or those of every command, in the order that the help lists them. `names` are
/// "-m,--minutes" or "--minutes". A target outlives the parse; it is written only where the option is given.
class OptionSet {
public:
    Option& flag(std::string_view names, bool& target, std::string help);
    Option& flag(std::string_view names, std::function<void()> set, std::string help);

    Option& text(std::string_view names, std::string& target, std::string help);
    Option& text(std::string_view names, std::optional<std::string>& target, std::string help);
    Option& text(std::string_view names, std::function<Result<void>(const std::string&)> read,
                 std::string help);

    /// A whole decimal number from `least` to `most`: 010 is ten, and 0x10 is none.
    template <typename Number>
    Option& whole_number(std::string_view names, Number& target, long least, long most, std::string help) {
        return whole_number(
            names, [&target](long number) { target = static_cast<Number>(number); }, least, most,
            std::move(help));
    }
    Option& whole_number(std::string_view names, std::function<void(long)> set, long least, long most,
                         std::string help);

    /// A duration like 90s or 1h30m.
    template <typename Duration>
    Option& duration(std::string_view names, Duration& target, std::string help) {
        return duration(
            names, [&target](std::chrono::seconds length) { target = length; }, std::move(help));
    }
    Option& duration(std::string_view names, std::function<void(std::chrono::seconds)> set, std::string help);

    /// An option that takes one value each time it is given; `read` gets all of them.
    Option& repeatable(std::string_view names, std::vector<std::string>& target, std::string help);
    Option& repeatable(std::string_view names, Option::Read read, std::string help);

    /// An option whose value may be left out: `--watch`, `--watch=5`.
    Option& optional_value(std::string_view names, Option::Read read, std::string help);

    [[nodiscard]] const std::deque<Option>& all() const { return options_; }

    /// By "-m" or "--minutes"; null for none.
    [[nodiscard]] const Option* find(std::string_view name) const;

private:
    Option& add(std::string_view names, Option::Value value, Option::Read read, std::string help);

    std::deque<Option> options_; ///< a reference to one stays valid as more are added
};

} // namespace jit::commands
