#include "auth/credentials.hpp"

#include "support/fakes.hpp"
#include "util/text.hpp"

#include <deque>
#include <filesystem>

using namespace jit;
using namespace std::chrono_literals;

namespace {

/// A keyring that holds what a test puts into it, and counts how often it is asked.
class FakeKeyring final : public auth::Keyring {
public:
    [[nodiscard]] Result<std::optional<Secret>> find(const std::string& service,
                                                     const std::string& user) override {
        ++asked;
        if (problem) {
            return *problem;
        }
        const auto found = items.find(service + " " + user);
        return found == items.end() ? std::optional<Secret>() : std::optional(Secret(found->second));
    }
    [[nodiscard]] Result<void> store(const std::string&, const std::string&, const Secret&) override {
        return {};
    }
    [[nodiscard]] Result<bool> remove(const std::string&, const std::string&) override { return false; }

    std::map<std::string, std::string> items;
    std::optional<Error> problem;
    int asked = 0;
};

config::ClientCredentials pat(const char* where, const char* secret = "secretsecret") {
    return {Secret("idididid"), Secret(secret), {config::Origin::Kind::environment, where}};
}

struct Fixture {
    config::Settings settings{{"default", {}}, {}, {}, {config::OutputFormat::table, {}}};
    FakeKeyring keyring;
    std::deque<Result<Secret>> printed; ///< by the credential command, run by run
    std::vector<std::string> ran;

    Result<auth::Credentials> choose() {
        return auth::choose_credentials(
            settings, {keyring, [this](const std::vector<std::string>& words, const std::string&) {
                           ran.push_back(words.front());
                           if (printed.empty()) {
                               FAIL("nobody expected " << words.front());
                           }
                           Result<Secret> next = std::move(printed.front());
                           printed.pop_front();
                           return next;
                       }});
    }
    std::string chosen() {
        const auto credentials = choose();
        if (!credentials) {
            return credentials.error().message;
        }
        if (const auto* token = std::get_if<config::Setting<Secret>>(&*credentials)) {
            return token->origin.where;
        }
        return std::get<auth::Pat>(*credentials).where;
    }
    /// "ID SECRET", or the error's message.
    std::string values() {
        const auto credentials = choose();
        if (!credentials) {
            return credentials.error().message;
        }
        const auto& found = std::get<auth::Pat>(*credentials);
        const auto secret = found.client_secret();
        return secret ? concat({found.client_id.reveal(), " ", secret->reveal()}) : secret.error().message;
    }
    void set_command() {
        settings.command = Result<config::CommandLine>(
            config::CommandLine{{"pass", "jit"}, {config::Origin::Kind::file, "c.yaml:3"}});
    }
    void fill_keyring(const std::string& user = "default") {
        keyring.items = {{"environments.pat.clientid " + user, "ring-id"},
                         {"environments.pat.clientsecret " + user, "ring-secret"}};
    }
};

} // namespace

TEST_CASE("auth::choose_credentials") {
    Fixture it;
    SECTION("none") {
        CHECK(it.chosen() == "no credentials are set");
        it.settings.environment = {"acme", {config::Origin::Kind::option, "--env"}};
        CHECK(it.chosen() == "no credentials are set for environment acme (from --env)");
        it.keyring.problem = usage_error("the keyring is out of order");
        CHECK(it.chosen() ==
              "no credentials are set for environment acme (from --env); the keyring is out of order");
    }
    SECTION("the first that is there, and no later one is asked") {
        it.settings.file_pat = Result<config::ClientCredentials>(pat("file"));
        CHECK(it.chosen() == "file");
        it.fill_keyring();
        CHECK(it.chosen() == "the keyring (environment default)");
        it.keyring.asked = 0;
        it.settings.client_id = {Secret("idididid"), {config::Origin::Kind::file, "file"}};
        it.set_command();
        CHECK(it.chosen() == "credential_command (c.yaml:3)");
        it.settings.environment_pat = pat("variables");
        CHECK(it.chosen() == "variables");
        it.settings.access_token = {Secret("tokentoken"),
                                    {config::Origin::Kind::environment, "token variable"}};
        CHECK(it.chosen() == "token variable");
        CHECK(it.keyring.asked == 0);
        CHECK(it.ran.empty());
    }
    SECTION("a file that is open to others is refused") {
        it.settings.file_pat = Result<config::ClientCredentials>(usage_error("open to others"));
        CHECK(it.chosen() == "open to others");
    }
    SECTION("a secret with a line break was pasted wrongly, and could end a header") {
        it.settings.environment_pat = pat("variables", "secret\n");
        CHECK(it.chosen().find("line breaks") != std::string::npos);
        it.settings.environment_pat = pat("variables", "secret\x7f");
        CHECK(it.chosen().find("line breaks") != std::string::npos);
        it.settings.environment_pat->client_id = Secret("id\n");
        it.settings.environment_pat->client_secret = Secret("secret~!");
        CHECK(it.chosen().find("line breaks") != std::string::npos);
        it.settings.access_token = {Secret("token\r\nX-Evil: 1"), {config::Origin::Kind::environment, "T"}};
        CHECK(it.chosen().find("the token in T has blanks") == 0);
    }
    SECTION("variables that are for another base URL") {
        it.settings.environment_pat = pat("variables");
        it.settings.mixed = usage_error("mixed");
        CHECK(it.chosen() == "mixed");
    }
}

