#include "util/private_file.hpp"

#include "support/fakes.hpp"

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace jit;
using namespace std::chrono_literals;
namespace fs = std::filesystem;

namespace {

constexpr std::size_t k_max = 100;

unsigned mode_of(const std::string& path) {
    struct stat status = {};
    REQUIRE(lstat(path.c_str(), &status) == 0);
    return status.st_mode & 07777U;
}

std::string error_of(const Result<std::optional<Secret>>& result) {
    return result ? "" : result.error().message;
}

std::string content(const std::string& path) {
    const auto read = read_private_file(path, k_max);
    return !read ? "error" : *read ? std::string((**read).reveal()) : "nothing";
}

std::vector<std::string> names_in(const std::string& path) {
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator(path)) {
        names.push_back(entry.path().filename().string());
    }
    return names;
}

} // namespace

TEST_CASE("util::ensure_private_directory") {
    const test::TemporaryDirectory home;
    const std::string path = home.path() + "/a/b/jit";
    SECTION("makes it and those above it, for us alone") {
        CHECK(ensure_private_directory(path));
        CHECK(ensure_private_directory(path));
        CHECK(mode_of(path) == 0700);
        CHECK(mode_of(home.path() + "/a") == 0700);
    }
    SECTION("closes one that is open to others") {
        fs::create_directories(path);
        REQUIRE(chmod(path.c_str(), 0755) == 0);
        CHECK(ensure_private_directory(path));
        CHECK(mode_of(path) == 0700);
    }
    SECTION("takes no symbolic link and no file") {
        fs::create_directories(home.path() + "/elsewhere");
        fs::create_directories(home.path() + "/a/b");
        fs::create_directory_symlink(home.path() + "/elsewhere", path);
        CHECK_FALSE(ensure_private_directory(path));
        fs::remove(path);
        (void)home.write("a/b/jit", "");
        const auto done = ensure_private_directory(path);
        REQUIRE_FALSE(done);
        CHECK(done.error().message.find(path) != std::string::npos);
    }
}

TEST_CASE("util::private_cache_directory") {
    const test::TemporaryDirectory home;
    fs::create_directories(home.path() + "/run");
    const std::string run = home.path() + "/run";
    const std::string cache = home.path() + "/cache";
    using test::variables;
    CHECK(private_cache_directory(variables({})) == std::nullopt);
    CHECK(private_cache_directory(variables({{"HOME", home.path() + "/missing"}})) == std::nullopt);
    CHECK(private_cache_directory(variables({{"HOME", home.path()}})) == home.path() + "/.cache/jit");
    CHECK(private_cache_directory(variables({{"HOME", home.path()}, {"XDG_CACHE_HOME", cache}})) ==
          cache + "/jit");
    CHECK(private_cache_directory(variables({{"XDG_CACHE_HOME", cache}, {"XDG_RUNTIME_DIR", run}})) ==
          run + "/jit");
    CHECK(private_cache_directory(variables({{"XDG_CACHE_HOME", "cache"}, {"XDG_RUNTIME_DIR", "run"}})) ==
          std::nullopt);
    SECTION("one that cannot be used is passed over") {
        const auto both = variables({{"XDG_CACHE_HOME", cache}, {"XDG_RUNTIME_DIR", run}});
        fs::remove_all(run);
        CHECK(private_cache_directory(both) == cache + "/jit");
        (void)home.write("run/jit", "a file");
        CHECK(private_cache_directory(both) == cache + "/jit");
        if (geteuid() == 0) { // only root can give a file away
            fs::remove_all(run + "/jit");
            CHECK(private_cache_directory(both) == run + "/jit");
            REQUIRE(chown(run.c_str(), 1, 1) == 0);
            CHECK(private_cache_directory(both) == cache + "/jit");
        }
    }
}

