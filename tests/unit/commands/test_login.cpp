#include "support/program.hpp"
#include "util/text.hpp"

#include <filesystem>
#include <sstream>
#include <unistd.h>

using namespace jit;
using test::Program;

namespace {

/// Standard input, which is a text for as long as this lives.
class Input {
public:
    explicit Input(std::string_view text) : before_(dup(STDIN_FILENO)) {
        std::array<int, 2> ends{};
        REQUIRE(pipe(ends.data()) == 0);
        REQUIRE(write(ends[1], text.data(), text.size()) == static_cast<ssize_t>(text.size()));
        (void)close(ends[1]);
        REQUIRE(dup2(ends[0], STDIN_FILENO) == STDIN_FILENO);
        (void)close(ends[0]);
    }
    Input(const Input&) = delete;
    Input& operator=(const Input&) = delete;
    Input(Input&&) = delete;
    Input& operator=(Input&&) = delete;
    ~Input() {
        (void)(before_ >= 0 ? dup2(before_, STDIN_FILENO) : close(STDIN_FILENO));
        (void)close(before_);
    }

private:
    int before_;
};

constexpr const char* k_token = // of the user "robin"
    R"({"access_token":"eyJhbGciOiJub25lIn0.eyJ1c2VyX25hbWUiOiJyb2JpbiJ9.c2ln","expires_in":749})";
constexpr const char* k_secret = "s3cr3t-of-robin-0123456789";

/// A machine of somebody who has no keyring and no configuration yet.
struct NewUser : Program {
    NewUser() {
        values = {{"HOME", home.path()},
                  {"XDG_CONFIG_HOME", home.path() + "/config"},
                  {"XDG_CACHE_HOME", home.path() + "/cache"}};
    }

    int log_in(const std::string& base_url, const std::vector<std::string>& more = {}) {
        const Input input(std::string(k_secret) + "\n");
        std::vector<std::string> words = {"auth",        "login",    "--base-url",          base_url,
                                          "--client-id", "c1d2e3f4", "--with-secret-stdin", "-o",
                                          "jsonl"};
        words.insert(words.end(), more.begin(), more.end());
        return run(words);
    }
    [[nodiscard]] std::string file() const { return home.path() + "/config/jit/config.yaml"; }
    [[nodiscard]] std::string text() const {
        std::stringstream all;
        all << std::ifstream(file()).rdbuf();
        return all.str();
    }
    [[nodiscard]] bool says(std::string_view part) const { return out().find(part) != std::string::npos; }
    [[nodiscard]] bool warns(std::string_view part) const { return err().find(part) != std::string::npos; }
};

constexpr const char* k_tenant = "https://acme.api.identitynow.com";

} // namespace

TEST_CASE("commands::auth login checks what was entered, keeps it, and says who that is") {
    NewUser it;
    it.network.answer(200, k_token);
    CHECK(it.log_in(k_tenant) == 0);
    REQUIRE(it.network.requests.size() == 1);
    CHECK(it.network.requests[0].url == concat({k_tenant, "/oauth/token"}));
    CHECK(it.body(0).find(concat({"client_secret=", k_secret})) !=
          std::string::npos); // without the line's end
    CHECK(it.says(R"("user":{"value":"robin")"));
    CHECK(it.says(R"("environment":{"value":"acme")"));
    CHECK(it.says(R"("active":{"value":true)"));
    CHECK(it.text().find(k_secret) != std::string::npos);
    using std::filesystem::perms;
    CHECK((std::filesystem::status(it.file()).permissions() & (perms::group_all | perms::others_all)) ==
          perms::none);
    CHECK(it.warns("the secret is kept as text in "));
    CHECK_FALSE(it.says(k_secret));
    CHECK_FALSE(it.warns(k_secret));
}

TEST_CASE("commands::auth login keeps the token: the next command fetches none") {
    NewUser it;
    it.network.answer(200, k_token);
    REQUIRE(it.log_in(k_tenant) == 0);
    it.network.answer(200, "[]");
    CHECK(it.run({"list", "-o", "jsonl"}) == 0);
    CHECK(it.network.requests.size() == 2);
    CHECK(it.network.requests[1].bearer.reveal().find("eyJ1c2VyX25hbWUiOiJyb2JpbiJ9") != std::string::npos);
}

TEST_CASE("commands::auth login stores nothing that the tenant refuses") {
    NewUser it;
    it.network.answer(401, R"({"error":"invalid_client"})");
    CHECK(it.log_in(k_tenant) == 3);
    CHECK_FALSE(std::filesystem::exists(it.file()));
    CHECK_FALSE(it.warns(k_secret));
}

