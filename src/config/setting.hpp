#pragma once

#include <string>
#include <utility>

namespace jit::config {

/// Where a setting came from, as a person would name it: "--base-url", "SAIL_BASE_URL",
/// "/home/ada/.config/jit/config.yaml:3", "default".
struct Origin {
    enum class Kind { option, environment, file, built_in };
    Kind kind = Kind::built_in;
    std::string where = "default";
};

template <typename T>
struct Setting {
    T value;
    Origin origin;
};

} // namespace jit::config