TEST_CASE("auth::choose_credentials from a keyring") {
    Fixture it;
    it.fill_keyring("acme");
    it.settings.environment.value = "acme";
    SECTION("its secret is read when it is needed") {
        const auto credentials = it.choose();
        REQUIRE(credentials);
        CHECK(it.keyring.asked == 1);
        CHECK(std::get<auth::Pat>(*credentials).client_secret()->reveal() == "ring-secret");
        CHECK(it.values() == "ring-id ring-secret");
    }
    SECTION("that of another environment is not taken") {
        it.settings.environment.value = "other";
        CHECK(it.chosen().find("no credentials are set") == 0);
    }
    SECTION("half a pair") {
        it.keyring.items.erase("environments.pat.clientsecret acme");
        CHECK(it.values() == "the keyring (environment acme) has a client ID and no client secret");
    }
    SECTION("what is empty is not there, and what cannot be sent is refused") {
        it.keyring.items["environments.pat.clientsecret acme"] = "";
        CHECK(it.values() == "the keyring (environment acme) has a client ID and no client secret");
        it.keyring.items["environments.pat.clientsecret acme"] = "a b";
        CHECK(it.values().find("has blanks") != std::string::npos);
        it.keyring.items["environments.pat.clientid acme"] = "a b";
        CHECK(it.chosen().find("has blanks") != std::string::npos);
        it.keyring.items["environments.pat.clientid acme"] = "";
        it.settings.file_pat = Result<config::ClientCredentials>(pat("file"));
        CHECK(it.chosen() == "file");
    }
    SECTION("one that fails when its secret is needed") {
        const auto credentials = it.choose();
        REQUIRE(credentials);
        it.keyring.problem = usage_error("locked");
        CHECK(std::get<auth::Pat>(*credentials).client_secret().error().message == "locked");
    }
    SECTION("one that does not open is passed over") {
        it.settings.file_pat = Result<config::ClientCredentials>(pat("file"));
        it.keyring.problem = usage_error("locked");
        CHECK(it.chosen() == "file");
        it.keyring.problem = Error{ErrorKind::interrupted, "stopped"};
        CHECK(it.chosen() == "stopped");
    }
    SECTION("a PAT of somebody who signs in by browser is not asked for") {
        it.settings.no_pat = usage_error("by browser");
        CHECK(it.chosen() == "by browser");
        CHECK(it.keyring.asked == 0);
    }
    SECTION("nothing goes to another host") {
        it.settings.keyring_refused = usage_error("another host");
        it.settings.file_pat = Result<config::ClientCredentials>(pat("file"));
        CHECK(it.chosen() == "another host");
    }
}

TEST_CASE("auth::choose_credentials from a command") {
    Fixture it;
    it.set_command();
    SECTION("an object has both") {
        it.printed.emplace_back(Secret("{\"client_id\":\"cmd-id\",\n\"client_secret\":\"cmd-secret\"}\n"));
        CHECK(it.values() == "cmd-id cmd-secret");
    }
    SECTION("a secret goes with an ID from elsewhere, and is asked for when it is needed") {
        it.settings.client_id = {Secret("my-id"), {config::Origin::Kind::file, "c.yaml:2"}};
        CHECK(it.choose());
        CHECK(it.ran.empty());
        it.printed.emplace_back(Secret("cmd-secret\r\nurl: more that pass keeps there\n"));
        CHECK(it.values() == "my-id cmd-secret");
        it.printed.emplace_back(Secret(R"({"client_secret":"cmd-secret"})"));
        CHECK(it.values() == "my-id cmd-secret");
        it.printed.emplace_back(Secret(R"({"client_id":"other","client_secret":"cmd-secret"})"));
        CHECK(it.values() == "credential_command (c.yaml:3) printed another client ID than that in c.yaml:2");
    }
    SECTION("what it may not print") {
        it.printed.emplace_back(Secret("cmd-secret"));
        CHECK(it.values() == "credential_command (c.yaml:3) printed a secret, and no client ID is known");
        it.printed.emplace_back(Secret(" \n"));
        CHECK(it.values() == "credential_command (c.yaml:3) printed nothing");
        it.printed.emplace_back(Secret("{\"client_id\":\"x\"}"));
        CHECK(it.values() == "credential_command (c.yaml:3) printed an object without a client_secret");
        it.printed.emplace_back(Secret(R"({"client_id":"x","client_secret":"a b"})"));
        CHECK(it.values().find("has blanks") != std::string::npos);
        it.printed.emplace_back(Secret(R"({"client_id":"x y","client_secret":"ab"})"));
        CHECK(it.values().find("has blanks") != std::string::npos);
        it.printed.emplace_back(usage_error("it failed"));
        CHECK(it.values() == "it failed");
        it.settings.client_id = {Secret("my id"), {config::Origin::Kind::file, "c.yaml:2"}};
        CHECK(it.values().find("the client ID or secret in c.yaml:2 has blanks") == 0);
        it.settings.client_id->value = Secret("my-id");
        it.printed.emplace_back(usage_error("it failed"));
        CHECK(it.values() == "it failed");
    }
    SECTION("one that must not be run") {
        it.settings.command = Result<config::CommandLine>(usage_error("not trusted"));
        CHECK(it.values() == "not trusted");
    }
}