TEST_CASE("util::read_private_file") {
    const test::TemporaryDirectory home;
    const std::string path = home.write("file", "bytes");
    SECTION("a file that is fine, and none") {
        CHECK(content(path) == "bytes");
        CHECK(content(home.path() + "/missing") == "nothing");
        CHECK(content(path + "/below") == "nothing");
        CHECK(content(home.write("empty", "")).empty());
    }
    SECTION("any right of others is one too many") {
        for (const mode_t mode : {0640U, 0620U, 0610U, 0604U, 0602U, 0601U}) {
            REQUIRE(chmod(path.c_str(), mode) == 0);
            CHECK(error_of(read_private_file(path, k_max)) ==
                  "cannot read " + path + ": others have rights to it");
        }
    }
    SECTION("what is no file of ours") {
        fs::create_symlink(path, home.path() + "/link");
        CHECK(content(home.path() + "/link") == "error");
        CHECK(error_of(read_private_file(home.path(), k_max)).find("no regular file") != std::string::npos);
        REQUIRE(mkfifo((home.path() + "/fifo").c_str(), 0600) == 0);
        CHECK(content(home.path() + "/fifo") == "error");
        if (geteuid() == 0) {
            REQUIRE(chown(path.c_str(), 1, 1) == 0);
            CHECK(error_of(read_private_file(path, k_max)).find("another user") != std::string::npos);
        }
    }
    SECTION("the size has a limit") {
        CHECK(content(home.write("most", std::string(k_max, 'x'))) == std::string(k_max, 'x'));
        CHECK(error_of(read_private_file(home.write("more", std::string(k_max + 1, 'x')), k_max))
                  .find("too large") != std::string::npos);
    }
}

TEST_CASE("util::write_private_file") {
    const test::TemporaryDirectory home;
    const std::string path = home.path() + "/file";
    SECTION("writes it anew, for us alone, and leaves nothing else") {
        for (const auto durability : {Durability::cache, Durability::lasting}) {
            CHECK(write_private_file(path, "one", durability));
            REQUIRE(chmod(path.c_str(), 0644) == 0);
            CHECK(write_private_file(path, "two", durability));
            CHECK(content(path) == "two");
            CHECK(mode_of(path) == 0600);
            CHECK(names_in(home.path()) == std::vector<std::string>{"file"});
        }
    }
    SECTION("a symbolic link is replaced, not followed") {
        const std::string target = home.write("target", "old");
        fs::create_symlink(target, path);
        CHECK(write_private_file(path, "new"));
        CHECK(content(path) == "new");
        CHECK(content(target) == "old");
    }
    SECTION("what is no regular file is not replaced, neither by itself nor by a link to it") {
        REQUIRE(mkfifo(path.c_str(), 0600) == 0);
        fs::create_symlink(path, home.path() + "/link");
        for (const std::string& name : {path, home.path() + "/link", std::string("/dev/null"), home.path()}) {
            const auto done = write_private_file(name, "secret");
            REQUIRE_FALSE(done);
            CHECK(done.error().message == "cannot write " + name + ": it is no regular file");
        }
        CHECK(fs::is_fifo(path));
        CHECK(fs::is_symlink(home.path() + "/link"));
        CHECK(fs::is_character_file("/dev/null"));
        CHECK(names_in(home.path()).size() == 2);
    }
    SECTION("on an error the old file stays, and nothing else") {
        CHECK(write_private_file(path, "old"));
        rlimit before = {};
        REQUIRE(getrlimit(RLIMIT_FSIZE, &before) == 0);
        const rlimit small{2, before.rlim_max};
        auto* const handler = std::signal(SIGXFSZ, SIG_IGN);
        REQUIRE(setrlimit(RLIMIT_FSIZE, &small) == 0);
        const auto done = write_private_file(path, "larger than two");
        REQUIRE(setrlimit(RLIMIT_FSIZE, &before) == 0);
        (void)std::signal(SIGXFSZ, handler);
        REQUIRE_FALSE(done);
        CHECK(done.error().message == "cannot write " + path + ": File too large");
        CHECK(content(path) == "old");
        CHECK(names_in(home.path()) == std::vector<std::string>{"file"});
        CHECK_FALSE(write_private_file(home.path() + "/missing/file", ""));
    }
    SECTION("what a killed writer left goes after a minute") {
        const std::string left = home.write(".file.jit-abcdef", "half");
        CHECK(write_private_file(path, "one"));
        CHECK(fs::exists(left));
        const timeval times[2] = {{1, 0}, {1, 0}};
        REQUIRE(utimes(left.c_str(), static_cast<const timeval*>(times)) == 0);
        CHECK(write_private_file(path, "two"));
        CHECK(names_in(home.path()) == std::vector<std::string>{"file"});
    }
}

