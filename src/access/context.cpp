#include "access/context.hpp"

#include "access/service_clock.hpp"
#include "auth/credential_command.hpp"
#include "http/curl_transport.hpp"
#include "http/retry.hpp"
#include "http/trace.hpp"
#include "http/trust_store.hpp"
#include "util/private_file.hpp"
#include "util/regular_file.hpp"
#include "util/text.hpp"
#include "util/version.hpp"

#include <algorithm>
#include <chrono>
#include <unistd.h>
#include <utility>

namespace jit::access {
namespace {

constexpr std::string_view k_clock = "clock"; ///< a kind of cache
constexpr std::size_t k_max_certificates = std::size_t{16} * 1024 * 1024;

/// Code 2 unless `path` is a file with certificates or a key that libraries may read. `where` names the
/// setting, `shown` the path.
Result<void> check_certificates(const std::string& path, std::string_view where, std::string_view shown) {
    const std::string problem = why_unreadable(path, k_max_certificates);
    return problem.empty() ? Result<void>()
                           : usage_error(concat({where, ": cannot read ", shown, ": ", problem}));
}

/// The path of a file that a setting names, which must be there; ~/ is the home.
Result<std::string> readable(const config::Setting<std::string>& file, const Environment& environment) {
    const bool in_home = file.value.rfind("~/", 0) == 0;
    const std::string path = in_home ? environment("HOME").value_or("") + file.value.substr(1) : file.value;
    const auto checked = check_certificates(path, file.origin.where, path);
    return checked ? Result<std::string>(path) : checked.error();
}

/// Tells the redactor all secrets that are known before anything is sent, whether they are used or not.
void tell_secrets(const config::Settings& settings, const Environment& environment, io::Redactor& redactor) {
    const auto add_pat = [&redactor](const config::ClientCredentials& pat) {
        redactor.add(pat.client_secret, "client secret");
        redactor.add(pat.client_id, "client ID");
    };
    if (settings.access_token) {
        redactor.add(settings.access_token->value, "token");
    }
    if (settings.environment_pat) {
        add_pat(*settings.environment_pat);
    }
    if (settings.file_pat && *settings.file_pat) {
        add_pat(**settings.file_pat);
    }
    for (const char* const name : {"HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"}) {
        const auto proxy = environment(name);
        const std::size_t at = proxy ? proxy->rfind('@') : std::string::npos;
        if (at != std::string::npos) {
            const std::size_t scheme = proxy->find("://");
            const std::size_t begin = scheme < at ? scheme + 3 : 0;
            const std::string user = proxy->substr(begin, at - begin);
            const std::string password = user.substr(std::min(user.find(':'), user.size() - 1) + 1);
            for (const std::string& text : {user, password}) {
                redactor.add(Secret(text), "proxy password");
                redactor.add(Secret(percent_decode(text)), "proxy password");
            }
        }
    }
}

} // namespace

/// The stack that requests go through, from the network up.
struct Context::Connection {
    std::optional<http::CurlTransport> curl;
    std::optional<http::Trace> trace;
    std::optional<http::RetryTransport> retry;
    std::unique_ptr<sailpoint::TokenSource> tokens;
    std::optional<sailpoint::Client> client;
};

Context::Context(GlobalOptions options, Environment environment, io::Console& console, Clock& clock,
                 Interrupt& interrupt, http::Transport* network, http::Random random)
    : options_(std::move(options)), environment_(std::move(environment)), console_(console), log_(console),
      clock_(clock), interrupt_(interrupt), network_(network), random_(std::move(random)) {
    if (options_.debug) {
        log_.set_verbosity(io::Verbosity::debug);
    } else if (options_.verbose) {
        log_.set_verbosity(io::Verbosity::verbose);
    } else if (options_.quiet) {
        log_.set_verbosity(io::Verbosity::quiet);
    }
}

Context::~Context() {
    if (network_ != nullptr) {
        network_->observe(nullptr);
    }
}

Result<const config::Settings*> Context::settings() {
    if (!settings_) {
        JIT_TRY(settings_, config::load(options_.overrides, environment_));
        tell_secrets(*settings_, environment_, console_.redactor());
        // A script gets the warnings with its one error; a terminal and --verbose get them at once.
        if (config::is_json(settings_->output.value) && !options_.verbose && !options_.debug &&
            !console_.err_device().is_terminal) {
            log_.hold();
        }
        for (const std::string& warning : settings_->warnings) {
            log_.warn(warning);
        }
        console_.mute(code_tells_ && options_.quiet &&
                      settings_->output.value == config::OutputFormat::table);
    }
    return &*settings_;
}

Result<std::string> Context::base_url() {
    JIT_TRY(const config::Settings* const known, settings());
    return config::require_base_url(*known);
}

Result<http::Transport*> Context::transport() {
    if (!connection_) {
        JIT_TRY(const config::Settings* const known, settings());
        const auto trust = http::find_trust_store(options_.ca_file, environment_, http::system_trust_store());
        if (options_.ca_file) {
            if (const auto good =
                    check_certificates(*options_.ca_file, "--ca-file", quote(*options_.ca_file));
                !good) {
                return good.error();
            }
        } else if (!trust.file.empty() && ::access(trust.file.c_str(), F_OK) == 0) {
            // One that is missing makes the server one that is not trusted.
            if (const auto good = check_certificates(trust.file, "SSL_CERT_FILE", trust.file); !good) {
                return good.error();
            }
        }
        auto connection = std::make_unique<Connection>();
        http::Transport* network = network_;
        if (network == nullptr) {
            http::CurlOptions curl;
            curl.timeout = std::chrono::seconds(options_.timeout);
            curl.connect_timeout = std::chrono::seconds(options_.connect_timeout);
            curl.trust = trust;
            curl.user_agent = concat({"jit/", k_version});
            if (known->client_cert) {
                JIT_TRY(curl.client_cert, readable(*known->client_cert, environment_));
                JIT_TRY(curl.client_key,
                        readable(known->client_key.value_or(*known->client_cert), environment_));
            }
            network = &connection->curl.emplace(std::move(curl), interrupt_);
        }
        if (log_.debugging()) {
            network->observe(&connection->trace.emplace(log_));
        }
        const http::RetryPolicy policy{static_cast<int>(options_.retries),
                                       std::chrono::seconds(options_.max_wait)};
        connection->retry.emplace(*network, policy, clock_, random_, log_);
        connection_ = std::move(connection);
    }
    return &*connection_->retry;
}

bool Context::interactive() const {
    return !options_.non_interactive && console_.err_device().is_terminal && isatty(STDIN_FILENO) == 1;
}

auth::Keyring& Context::keyring() {
    if (!keyring_) {
        keyring_ = auth::system_keyring(
            environment_, interactive() ? auth::Unlock::may_ask : auth::Unlock::never, interrupt_);
    }
    return *keyring_;
}

std::optional<std::string> Context::cache_directory() const {
    return options_.no_cache ? std::nullopt : private_cache_directory(environment_);
}

Result<std::string> Context::cache_file(std::string_view kind) {
    JIT_TRY(const std::string url, base_url());
    return cache_path(kind);
}

std::string Context::cache_path(std::string_view kind) const {
    const auto directory = cache_directory();
    if (!directory || !settings_ || !settings_->base_url) {
        return "";
    }
    const config::Settings& known = *settings_;
    std::string key = known.base_url->value + "\n";
    if (known.access_token) {
        key += concat({"token ", known.access_token->value.reveal()});
    } else if (known.environment_pat) {
        key += concat({"client ", known.environment_pat->client_id.reveal()});
    } else {
        key += concat({"environment ", known.environment.value});
    }
    std::string path = concat({*directory, "/", kind, "-", fnv1a_hex({key})});
    wipe(key);
    return path;
}

std::optional<auth::TokenCache> Context::token_cache(const std::string& base_url, const Secret& client_id) {
    const auto directory = cache_directory();
    return directory ? std::optional(auth::TokenCache(*directory, base_url, client_id, clock_, log_))
                     : std::nullopt;
}

Result<auth::Credentials> Context::credentials() {
    JIT_TRY(const config::Settings* const known, settings());
    const auto run = [this](const std::vector<std::string>& words, const std::string& where) {
        return auth::run_credential_command(
            words, where, options_.non_interactive ? Terminal::taken : Terminal::kept, interrupt_);
    };
    auto chosen = auth::choose_credentials(*known, {keyring(), run});
    const bool has_any = known->access_token || known->environment_pat || known->command || known->file_pat;
    if (!chosen && !has_any && chosen.error().kind == ErrorKind::usage && environment_("JIT_CONNECTION_ID")) {
        chosen.error().hint =
            "jit run does not hand its credentials to its COMMAND: jit run --keep-credentials does";
    }
    return chosen;
}

Result<sailpoint::Client*> Context::client() {
    if (!connection_ || !connection_->client) {
        JIT_TRY(const std::string url, base_url());
        JIT_TRY(auto chosen, credentials());
        JIT_TRY(http::Transport* const transport, transport());
        const auto* const pat = std::get_if<auth::Pat>(&chosen);
        auto cache = pat != nullptr ? token_cache(url, pat->client_id) : std::nullopt;
        connection_->tokens = auth::make_token_source(std::move(chosen), *transport, url, console_.redactor(),
                                                      clock_, std::move(cache));
        const auto service_time = remembered_service_time(cache_path(k_clock), clock_);
        connection_->client.emplace(*transport, *connection_->tokens, url, clock_);
        if (service_time) {
            connection_->client->assume_time(*service_time);
        }
        log_.info(concat({"tenant ", url, " (from ", settings_->base_url->origin.where, ")"}));
    }
    return &*connection_->client;
}

Result<Secret> Context::token() {
    if (auto made = client(); !made) {
        return std::move(made).error();
    }
    return connection_->tokens->token();
}

TimePoint Context::service_now() const {
    if (connection_ && connection_->client) {
        return connection_->client->service_now();
    }
    return remembered_service_time(cache_path(k_clock), clock_).value_or(now());
}

void Context::remember_clock() const {
    if (connection_ && connection_->client && connection_->client->knows_time()) {
        remember_service_time(cache_path(k_clock), clock_, connection_->client->service_now());
    }
}

std::optional<BootTime> Context::limited_until() const {
    return connection_ && connection_->retry ? connection_->retry->paused_until() : std::nullopt;
}

bool Context::color_out() const {
    return io::use_color(options_.color, console_.out_device(), environment_);
}

std::string Context::time_text(TimePoint time) const {
    return options_.utc ? format_utc(time) : format_local(time);
}

namespace {

constexpr std::size_t k_date_size = 10; // of "2026-11-24 17:30:05 CET"

} // namespace

std::string Context::short_time_text(TimePoint time) const {
    constexpr std::size_t k_to_minutes = 16;
    const std::string text = time_text(time);
    const bool today = text.compare(0, k_date_size, time_text(now()), 0, k_date_size) == 0;
    const std::size_t begin = today ? k_date_size + 1 : 0;
    return concat({text.substr(begin, k_to_minutes - begin), options_.utc ? " UTC" : ""});
}

std::string Context::time_words(TimePoint time) const {
    return concat({time_text(time), ", ", relative_words(time, service_now())});
}

std::string Context::time_cell(const std::string& text) const {
    const auto time = parse_rfc3339(text);
    if (!time) {
        return text;
    }
    constexpr std::chrono::hours k_day{24};
    const auto distance = std::chrono::abs(*time - service_now());
    const bool far = distance > k_day;
    const TimePoint rounded = *time > service_now()
                                  ? service_now() + std::chrono::floor<std::chrono::days>(distance)
                                  : service_now() - std::chrono::floor<std::chrono::days>(distance);
    return concat({far ? time_text(*time).substr(0, k_date_size) : short_time_text(*time), ", ",
                   relative_words(far ? rounded : *time, service_now())});
}

} // namespace jit::access
