#pragma once

#include "util/clock.hpp"
#include "util/environment.hpp"
#include "util/result.hpp"
#include "util/secret.hpp"

#include <chrono>
#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace jit {

// Files that are nobody else's business: caches of tokens and names, a configuration with a secret in it.
// "Ours" is what belongs to the effective user of this process. Errors have code 1, name the path and say
// what the system said; a caller that can do without the file drops them.

/// Makes a directory, and those above it that are missing, for us alone (0700). One that is there must be
/// ours and no symbolic link; if others may enter it, that is ended.
[[nodiscard]] Result<void> ensure_private_directory(const std::string& path);

/// Where a cache may be, the best place first: `$XDG_RUNTIME_DIR/jit`, `$XDG_CACHE_HOME/jit`,
/// `$HOME/.cache/jit`. Nothing is made or looked at.
[[nodiscard]] std::vector<std::string> private_cache_places(const Environment& environment);

/// The first of them that exists or can be made, is private, and is below a directory that we own: under
/// sudo, nothing is left in the home of the caller. Empty if there is none: then there is no cache.
[[nodiscard]] std::optional<std::string> private_cache_directory(const Environment& environment);

/// The bytes of a file that is there, regular, ours, closed to all others (no bit for group or others is
/// set), no symbolic link, and of at most `most` bytes; an error where it is anything else. Empty where
/// nothing has that name.
[[nodiscard]] Result<std::optional<Secret>> read_private_file(const std::string& path, std::size_t most);

/// Whether a written file must outlast a crash of the machine; a cache need not.
enum class Durability { cache, lasting };

/// Replaces a file (0600) atomically: a reader sees the old bytes or the new ones, even if this process is
/// killed meanwhile. On an error the old file stays, and nothing else; what has the name and
/// is no regular file (a device, a pipe, a link to one) is an error. What killed writers left behind goes
/// after a minute, with the next write.
[[nodiscard]] Result<void> write_private_file(const std::string& path, std::string_view bytes,
                                              Durability durability = Durability::cache);

/// Removes what killed writers of this file left behind, however new. A writer that is at work fails by that.
void remove_leftovers(const std::string& path);

/// Whether a name in a directory is that of what a writer may leave behind of a file whose name begins so.
[[nodiscard]] bool is_leftover(std::string_view name, std::string_view prefix);

/// A lock among processes that is held while the object lives; the system frees it when its holder dies. The
/// lock file stays, empty.
class FileLock {
public:
    FileLock(const FileLock&) = delete;
    FileLock& operator=(const FileLock&) = delete;
    FileLock(FileLock&& other) noexcept;
    FileLock& operator=(FileLock&& other) noexcept;
    ~FileLock();

    /// Takes the lock; while another holds it, tries again by `clock` for at most `timeout`. Between the
    /// tries it asks `stop_if`, if that is given, and gives up when that is true. Empty where it gave up.
    /// Code 130 on an interrupt.
    [[nodiscard]] static Result<std::optional<FileLock>> acquire(const std::string& path, Clock& clock,
                                                                 std::chrono::milliseconds timeout,
                                                                 const std::function<bool()>& stop_if = {});

private:
    explicit FileLock(int fd) : fd_(fd) {}
    int fd_;
};

} // namespace jit