TEST_CASE("util::remove_leftovers") {
    const test::TemporaryDirectory home;
    for (const char* const name : {".file.jit-abcdef", ".file.jit-123456", "file", ".other.jit-abcdef"}) {
        (void)home.write(name, "");
    }
    remove_leftovers(home.path() + "/file");
    CHECK(names_in(home.path()).size() == 2);
    CHECK(fs::exists(home.path() + "/file"));
    CHECK(is_leftover(".token-0.json.jit-abcdef", "token-"));
    CHECK_FALSE(is_leftover("token-0.json", "token-"));
    CHECK_FALSE(is_leftover(".names-0.jit-abcdef", "token-"));
}

TEST_CASE("util::FileLock") {
    const test::TemporaryDirectory home;
    const std::string path = home.path() + "/lock";
    test::FakeClock clock;
    SECTION("one holds it at a time") {
        {
            const auto held = FileLock::acquire(path, clock, 0ms);
            REQUIRE(held);
            CHECK(held->has_value());
            CHECK(clock.slept.empty());
            const auto second = FileLock::acquire(path, clock, 1000ms);
            REQUIRE(second);
            CHECK_FALSE(second->has_value());
            CHECK(*std::max_element(clock.slept.begin(), clock.slept.end()) == 50ms);
        }
        CHECK(FileLock::acquire(path, clock, 0ms)->has_value());
        CHECK(mode_of(path) == 0600);
    }
    SECTION("nobody waits for what he no longer needs") {
        const auto held = FileLock::acquire(path, clock, 0ms);
        int asked = 0;
        CHECK_FALSE(FileLock::acquire(path, clock, 1h, [&asked] { return ++asked == 3; })->has_value());
        CHECK(clock.slept.size() == 2);
    }
    SECTION("an interrupt ends the wait") {
        const auto held = FileLock::acquire(path, clock, 0ms);
        clock.interrupted = true;
        const auto second = FileLock::acquire(path, clock, 1h);
        REQUIRE_FALSE(second);
        CHECK(second.error().kind == ErrorKind::interrupted);
    }
    SECTION("a holder that dies frees it") {
        int ready[2] = {};
        REQUIRE(pipe(static_cast<int*>(ready)) == 0);
        const pid_t child = fork();
        if (child == 0) {
            const auto held = FileLock::acquire(path, clock, 0ms);
            (void)!write(ready[1], "x", 1);
            pause();
            _exit(0);
        }
        char byte = 0;
        REQUIRE(read(ready[0], &byte, 1) == 1);
        CHECK_FALSE(FileLock::acquire(path, clock, 0ms)->has_value());
        REQUIRE(kill(child, SIGKILL) == 0);
        REQUIRE(waitpid(child, nullptr, 0) == child);
        CHECK(FileLock::acquire(path, clock, 0ms)->has_value());
        (void)close(ready[0]);
        (void)close(ready[1]);
    }
    SECTION("what cannot be locked is an error") {
        CHECK_FALSE(FileLock::acquire(home.path() + "/missing/lock", clock, 0ms));
        fs::create_symlink(home.write("target", ""), home.path() + "/link");
        CHECK_FALSE(FileLock::acquire(home.path() + "/link", clock, 0ms));
    }
}