TEST_CASE("commands::auth login sends nothing where something is missing or wrong") {
    NewUser it;
    SECTION("the secret") {
        const Input input("\n");
        CHECK(it.run({"auth", "login", "--base-url", k_tenant, "--client-id", "c1", "--with-secret-stdin"}) ==
              2);
        CHECK(it.warns("no client secret is given"));
    }
    SECTION("the client ID") {
        const Input input("secret\n");
        CHECK(it.run({"auth", "login", "--base-url", k_tenant, "--with-secret-stdin"}) == 2);
        CHECK(it.warns("no client ID is given"));
    }
    SECTION("a terminal to ask at") {
        const Input input("secret\n");
        CHECK(it.run({"auth", "login", "--base-url", k_tenant, "--client-id", "c1"}) == 2);
        CHECK(it.warns("--with-secret-stdin"));
    }
    SECTION("the name of the environment") {
        CHECK(it.log_in(k_tenant, {"--env", "a b"}) == 2);
        CHECK(it.warns("the name of an environment has letters"));
    }
    SECTION("the environment is the vendor tool's, and of another tenant") {
        (void)it.home.write(".sailpoint/config.yaml", "activeenvironment: acme\n"
                                                      "environments:\n"
                                                      "  acme:\n"
                                                      "    baseurl: https://other.api.identitynow.com\n");
        CHECK(it.log_in(k_tenant, {"--env", "acme"}) == 2);
        CHECK(it.warns("nothing was stored"));
    }
    SECTION("something else would come before what is stored") {
        (void)it.home.write("config/jit/config.yaml",
                            concat({"environments:\n  acme:\n    baseurl: ", k_tenant,
                                    "\n    credential_command: [pass, jit]\n"}));
        CHECK(it.log_in(k_tenant, {"--env", "acme"}) == 2);
        CHECK(it.warns("has a credential_command"));
    }
    CHECK(it.network.requests.empty());
    CHECK(it.text().find(k_secret) == std::string::npos);
}

TEST_CASE("commands::auth login leaves the active environment active, unless it is told otherwise") {
    NewUser it;
    it.network.answer(200, k_token);
    REQUIRE(it.log_in(k_tenant) == 0);
    it.network.answer(200, k_token);
    SECTION("by itself") {
        CHECK(it.log_in("https://other.api.identitynow.com") == 0);
        CHECK(it.says(R"("active":{"value":false)"));
        CHECK(it.warns("the active environment is still acme"));
        CHECK(it.text().find("activeenvironment: acme") != std::string::npos);
    }
    SECTION("with --activate") {
        CHECK(it.log_in("https://other.api.identitynow.com", {"--activate"}) == 0);
        CHECK(it.warns("the active environment is other now; it was acme"));
        CHECK(it.text().find("activeenvironment: other") != std::string::npos);
    }
}

TEST_CASE("commands::auth login warns of what comes before the stored credentials, or is of no use") {
    NewUser it;
    SECTION("variables") {
        it.values["SAIL_ACCESS_TOKEN"] = "tokentoken";
        it.values["SAIL_BASE_URL"] = k_tenant;
        it.network.answer(200, k_token);
        CHECK(it.log_in(k_tenant) == 0);
        CHECK(it.warns("SAIL_ACCESS_TOKEN is set and comes before what was stored now"));
    }
    SECTION("credentials that belong to no user") {
        it.network.answer(200, R"({"access_token":"opaque-token-text","expires_in":749})");
        CHECK(it.log_in(k_tenant) == 0);
        CHECK(it.warns("the credentials belong to no user"));
    }
}

TEST_CASE("commands::auth logout forgets the token, and with --all the secret") {
    NewUser it;
    it.network.answer(200, k_token);
    REQUIRE(it.log_in(k_tenant) == 0);
    SECTION("the token") {
        CHECK(it.run({"auth", "logout", "-o", "jsonl"}) == 0);
        CHECK(it.says(R"("cachedTokensRemoved":{"value":1)"));
        CHECK(it.text().find(k_secret) != std::string::npos);
    }
    SECTION("the secret") {
        (void)it.run({"auth", "logout", "--all", "-o", "jsonl"}); // says that the keyring may still have some
        CHECK(it.says(R"("removedFromFile":{"value":true)"));
        CHECK(it.text().find(k_secret) == std::string::npos);
    }
}
