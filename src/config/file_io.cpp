#include "config/file.hpp"

#include "config/destination.hpp"
#include "config/trust.hpp"
#include "util/private_file.hpp"
#include "util/regular_file.hpp"
#include "util/text.hpp"

#include <cerrno>
#include <filesystem>
#include <unistd.h>

namespace jit::config {
namespace {

constexpr std::size_t k_max_bytes = std::size_t{1024} * 1024;

Error unreadable(const RegularFile& file, const std::string& path) {
    return usage_error(file.problem() == RegularFile::k_too_large
                           ? concat({path, " is larger than 1 MiB: not a configuration file"})
                           : concat({"cannot read ", path, ": ", file.reason()}));
}

bool is_missing(const RegularFile& file) {
    return file.problem() == ENOENT || file.problem() == ENOTDIR;
}

/// `/dev/null`: how to say that there is no file.
bool is_null_device(const RegularFile& file) {
    struct stat null = {};
    return S_ISCHR(file.status().st_mode) && stat("/dev/null", &null) == 0 &&
           file.status().st_rdev == null.st_rdev;
}

Result<std::string> read_all(RegularFile& file, const std::string& path) {
    auto text = file.read(k_max_bytes);
    return text ? Result<std::string>(*std::move(text)) : unreadable(file, path);
}

} // namespace

Result<std::optional<std::string>> read_text(const std::string& path) {
    RegularFile file(path);
    if (is_missing(file)) {
        return std::optional<std::string>();
    }
    JIT_TRY(std::string text, read_all(file, path));
    return std::optional(std::move(text));
}

Result<void> write_text(const std::string& path, std::string_view text) {
    JIT_TRY(const std::string file, follow_links(path));
    const std::string directory = std::filesystem::path(file).parent_path().string();
    if (!directory.empty() && access(directory.c_str(), F_OK) != 0) {
        if (auto made = ensure_private_directory(directory); !made) {
            return made;
        }
    }
    return write_private_file(file, text, Durability::lasting);
}

void remove_leftovers(const std::string& path) {
    if (const auto file = follow_links(path)) {
        jit::remove_leftovers(*file);
    }
}

Result<std::optional<File>> read_file(const std::string& path, bool required, Owner owner) {
    RegularFile source(path);
    if ((!required && is_missing(source)) || is_null_device(source)) {
        return std::optional<File>();
    }
    if (!required && source.problem() == EACCES) {
        // Another user's home, say: nobody asked for a file there.
        File nothing;
        nothing.path = path;
        nothing.warnings.push_back(unreadable(source, path).message);
        return std::optional<File>(std::move(nothing));
    }
    JIT_TRY(std::string text, read_all(source, path));
    Result<File> file = parse_file(text, path, owner);
    wipe(text);
    if (!file) {
        return std::move(file).error();
    }
    if (file->has_secret) {
        file->open_to_others = why_not_private(path, source.status());
    }
    if (file->steers) {
        if (auto problem = why_not_trusted(path, source.status())) {
            return file->open_to_others.value_or(
                *std::move(problem)); // whose command closes it for writers, too
        }
    }
    return std::optional<File>(*std::move(file));
}

} // namespace jit::config
