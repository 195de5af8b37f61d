#include "config/destination.hpp"

#include "util/text.hpp"

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <system_error>
#include <unistd.h>

namespace jit::config {
namespace {

namespace fs = std::filesystem;

Error cannot_write(const std::string& path, const std::string& why) {
    return usage_error(concat({"cannot write ", path, ": ", why, "; nothing was stored"}),
                       "name another file: --config FILE");
}

/// The directory of a file, or the nearest one above it that is there: the others can be made in it.
fs::path nearest_directory(const fs::path& file) {
    std::error_code problem;
    fs::path directory = file.has_parent_path() ? file.parent_path() : fs::path(".");
    while (!fs::exists(directory, problem) && directory.has_parent_path() &&
           directory != directory.parent_path()) {
        directory = directory.parent_path();
    }
    return directory.empty() || !fs::exists(directory, problem) ? fs::path(".") : directory;
}

/// Whether the system lets a file be made there: to try it is the one sure way to know.
std::error_code try_to_write(const fs::path& directory) {
    std::string name = (directory / ".jit-XXXXXX").string();
    const int fd = mkstemp(name.data());
    if (fd < 0) {
        return {errno, std::generic_category()};
    }
    (void)close(fd);
    (void)unlink(name.c_str());
    return {};
}

std::optional<std::string> work_tree_of(const fs::path& file) {
    std::error_code problem;
    for (fs::path directory = fs::absolute(file, problem).lexically_normal().parent_path();;
         directory = directory.parent_path()) {
        if (fs::exists(directory / ".git", problem)) {
            return directory.string();
        }
        if (directory == directory.parent_path()) {
            return std::nullopt;
        }
    }
}

} // namespace

Result<std::string> follow_links(const std::string& path) {
    constexpr int k_max = 40; // as the system has it
    fs::path file(path);
    std::error_code problem;
    for (int i = 0; i < k_max; ++i) {
        if (!fs::is_symlink(file, problem)) {
            return file.string();
        }
        const fs::path target = fs::read_symlink(file, problem);
        if (problem) {
            return cannot_write(path, problem.message());
        }
        file = target.is_absolute() ? target : file.parent_path() / target;
    }
    return cannot_write(path, "its symbolic links lead in a circle");
}

Result<Destination> find_destination(const std::string& path) {
    JIT_TRY(std::string real, follow_links(path));
    if (const auto failed = try_to_write(nearest_directory(real))) {
        return cannot_write(real, failed.message());
    }
    auto work_tree = work_tree_of(real);
    const bool is_link = real != path;
    return Destination{std::move(real), is_link, std::move(work_tree)};
}

} // namespace jit::config
