#include "util/private_file.hpp"

#include "util/regular_file.hpp"
#include "util/text.hpp"

#include <algorithm>
#include <cerrno>
#include <ctime>
#include <dirent.h>
#include <fcntl.h>
#include <limits>
#include <memory>
#include <sys/file.h>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace jit {
namespace {

constexpr mode_t k_others = S_IRWXG | S_IRWXO;

Error failure(std::string_view what, const std::string& path, std::string_view why) {
    return Error{ErrorKind::internal, concat({"cannot ", what, " ", path, ": ", why})};
}

Error system_failure(std::string_view what, const std::string& path) {
    return failure(what, path, std::generic_category().message(errno));
}

/// "/a/b/c" is in "/a/b", and "c" is in ".".
std::string parent_of(const std::string& path) {
    const std::size_t slash = path.find_last_of('/');
    return slash == std::string::npos ? "." : slash == 0 ? "/" : path.substr(0, slash);
}

bool make_directories(const std::string& path) {
    constexpr mode_t k_mode = S_IRWXU;
    if (mkdir(path.c_str(), k_mode) == 0 || errno == EEXIST) {
        return true;
    }
    const std::string parent = parent_of(path);
    return errno == ENOENT && parent != path && make_directories(parent) &&
           (mkdir(path.c_str(), k_mode) == 0 || errno == EEXIST);
}

bool write_all(int fd, std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t size = write(fd, bytes.data(), bytes.size());
        if (size < 0 && errno == EINTR) {
            continue;
        }
        if (size < 0) {
            return false;
        }
        bytes.remove_prefix(static_cast<std::size_t>(size));
    }
    return true;
}

constexpr std::string_view k_temporary = ".jit-";

/// How the names of temporary files begin that are to become this file.
std::string temporary_prefix(const std::string& path) {
    return concat({".", path.substr(path.find_last_of('/') + 1), k_temporary});
}

/// Removes what writers left that were killed, as far as it was last written before a time.
void sweep(const std::string& directory, const std::string& prefix, std::time_t before) {
    struct Close {
        void operator()(DIR* open) const { (void)closedir(open); }
    };
    const std::unique_ptr<DIR, Close> open(opendir(directory.c_str()));
    if (!open) {
        return;
    }
    while (const dirent* const entry = readdir(open.get())) { // NOLINT(concurrency-mt-unsafe): our own DIR
        struct stat status = {};
        const char* const name = static_cast<const char*>(entry->d_name);
        if (std::string_view(name).substr(0, prefix.size()) == prefix &&
            fstatat(dirfd(open.get()), name, &status, AT_SYMLINK_NOFOLLOW) == 0 && status.st_mtime < before) {
            (void)unlinkat(dirfd(open.get()), name, 0);
        }
    }
}

struct Place {
    std::string base;
    std::string path;
    bool make_base;
};

/// The runtime directory is the system's to make, and a home is never made.
std::vector<Place> places(const Environment& environment) {
    std::vector<Place> found;
    const auto add = [&](const char* variable, const char* below, bool make_base) {
        // The XDG specification has relative paths ignored.
        if (const auto base = environment(variable); base && base->front() == '/') {
            found.push_back({*base, *base + below, make_base});
        }
    };
    add("XDG_RUNTIME_DIR", "/jit", false);
    add("XDG_CACHE_HOME", "/jit", true);
    add("HOME", "/.cache/jit", false);
    return found;
}

/// Whether the base, or where it may be made the nearest directory above it, is there and ours.
bool is_ours(const Place& place) {
    struct stat status = {};
    std::string path = place.base;
    while (stat(path.c_str(), &status) != 0) {
        if (errno != ENOENT || !place.make_base || path == "/") {
            return false;
        }
        path = parent_of(path);
    }
    return S_ISDIR(status.st_mode) && status.st_uid == geteuid();
}

} // namespace

