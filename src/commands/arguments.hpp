#pragma once

#include "base/text.hpp"

#include <CLI/CLI.hpp>
#include <optional>
#include <string>
#include <utility>

namespace jit::commands {

/// An option whose value is a whole decimal number from `least` to `most`. CLI11's own conversion would read
/// 010 as 8 and 0x10 as 16, which is no way to say how long privileged access lasts.
template <typename Number>
CLI::Option* add_whole_number(CLI::App& tree, const std::string& names, Number& target, long least, long most,
                              const std::string& description) {
    const std::string name = names.substr(names.rfind(',') + 1); // the long one
    const auto read = [&target, least, most, name](const std::string& text) {
        const auto number = parse_whole(text, least, most);
        if (!number) {
            throw CLI::ValidationError(cat({name, ": \"", text, "\" is not a whole number from ",
                                            std::to_string(least), " to ", std::to_string(most)}));
        }
        target = static_cast<Number>(*number);
    };
    return tree.add_option_function<std::string>(names, read, description);
}

} // namespace jit::commands
