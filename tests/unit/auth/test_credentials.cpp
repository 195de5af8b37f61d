#include "auth/credentials.hpp"

#include "support/fakes.hpp"

using namespace jit;

namespace {

config::ClientCredentials pat(const char* where, const char* secret = "secretsecret") {
    return {Secret("idididid"), Secret(secret), {config::Origin::Kind::environment, where}};
}

config::Settings empty() {
    return {{"default", {}}, {}, {config::OutputFormat::table, {}}};
}

std::string chosen(const config::Settings& settings) {
    const auto credentials = auth::choose_credentials(settings);
    if (!credentials) {
        return credentials.error().message;
    }
    if (const auto* token = std::get_if<config::Setting<Secret>>(&*credentials)) {
        return token->origin.where;
    }
    return std::get<config::ClientCredentials>(*credentials).origin.where;
}

} // namespace

TEST_CASE("auth::choose_credentials") {
    config::Settings settings = empty();
    SECTION("none") {
        CHECK(chosen(settings) == "no credentials are set");
        settings.environment = {"acme", {config::Origin::Kind::option, "--env"}};
        CHECK(chosen(settings) == "no credentials are set for environment acme (from --env)");
    }
    SECTION("the first that is there") {
        settings.file_pat = Result<config::ClientCredentials>(pat("file"));
        CHECK(chosen(settings) == "file");
        settings.environment_pat = pat("variables");
        CHECK(chosen(settings) == "variables");
        settings.access_token = {Secret("tokentoken"), {config::Origin::Kind::environment, "token variable"}};
        CHECK(chosen(settings) == "token variable");
    }
    SECTION("a file that is open to others is refused") {
        settings.file_pat = Result<config::ClientCredentials>(usage_error("open to others"));
        CHECK(chosen(settings) == "open to others");
    }
    SECTION("a secret with a line break was pasted wrongly, and could end a header") {
        settings.environment_pat = pat("variables", "secret\n");
        CHECK(chosen(settings).find("line breaks") != std::string::npos);
        settings.access_token = {Secret("token\r\nX-Evil: 1"), {config::Origin::Kind::environment, "T"}};
        CHECK(chosen(settings).find("the token in T has blanks") == 0);
    }
}

TEST_CASE("auth::token_source") {
    test::FakeTransport transport;
    io::Redactor redactor;
    const test::FakeClock clock;
    SECTION("a given token is used as it is") {
        const auto source = auth::make_token_source(
            config::Setting<Secret>{Secret("tokentoken"),
                                    {config::Origin::Kind::environment, "SAIL_ACCESS_TOKEN"}},
            transport, "https://x", redactor, clock);
        CHECK(source->token()->reveal() == "tokentoken");
        CHECK(source->when_refused().find("SAIL_ACCESS_TOKEN") != std::string::npos);
        CHECK(redactor.apply("tokentoken") == "[token]");
    }
    SECTION("a PAT is exchanged once") {
        transport.answer(200, R"({"access_token":"tokentoken"})");
        const auto source = auth::make_token_source(pat("here"), transport, "https://x", redactor, clock);
        CHECK(source->token()->reveal() == "tokentoken");
        CHECK(source->token()->reveal() == "tokentoken");
        CHECK(redactor.apply("idididid secretsecret tokentoken") == "[client ID] [client secret] [token]");
        CHECK(source->when_refused().find("here") != std::string::npos);
    }
    SECTION("a refusal is passed on") {
        transport.answer(401, "");
        const auto source = auth::make_token_source(pat("here"), transport, "https://x", redactor, clock);
        CHECK(source->token().error().code == ExitCode::unauthenticated);
    }
}