Result<void> ensure_private_directory(const std::string& path) {
    constexpr const char* k_what = "use the directory";
    if (!make_directories(path)) {
        return system_failure("make the directory", path);
    }
    const Descriptor directory(open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    struct stat status = {};
    if (directory.get() < 0 || fstat(directory.get(), &status) != 0) {
        return system_failure(k_what, path);
    }
    if (status.st_uid != geteuid()) {
        return failure(k_what, path, "it belongs to another user");
    }
    if ((status.st_mode & k_others) != 0 && fchmod(directory.get(), S_IRWXU) != 0) {
        return system_failure(k_what, path);
    }
    return {};
}

std::vector<std::string> private_cache_places(const Environment& environment) {
    std::vector<std::string> paths;
    for (Place& place : places(environment)) {
        paths.push_back(std::move(place.path));
    }
    return paths;
}

std::optional<std::string> private_cache_directory(const Environment& environment) {
    for (const Place& place : places(environment)) {
        if (is_ours(place) && ensure_private_directory(place.path)) {
            return place.path;
        }
    }
    return std::nullopt;
}

Result<std::optional<Secret>> read_private_file(const std::string& path, std::size_t most) {
    RegularFile file(path, RegularFile::Links::refused);
    if (file.problem() == ENOENT || file.problem() == ENOTDIR) {
        return std::optional<Secret>();
    }
    if (file.problem() != 0) {
        return failure("read", path, file.reason());
    }
    if (file.status().st_uid != geteuid()) {
        return failure("read", path, "it belongs to another user");
    }
    if ((file.status().st_mode & k_others) != 0) {
        return failure("read", path, "others have rights to it");
    }
    auto bytes = file.read(most);
    return bytes ? Result<std::optional<Secret>>(std::optional(Secret::take(*bytes)))
                 : failure("read", path, file.reason());
}

Result<void> write_private_file(const std::string& path, std::string_view bytes, Durability durability) {
    struct stat there = {};
    if (stat(path.c_str(), &there) == 0 && !S_ISREG(there.st_mode)) {
        return failure("write", path, "it is no regular file");
    }
    const std::string directory = parent_of(path);
    const std::string prefix = temporary_prefix(path);
    constexpr std::time_t k_minute = 60;
    sweep(directory, prefix, std::time(nullptr) - k_minute);
    std::string temporary = concat({directory, "/", prefix, "XXXXXX"});
    Descriptor file(mkostemp(temporary.data(), O_CLOEXEC)); // 0600
    if (file.get() < 0) {
        return system_failure("write", path);
    }
    const bool lasting = durability == Durability::lasting;
    const bool written = write_all(file.get(), bytes) && (!lasting || fsync(file.get()) == 0);
    if (!written || !file.close() || rename(temporary.c_str(), path.c_str()) != 0) {
        Error error = system_failure("write", path);
        (void)unlink(temporary.c_str());
        return error;
    }
    if (lasting) {
        const Descriptor parent(open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
        (void)fsync(parent.get()); // the file is whole either way
    }
    return {};
}

void remove_leftovers(const std::string& path) {
    sweep(parent_of(path), temporary_prefix(path), std::numeric_limits<std::time_t>::max());
}

bool is_leftover(std::string_view name, std::string_view prefix) {
    return name.substr(0, 1) == "." && name.substr(1, prefix.size()) == prefix &&
           name.find(k_temporary) != std::string_view::npos;
}

FileLock::FileLock(FileLock&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}

FileLock& FileLock::operator=(FileLock&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
}

FileLock::~FileLock() {
    if (fd_ >= 0) {
        (void)close(fd_);
    }
}

Result<std::optional<FileLock>> FileLock::acquire(const std::string& path, Clock& clock,
                                                  std::chrono::milliseconds timeout,
                                                  const std::function<bool()>& stop_if) {
    constexpr const char* k_what = "lock";
    constexpr std::chrono::milliseconds k_longest_pause{50};
    constexpr mode_t k_mode = S_IRUSR | S_IWUSR;
    Descriptor file(open(path.c_str(), O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, k_mode));
    struct stat status = {};
    if (file.get() < 0 || fstat(file.get(), &status) != 0) {
        return system_failure(k_what, path);
    }
    if (!S_ISREG(status.st_mode) || status.st_uid != geteuid()) {
        return failure(k_what, path, "it is no file of ours");
    }
    const Deadline end(clock, timeout);
    for (std::chrono::milliseconds pause{1};; pause = std::min(pause * 2, k_longest_pause)) {
        if (flock(file.get(), LOCK_EX | LOCK_NB) == 0) {
            return std::optional(FileLock(file.release()));
        }
        if (errno == EINTR) {
            continue;
        }
        if (errno != EWOULDBLOCK) {
            return system_failure(k_what, path);
        }
        if (end.is_over() || (stop_if && stop_if())) {
            return std::optional<FileLock>();
        }
        if (!clock.sleep(std::min(pause, end.left()))) {
            return Error{ErrorKind::interrupted, "interrupted"};
        }
    }
}

} // namespace jit
