#include "auth/credentials.hpp"

#include "sailpoint/codec.hpp"
#include "util/text.hpp"

#include <algorithm>
#include <utility>

namespace jit::auth {
namespace {

/// SAIL_ACCESS_TOKEN: the caller got it and answers for its life.
class GivenToken final : public sailpoint::TokenSource {
public:
    GivenToken(Secret token, std::string where) : token_(std::move(token)), where_(std::move(where)) {}

    [[nodiscard]] Result<Secret> token() override { return token_; }
    [[nodiscard]] std::string when_refused() const override {
        return concat(
            {"the token in ", where_, " has expired or is of another tenant: get a new one, or unset it"});
    }

private:
    Secret token_;
    std::string where_;
};

/// Asks the token endpoint, where the cache has no token.
class PatToken final : public sailpoint::TokenSource {
public:
    PatToken(Pat pat, http::Transport& transport, std::string base_url, io::Redactor& redactor, Clock& clock,
             std::optional<TokenCache> cache)
        : pat_(std::move(pat)), transport_(transport), base_url_(std::move(base_url)), redactor_(redactor),
          clock_(clock), cache_(std::move(cache)) {}

    [[nodiscard]] Result<Secret> token() override {
        if (!token_.empty() && clock_.boot_time() < renew_at_) {
            return token_;
        }
        if (look_in_cache()) {
            return token_;
        }
        std::optional<FileLock> turn;
        if (cache_ && !std::exchange(waited_, true)) {
            JIT_TRY(turn, cache_->lock_for_refresh([this] { return look_in_cache(); }));
            waited_ = !turn && !from_cache_;
            if (from_cache_ || look_in_cache()) { // another has fetched it meanwhile
                return token_;
            }
        }
        return fetch();
    }

    [[nodiscard]] bool renew(const Secret& refused) override {
        if (refused.reveal() != token_.reveal()) {
            return !token_.empty(); // it was renewed meanwhile
        }
        if (!from_cache_) {
            return false; // one that this process has fetched itself will not be followed by a better one
        }
        refused_ = std::exchange(token_, Secret());
        return true;
    }

    [[nodiscard]] std::string when_refused() const override {
        return concat({"a fresh token was refused: are the credentials in ", pat_.where,
                       " of this tenant, and do they belong to a user?"});
    }

private:
    bool look_in_cache() {
        auto kept = cache_ ? cache_->find() : std::nullopt;
        // The refused one stays in its file until a better one takes its place: another process may have put
        // that there already, and nobody removes it by mistake.
        from_cache_ = kept && kept->token.reveal() != refused_.reveal();
        if (from_cache_) {
            renew_at_ = clock_.boot_time() + (renewal_time(kept->issued, kept->expires) - clock_.now());
            token_ = std::move(kept->token);
            redactor_.add(token_, "token");
        }
        return from_cache_;
    }

    Result<Secret> fetch() {
        JIT_TRY(const Secret secret, pat_.client_secret());
        redactor_.add(secret, "client secret");
        const TimePoint requested_at = clock_.now();
        const BootTime began = clock_.boot_time();
        JIT_TRY(sailpoint::IssuedToken issued,
                sailpoint::request_token(transport_, base_url_, pat_.client_id, secret, clock_));
        redactor_.add(issued.token, "token");
        renew_at_ = issued.lifetime
                        ? began + (renewal_time(requested_at, requested_at + *issued.lifetime) - requested_at)
                        : BootTime::max();
        if (cache_) {
            cache_->keep(issued, requested_at);
        }
        token_ = std::move(issued.token);
        return token_;
    }

    Pat pat_;
    http::Transport& transport_;
    std::string base_url_;
    io::Redactor& redactor_;
    Clock& clock_;
    std::optional<TokenCache> cache_;
    Secret token_;
    BootTime renew_at_;
    bool from_cache_ = false;
    bool waited_ = false; ///< for the lock, in vain: its owner is stopped or hangs
    Secret refused_;
};

bool is_sendable(const Secret& secret) {
    const std::string_view text = secret.reveal();
    return std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < '\x7f'; });
}

Result<Credentials> known_pat(const config::ClientCredentials& pat) {
    JIT_TRY(Secret id, sendable(pat.client_id, pat.origin.where));
    JIT_TRY(Secret secret, sendable(pat.client_secret, pat.origin.where));
    return Credentials(Pat{std::move(id), [secret]() -> Result<Secret> { return secret; }, pat.origin.where});
}

/// What a credential command printed: an object, or the secret on the first line.
Result<sailpoint::PrintedCredentials> read_printed(const Secret& output, const std::string& where) {
    const std::string_view text = trim(output.reveal());
    if (text.substr(0, 1) == "{") {
        if (auto object = sailpoint::decode_printed_credentials(text)) {
            return *std::move(object);
        }
        return usage_error(concat({where, " printed an object without a client_secret"}));
    }
    if (text.empty()) {
        return usage_error(concat({where, " printed nothing"}));
    }
    return sailpoint::PrintedCredentials{{}, Secret(trim(text.substr(0, text.find('\n'))))};
}

