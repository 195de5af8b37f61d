#pragma once

#include "util/duration.hpp"
#include "util/text.hpp"

#include <CLI/CLI.hpp>
#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace jit::commands {

/// An option whose value is a whole decimal number from `least` to `most`. CLI11's own conversion would read
/// 010 as 8 and 0x10 as 16, which is no way to say how long privileged access lasts.
template <typename Number>
CLI::Option* add_whole_number(CLI::App& tree, const std::string& names, Number& target, long least, long most,
                              const std::string& description) {
    const std::string name = names.substr(names.rfind(',') + 1); // the long one
    const auto read = [&target, least, most, name](const std::string& text) {
        const auto number = parse_int(text, least, most);
        if (!number) {
            throw CLI::ValidationError(concat({name, ": \"", text, "\" is not a whole number from ",
                                               std::to_string(least), " to ", std::to_string(most)}));
        }
        target = static_cast<Number>(*number);
    };
    return tree.add_option_function<std::string>(names, read, description);
}

/// An option whose value is a stretch of time like 90s or 1h30m.
inline CLI::Option* add_duration(CLI::App& tree, const std::string& name, std::chrono::seconds& target,
                                 const std::string& description) {
    const auto read = [&target, name](const std::string& text) {
        const auto duration = parse_duration(text);
        if (!duration) {
            throw CLI::ValidationError(
                concat({name, ": \"", text, "\" is no stretch of time like 90s or 10m"}));
        }
        target = *duration;
    };
    return tree.add_option_function<std::string>(name, read, description)->type_name("TIME");
}

/// An option that takes one value each time it is given; `read` gets all of them.
inline CLI::Option* add_repeatable(CLI::App& tree, const std::string& names,
                                   const std::function<void(const std::vector<std::string>&)>& read,
                                   const std::string& description) {
    // Where extra arguments are allowed, CLI11 splits a value in brackets: "[Prod] DB, [Test]".
    return tree.add_option_function<std::vector<std::string>>(names, read, description)
        ->expected(1)
        ->allow_extra_args(false)
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
}

/// The same into a list.
inline CLI::Option* add_repeatable(CLI::App& tree, const std::string& names, std::vector<std::string>& target,
                                   const std::string& description) {
    const auto read = [&target](const std::vector<std::string>& values) { target = values; };
    return add_repeatable(tree, names, read, description);
}

} // namespace jit::commands