TEST_CASE("auth::token_source") {
    test::FakeTransport transport;
    io::Redactor redactor;
    test::FakeClock clock;
    test::TemporaryDirectory home;
    test::FakeConsole console;
    io::Log log(console.console);
    constexpr const char* k_answer = R"({"access_token":"tokentoken","expires_in":100})";
    const auto make = [&](bool cached, const char* secret = "secretsecret") {
        auth::Pat known{Secret("idididid"), [secret]() -> Result<Secret> { return Secret(secret); }, "here"};
        auto cache =
            cached ? std::optional(auth::TokenCache(home.path(), "https://x", Secret("idididid"), clock, log))
                   : std::nullopt;
        return auth::make_token_source(std::move(known), transport, "https://x", redactor, clock,
                                       std::move(cache));
    };
    SECTION("a given token is used as it is, and there is no other") {
        const auto source = auth::make_token_source(
            config::Setting<Secret>{Secret("tokentoken"),
                                    {config::Origin::Kind::environment, "SAIL_ACCESS_TOKEN"}},
            transport, "https://x", redactor, clock, std::nullopt);
        CHECK(source->token()->reveal() == "tokentoken");
        CHECK(source->when_refused().find("SAIL_ACCESS_TOKEN") != std::string::npos);
        CHECK_FALSE(source->renew(Secret("tokentoken")));
        CHECK(redactor.apply("tokentoken") == "[token]");
    }
    SECTION("a PAT is exchanged once, and again when its token is about to expire") {
        transport.answer(200, k_answer);
        const auto source = make(false);
        CHECK(source->token()->reveal() == "tokentoken");
        (void)clock.sleep(89s);
        CHECK(source->token()->reveal() == "tokentoken");
        CHECK(redactor.apply("idididid secretsecret tokentoken") == "[client ID] [client secret] [token]");
        CHECK(source->when_refused().find("here") != std::string::npos);
        CHECK_FALSE(source->renew(Secret("tokentoken")));
        (void)clock.sleep(1s);
        transport.answer(200, R"({"access_token":"nexttoken","expires_in":100})");
        CHECK(source->token()->reveal() == "nexttoken");
    }
    SECTION("a token whose life nobody told is used until it is refused, and not kept") {
        transport.answer(200, R"({"access_token":"tokentoken"})");
        const auto source = make(true);
        CHECK_FALSE(source->renew(Secret("another")));
        CHECK(source->token()->reveal() == "tokentoken");
        (void)clock.sleep(24h * 365);
        CHECK(source->token()->reveal() == "tokentoken");
        CHECK(source->renew(Secret("an earlier one"))); // that was replaced already
        CHECK_FALSE(source->renew(Secret("tokentoken")));
    }
    SECTION("a secret that cannot be had") {
        auth::Pat without{Secret("idididid"), []() -> Result<Secret> { return usage_error("asked"); },
                          "here"};
        const auto source = auth::make_token_source(std::move(without), transport, "https://x", redactor,
                                                    clock, std::nullopt);
        CHECK(source->token().error().message == "asked");
    }
    SECTION("waiting for another that fetches one can be interrupted") {
        auth::TokenCache cache(home.path(), "https://x", Secret("idididid"), clock, log);
        const auto held = cache.lock_for_refresh({});
        clock.interrupted = true;
        CHECK(make(true)->token().error().kind == ErrorKind::interrupted);
    }
    SECTION("a turn that another does not give up is waited for once, and not for long") {
        auth::TokenCache cache(home.path(), "https://x", Secret("idididid"), clock, log);
        const auto held = cache.lock_for_refresh({});
        REQUIRE(held);
        REQUIRE(held->has_value());
        transport.answer(200, R"({"access_token":"tokentoken","expires_in":1})");
        transport.answer(200, R"({"access_token":"nexttoken","expires_in":1})");
        const auto source = make(true);
        const MonotonicTime start = clock.monotonic_time();
        SECTION("to its end") {
            CHECK(source->token()->reveal() == "tokentoken");
            CHECK(clock.monotonic_time() - start == 5s);
        }
        SECTION("or cut short, as a release does that has little time") {
            clock.interrupted = true;
            CHECK(source->token().error().kind == ErrorKind::interrupted);
            clock.interrupted = false;
            clock.slept.clear();
            CHECK(source->token()->reveal() == "tokentoken");
            CHECK(clock.slept.empty());
        }
        clock.slept.clear();
        clock.suspend(1h);
        CHECK(source->token());
        CHECK(clock.slept.empty());
    }
    SECTION("each time that it needs another one, it waits for the process that fetches one") {
        auth::TokenCache cache(home.path(), "https://x", Secret("idididid"), clock, log);
        transport.answer(200, k_answer);
        const auto source = make(true);
        CHECK(source->token()->reveal() == "tokentoken");
        clock.suspend(1h);
        const auto held = cache.lock_for_refresh({});
        clock.on_sleep = [&] { cache.keep({Secret("of-another"), 100s}, clock.now()); };
        CHECK(source->token()->reveal() == "of-another");
    }
    SECTION("a turn that another gives up comes with the token that it has fetched") {
        auth::TokenCache cache(home.path(), "https://x", Secret("idididid"), clock, log);
        auto held = cache.lock_for_refresh({});
        clock.on_sleep = [&] {
            cache.keep({Secret("of-another"), 100s}, clock.now());
            held = std::optional<FileLock>();
        };
        CHECK(make(true)->token()->reveal() == "of-another");
    }
    SECTION("a kept token takes no turn, and is read once") {
        transport.answer(200, k_answer);
        CHECK(make(true)->token());
        auth::TokenCache cache(home.path(), "https://x", Secret("idididid"), clock, log);
        const auto held = cache.lock_for_refresh({});
        const auto source = make(true);
        CHECK(source->token()->reveal() == "tokentoken");
        CHECK(clock.slept.empty());
        std::filesystem::remove(cache.path());
        CHECK(source->token()->reveal() == "tokentoken");
    }
    SECTION("a refusal is passed on, and nothing is kept") {
        transport.answer(401, "");
        CHECK(make(true)->token().error().kind == ErrorKind::unauthenticated);
        CHECK_FALSE(std::filesystem::exists(
            auth::TokenCache(home.path(), "https://x", Secret("idididid"), clock, log).path()));
    }
    SECTION("what one run has fetched serves the next, which needs no secret") {
        transport.answer(200, k_answer);
        CHECK(make(true)->token()->reveal() == "tokentoken");
        auth::Pat without{Secret("idididid"), []() -> Result<Secret> { return usage_error("asked"); },
                          "here"};
        auth::TokenCache cache(home.path(), "https://x", Secret("idididid"), clock, log);
        const auto source =
            auth::make_token_source(std::move(without), transport, "https://x", redactor, clock, cache);
        CHECK(source->token()->reveal() == "tokentoken");
        io::Redactor another;
        const auto cached = auth::make_token_source(
            auth::Pat{Secret("idididid"), []() -> Result<Secret> { return Secret(); }, "here"}, transport,
            "https://x", another, clock, cache);
        CHECK(cached->token()->reveal() == "tokentoken");
        CHECK(another.apply("tokentoken") == "[token]");
        (void)clock.sleep(90s); // ten seconds before its end it is used no more
        CHECK(source->token().error().message == "asked");
    }
    SECTION("a cached token that is refused is replaced, once") {
        transport.answer(200, k_answer);
        CHECK(make(true)->token());
        const auto one = make(true);
        const auto other = make(true);
        CHECK(one->token()->reveal() == "tokentoken");
        CHECK(other->token()->reveal() == "tokentoken");
        CHECK(one->renew(Secret("tokentoken")));
        transport.answer(200, R"({"access_token":"nexttoken","expires_in":100})");
        CHECK(one->token()->reveal() == "nexttoken");
        CHECK_FALSE(one->renew(Secret("nexttoken")));
        // The other finds what the first has fetched.
        CHECK(other->renew(Secret("tokentoken")));
        CHECK(other->token()->reveal() == "nexttoken");
    }
}