Result<Credentials> pat_of_command(const config::Settings& settings, const Helpers& helpers) {
    if (!*settings.command) {
        return settings.command->error();
    }
    const config::CommandLine& command = **settings.command;
    const std::string where = concat({"credential_command (", command.origin.where, ")"});
    const auto run = [words = command.words, where,
                      runner = helpers.run]() -> Result<sailpoint::PrintedCredentials> {
        JIT_TRY(const Secret output, runner(words, where));
        JIT_TRY(auto printed, read_printed(output, where));
        JIT_TRY(printed.client_id, sendable(std::move(printed.client_id), where));
        JIT_TRY(printed.client_secret, sendable(std::move(printed.client_secret), where));
        return printed;
    };
    if (settings.client_id) {
        JIT_TRY(Secret id, sendable(settings.client_id->value, settings.client_id->origin.where));
        auto secret = [run, id, where, id_where = settings.client_id->origin.where]() -> Result<Secret> {
            JIT_TRY(auto printed, run());
            if (!printed.client_id.empty() && printed.client_id.reveal() != id.reveal()) {
                return usage_error(concat({where, " printed another client ID than that in ", id_where}),
                                   "leave one of the two out");
            }
            return std::move(printed.client_secret);
        };
        return Credentials(Pat{std::move(id), std::move(secret), where});
    }
    JIT_TRY(auto printed, run());
    if (printed.client_id.empty()) {
        return usage_error(concat({where, " printed a secret, and no client ID is known"}),
                           concat({"set environments.", settings.environment.value,
                                   ".pat.clientid in the configuration file, or SAIL_CLIENT_ID"}));
    }
    return Credentials(Pat{std::move(printed.client_id),
                           [secret = std::move(printed.client_secret)]() -> Result<Secret> { return secret; },
                           where});
}

Result<Credentials> pat_of_keyring(const config::Settings& settings, Keyring& keyring, Secret found) {
    if (settings.keyring_refused) {
        return *settings.keyring_refused;
    }
    const std::string user = settings.environment.value;
    const std::string where = config::keyring_name(user);
    JIT_TRY(Secret id, sendable(std::move(found), where));
    auto secret = [&keyring, user, where]() -> Result<Secret> {
        JIT_TRY(auto kept, keyring.find(k_client_secret_service, user));
        if (!kept || kept->empty()) {
            return usage_error(concat({where, " has a client ID and no client secret"}),
                               concat({"store it anew: jit auth login --env ", user}));
        }
        return sendable(*std::move(kept), where);
    };
    return Credentials(Pat{std::move(id), std::move(secret), where});
}

} // namespace

Result<Secret> sendable(Secret secret, std::string_view where) {
    if (!is_sendable(secret)) {
        return usage_error(concat({"the client ID or secret in ", where,
                                   " has blanks, line breaks or characters that are not ASCII"}));
    }
    return secret;
}

Result<Credentials> choose_credentials(const config::Settings& settings, const Helpers& helpers) {
    if (settings.mixed) {
        return *settings.mixed;
    }
    if (settings.access_token) {
        if (!is_sendable(settings.access_token->value)) {
            return usage_error(concat({"the token in ", settings.access_token->origin.where,
                                       " has blanks, line breaks or characters that are not ASCII"}));
        }
        return Credentials(*settings.access_token);
    }
    if (settings.environment_pat) {
        return known_pat(*settings.environment_pat);
    }
    if (settings.command) {
        return pat_of_command(settings, helpers);
    }
    auto kept = settings.no_pat ? std::optional<Secret>()
                                : helpers.keyring.find(k_client_id_service, settings.environment.value);
    if (!kept && kept.error().kind == ErrorKind::interrupted) {
        return std::move(kept).error();
    }
    if (kept && *kept && !(*kept)->empty()) {
        return pat_of_keyring(settings, helpers.keyring, **std::move(kept));
    }
    if (settings.file_pat) {
        if (!*settings.file_pat) {
            return settings.file_pat->error();
        }
        return known_pat(**settings.file_pat);
    }
    if (settings.no_pat) {
        return *settings.no_pat;
    }
    return usage_error(concat({"no credentials are set", config::for_environment(settings),
                               kept ? "" : concat({"; ", kept.error().message})}),
                       "set SAIL_CLIENT_ID and SAIL_CLIENT_SECRET to those of a personal access token, or "
                       "SAIL_ACCESS_TOKEN; or keep them: jit auth login");
}

std::unique_ptr<sailpoint::TokenSource> make_token_source(Credentials credentials, http::Transport& transport,
                                                          std::string base_url, io::Redactor& redactor,
                                                          Clock& clock, std::optional<TokenCache> cache) {
    if (auto* const token = std::get_if<config::Setting<Secret>>(&credentials)) {
        redactor.add(token->value, "token");
        return std::make_unique<GivenToken>(std::move(token->value), token->origin.where);
    }
    auto& pat = std::get<Pat>(credentials);
    redactor.add(pat.client_id, "client ID");
    return std::make_unique<PatToken>(std::move(pat), transport, std::move(base_url), redactor, clock,
                                      std::move(cache));
}

} // namespace jit::auth
