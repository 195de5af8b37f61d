#include "util/regular_file.hpp"

#include "support/fakes.hpp"

#include <filesystem>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

using namespace jit;

TEST_CASE("util::RegularFile") {
    const test::TemporaryDirectory home;
    SECTION("reads up to as many bytes as are wanted") {
        const std::string path = home.write("file", "bytes");
        CHECK(RegularFile(path).read(5) == "bytes");
        CHECK(RegularFile(home.write("empty", "")).read(0) == "");
        RegularFile large(path);
        CHECK_FALSE(large.read(4));
        CHECK(large.problem() == RegularFile::k_too_large);
    }
    SECTION("a size that the system does not tell") {
        const auto all = RegularFile("/proc/self/status").read(65536);
        REQUIRE(all);
        CHECK(all->find("Name:") == 0);
        RegularFile part("/proc/self/status");
        CHECK_FALSE(part.read(10));
        CHECK(part.problem() == RegularFile::k_too_large);
    }
    SECTION("what is none is not opened") {
        const std::string path = home.path() + "/name";
        SECTION("a pipe") {
            REQUIRE(mkfifo(path.c_str(), 0600) == 0);
        }
        SECTION("a link to a device") {
            std::filesystem::create_symlink("/dev/zero", path);
        }
        SECTION("a socket") {
            const Descriptor socket(::socket(AF_UNIX, SOCK_STREAM, 0));
            sockaddr_un address = {};
            address.sun_family = AF_UNIX;
            REQUIRE(path.size() < sizeof(address.sun_path));
            (void)path.copy(static_cast<char*>(address.sun_path), path.size());
            REQUIRE(bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0);
        }
        RegularFile file(path);
        CHECK(file.problem() == RegularFile::k_not_regular);
        CHECK(file.reason() == "it is no regular file");
        CHECK_FALSE(file.read(10));
        CHECK(why_unreadable(path, 10) == "it is no regular file");
    }
    SECTION("a library may read what is small enough") {
        const std::string path = home.write("file", "bytes");
        CHECK(why_unreadable(path, 5).empty());
        CHECK(why_unreadable(path, 4) == "it is too large");
        CHECK(why_unreadable(home.path(), 4) == "Is a directory, no regular file");
        CHECK(why_unreadable(home.path() + "/missing", 4) == "No such file or directory");
    }
}
