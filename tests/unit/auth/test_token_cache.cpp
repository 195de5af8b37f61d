#include "auth/token_cache.hpp"

#include "support/fakes.hpp"

#include <cerrno>
#include <filesystem>
#include <sys/stat.h>

using namespace jit;
using namespace std::chrono_literals;
using auth::TokenCache;

namespace {

struct Fixture {
    test::TemporaryDirectory home;
    test::FakeClock clock;
    test::FakeConsole console;
    io::Log log{console.console};

    TokenCache cache(const std::string& url = "https://a", const std::string& id = "idididid") {
        return {home.path(), url, Secret(id), clock, log};
    }
    void keep(TokenCache cache, const char* token, std::optional<std::chrono::seconds> life = 1h) {
        cache.keep({Secret(token), life}, clock.now());
    }
    std::string found(const TokenCache& cache) {
        const auto kept = cache.find();
        return kept ? std::string(kept->token.reveal()) : "";
    }
    std::string found() { return found(cache()); }
    void pass(std::chrono::milliseconds time) { (void)clock.sleep(time); }
};

} // namespace

TEST_CASE("auth::TokenCache") {
    Fixture it;
    CHECK(it.found().empty());
    it.keep(it.cache(), "one");
    SECTION("gives what was kept, until shortly before it expires") {
        CHECK(it.found() == "one");
        it.pass(59min - 1ms);
        CHECK(it.found() == "one");
        it.pass(1ms);
        CHECK(it.found().empty());
    }
    SECTION("a tenth of a short life is enough of a margin") {
        it.keep(it.cache(), "short", 10s);
        it.pass(9s - 1ms);
        CHECK(it.found() == "short");
        it.pass(1ms);
        CHECK(it.found().empty());
    }
    SECTION("a token without a known life is not kept") {
        it.keep(it.cache(), "two", std::nullopt);
        CHECK(it.found() == "one");
    }
    SECTION("a clock that was set back tells nothing of a token's life") {
        it.keep(it.cache(), "two");
        it.pass(-5s);
        CHECK(it.found() == "two");
        it.pass(-1s);
        CHECK(it.found().empty());
    }
    SECTION("is of one tenant and one client") {
        CHECK(it.found(it.cache("https://b")).empty());
        CHECK(it.found(it.cache("https://a", "another0")).empty());
        // Also where the names of the files are the same.
        std::filesystem::copy(it.cache().path(), it.cache("https://b").path());
        CHECK(it.found(it.cache("https://b")).empty());
        it.keep(it.cache("https://b"), "of-b");
        CHECK(it.found(it.cache("https://b")) == "of-b");
        CHECK(it.found() == "one");
        std::filesystem::copy(it.cache().path(), it.cache("https://a", "another0").path());
        CHECK(it.found(it.cache("https://a", "another0")).empty());
    }
    SECTION("what is broken or not ours alone is nothing, and is replaced") {
        const std::string path = it.cache().path();
        for (const int way : {0, 1, 2, 3}) {
            switch (way) {
            case 0:
                REQUIRE(chmod(path.c_str(), 0644) == 0);
                break;
            case 1:
                std::ofstream(path) << "{\"base_url\":";
                break;
            case 2:
                std::ofstream(path, std::ios::trunc) << std::string(100000, '{');
                break;
            default:
                std::filesystem::rename(path, path + ".real");
                std::filesystem::create_symlink(path + ".real", path);
            }
            CHECK(it.found().empty());
            it.keep(it.cache(), "new");
            CHECK(it.found() == "new");
        }
        CHECK(it.console.err.text().empty());
    }
    SECTION("one that cannot be written is no error") {
        std::filesystem::remove_all(it.home.path());
        it.keep(it.cache(), "two");
        CHECK(it.found().empty());
        const auto turn = it.cache().lock_for_refresh({});
        REQUIRE(turn);
        CHECK_FALSE(turn->has_value());
        CHECK(it.console.err.text().empty());
    }
    SECTION("nobody waits for ever") {
        const auto held = it.cache().lock_for_refresh({});
        REQUIRE(held);
        CHECK(held->has_value());
        const TimePoint before = it.clock.now();
        const auto turn = it.cache().lock_for_refresh([] { return false; });
        REQUIRE(turn);
        CHECK_FALSE(turn->has_value());
        CHECK(it.clock.now() - before == 5s);
        it.clock.interrupted = true;
        CHECK(it.cache().lock_for_refresh({}).error().kind == ErrorKind::interrupted);
    }
}

TEST_CASE("auth::forget_tokens") {
    Fixture it;
    std::filesystem::create_directories(it.home.path() + "/jit");
    const auto cache = [&](const char* url) {
        return TokenCache(it.home.path() + "/jit", url, Secret("idididid"), it.clock, it.log);
    };
    it.keep(cache("https://a"), "one");
    it.keep(cache("https://b"), "two");
    const std::vector<std::string> others = {"names.json", "a-token-1.json", "token-1.json.lock", ".json"};
    for (const std::string& name : others) {
        (void)it.home.write("jit/" + name, "{}");
    }
    const std::string leftover = it.home.write("jit/.token-1.json.jit-new-x", "a token");
    const std::string broken = it.home.write("jit/token-1.json", "{");
    const auto environment =
        test::variables({{"XDG_RUNTIME_DIR", it.home.path()}, {"HOME", it.home.path() + "/nowhere"}});
    errno = 0;
    CHECK(*auth::forget_tokens(environment, "https://a") == 2);
    CHECK_FALSE(std::filesystem::exists(broken));
    CHECK_FALSE(std::filesystem::exists(leftover));
    CHECK(*auth::forget_tokens(environment, "https://a") == 0);
    CHECK(it.found(cache("https://a")).empty());
    CHECK(it.found(cache("https://b")) == "two");
    for (const std::string& name : others) {
        CHECK(std::filesystem::exists(it.home.path() + "/jit/" + name));
    }
    const std::string directory = it.home.path() + "/jit/token-0.json";
    std::filesystem::create_directory(directory);
    CHECK(auth::forget_tokens(environment, "https://a").error().message ==
          "cannot remove " + directory + ": Is a directory");
}
