#include "config/trust.hpp"

#include "util/text.hpp"

#include <filesystem>
#include <string_view>
#include <system_error>
#include <unistd.h>

namespace jit::config {
namespace {

/// A path as one word of a shell.
std::string shell_word(const std::string& path) {
    std::string word = "'";
    for (const char c : path) {
        word += c == '\'' ? "'\\''" : std::string(1, c);
    }
    return word + "'";
}

bool is_foreign(const struct stat& status) {
    return status.st_uid != geteuid() && status.st_uid != 0;
}

bool others_write(const struct stat& status) {
    return (status.st_mode & (S_IWGRP | S_IWOTH)) != 0;
}

/// The first directory, from the inside, in which somebody else can put a file of this path.
std::optional<Error> check_directories(const std::string& path, std::filesystem::path directory) {
    for (;; directory = directory.parent_path()) {
        struct stat status = {};
        const std::string name = directory.string();
        if (stat(name.c_str(), &status) == 0 && is_foreign(status)) {
            return usage_error(
                concat({path, " is not trusted: the directory ", name, " belongs to another user"}),
                concat(
                    {"move the file, or make the directory yours: chown \"$(id -un)\" ", shell_word(name)}));
        }
        if (others_write(status) && (status.st_mode & S_ISVTX) == 0) {
            return usage_error(
                concat({path, " is not trusted: the directory ", name, " can be written by others"}),
                concat({"close it: chmod go-w ", shell_word(name)}));
        }
        if (!directory.has_relative_path()) {
            return std::nullopt;
        }
    }
}

} // namespace

std::optional<Error> why_not_trusted(const std::string& path, const struct stat& status) {
    if (is_foreign(status)) {
        return usage_error(concat({path, " is not trusted: it belongs to another user"}),
                           concat({"make it yours: chown \"$(id -un)\" ", shell_word(path)}));
    }
    if (others_write(status)) {
        return usage_error(concat({path, " is not trusted: it can be written by others"}),
                           concat({"close it: chmod go-w ", shell_word(path)}));
    }
    // Where the name is a link: who can change the link, and who can change what it leads to.
    std::error_code unknown;
    const std::filesystem::path real = std::filesystem::canonical(path, unknown).parent_path();
    if (unknown) {
        return std::nullopt; // a file without a name any more
    }
    if (auto problem = check_directories(path, real)) {
        return problem;
    }
    const std::filesystem::path written = std::filesystem::absolute(path, unknown).parent_path();
    const std::filesystem::path named = std::filesystem::canonical(written, unknown);
    return unknown || named == real ? std::nullopt : check_directories(path, named);
}

std::optional<Error> why_not_private(const std::string& path, const struct stat& status) {
    if (status.st_uid != geteuid() && geteuid() != 0) {
        return usage_error(concat({path, " holds a secret and belongs to another user"}),
                           concat({"make it yours: chown \"$(id -un)\" ", shell_word(path), " && chmod 600 ",
                                   shell_word(path)}));
    }
    if ((status.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
        return usage_error(concat({path, " holds a secret and can be read by others"}),
                           concat({"close it: chmod 600 ", shell_word(path)}));
    }
    return std::nullopt;
}

} // namespace jit::config
