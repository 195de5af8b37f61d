#include "auth/credentials.hpp"

#include "base/text.hpp"

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
        return cat(
            {"the token in ", where_, " has expired or is of another tenant: get a new one, or unset it"});
    }

private:
    Secret token_;
    std::string where_;
};

/// Asks the token endpoint, once a process.
class PatToken final : public sailpoint::TokenSource {
public:
    PatToken(config::ClientCredentials pat, http::Transport& transport, std::string base_url,
             io::Redactor& redactor, const Clock& clock)
        : pat_(std::move(pat)), transport_(transport), base_url_(std::move(base_url)), redactor_(redactor),
          clock_(clock) {}

    [[nodiscard]] Result<Secret> token() override {
        if (token_.empty()) {
            JIT_TRY(token_, sailpoint::request_token(transport_, base_url_, pat_.client_id,
                                                     pat_.client_secret, clock_));
            redactor_.add(token_, "token");
        }
        return token_;
    }
    [[nodiscard]] std::string when_refused() const override {
        return cat({"a fresh token was refused: are the credentials in ", pat_.origin.where,
                    " of this tenant, and do they belong to a user?"});
    }

private:
    config::ClientCredentials pat_;
    http::Transport& transport_;
    std::string base_url_;
    io::Redactor& redactor_;
    const Clock& clock_;
    Secret token_;
};

/// A header or form value cannot hold blanks or control characters; a pasted line break is the usual reason.
bool is_sendable(const Secret& secret) {
    const std::string_view text = secret.reveal();
    return std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < '\x7f'; });
}

Result<Credentials> checked(const config::ClientCredentials& pat) {
    if (!is_sendable(pat.client_id) || !is_sendable(pat.client_secret)) {
        return usage_error(cat({"the client ID or secret in ", pat.origin.where,
                                " has blanks, line breaks or characters that are not ASCII"}));
    }
    return Credentials(pat);
}

} // namespace

Result<Credentials> choose_credentials(const config::Settings& settings) {
    if (settings.access_token) {
        if (!is_sendable(settings.access_token->value)) {
            return usage_error(cat({"the token in ", settings.access_token->origin.where,
                                    " has blanks, line breaks or characters that are not ASCII"}));
        }
        return Credentials(*settings.access_token);
    }
    if (settings.environment_pat) {
        return checked(*settings.environment_pat);
    }
    if (settings.file_pat) {
        if (!*settings.file_pat) {
            return settings.file_pat->error();
        }
        return checked(**settings.file_pat);
    }
    return usage_error(cat({"no credentials are set", config::for_environment(settings)}),
                       "set SAIL_CLIENT_ID and SAIL_CLIENT_SECRET to those of a personal access token, or "
                       "SAIL_ACCESS_TOKEN");
}

std::unique_ptr<sailpoint::TokenSource> make_token_source(Credentials credentials, http::Transport& transport,
                                                          std::string base_url, io::Redactor& redactor,
                                                          const Clock& clock) {
    if (auto* const token = std::get_if<config::Setting<Secret>>(&credentials)) {
        redactor.add(token->value, "token");
        return std::make_unique<GivenToken>(std::move(token->value), token->origin.where);
    }
    auto& pat = std::get<config::ClientCredentials>(credentials);
    redactor.add(pat.client_secret, "client secret");
    redactor.add(pat.client_id, "client ID");
    return std::make_unique<PatToken>(std::move(pat), transport, std::move(base_url), redactor, clock);
}

} // namespace jit::auth
