#pragma once

#include "auth/credentials.hpp"
#include "auth/keyring.hpp"
#include "auth/token_cache.hpp"
#include "config/settings.hpp"
#include "http/retry.hpp"
#include "http/transport.hpp"
#include "io/console.hpp"
#include "io/log.hpp"
#include "sailpoint/client.hpp"
#include "util/clock.hpp"
#include "util/environment.hpp"
#include "util/interrupt.hpp"
#include "util/result.hpp"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace jit::access {

/// A field that --sort names.
struct SortKey {
    std::string field;
    bool descending = false;
};

/// Which part of the results is shown, and in which order.
struct ResultView {
    std::vector<std::string> columns;     ///< --columns: of a table or CSV; none: those that it has by itself
    std::vector<std::string> json_fields; ///< --json; none: all
    std::vector<SortKey> sort;            ///< --sort
    bool no_header = false;
};

/// The options that every command takes.
struct GlobalOptions {
    config::Overrides overrides;
    ResultView view;
    bool quiet = false;
    bool verbose = false;
    bool debug = false;
    io::ColorMode color = io::ColorMode::automatic;
    long timeout = 30;         ///< seconds, one request
    long connect_timeout = 10; ///< seconds
    long retries = 3;
    long max_wait = 120;                ///< seconds
    std::optional<std::string> ca_file; ///< --ca-file
    bool non_interactive = false;
    bool utc = false;      ///< times in tables
    bool no_cache = false; ///< --no-cache: nothing is read from a cache or kept in one
};

/// What a command works with. Settings, credentials and the client are made when first asked for, so a
/// command pays only for what it uses.
class Context {
public:
    /// `network` replaces libcurl in tests; null: libcurl. `random` spreads the tries of several processes.
    /// Everything passed in outlives the context.
    Context(GlobalOptions options, Environment environment, io::Console& console, Clock& clock,
            Interrupt& interrupt, http::Transport* network = nullptr,
            http::Random random = http::system_random());
    Context(const Context&) = delete;
    Context& operator=(const Context&) = delete;
    Context(Context&&) = delete;
    Context& operator=(Context&&) = delete;
    ~Context();

    /// The settings; the first call reads the files and shows their warnings.
    [[nodiscard]] Result<const config::Settings*> settings();

    /// The settings if they were loaded already, else null.
    [[nodiscard]] const config::Settings* loaded_settings() const {
        return settings_ ? &*settings_ : nullptr;
    }

    /// The base URL, or the error that says how to set one.
    [[nodiscard]] Result<std::string> base_url();

    /// The options that every command takes, as they were given.
    [[nodiscard]] const GlobalOptions& options() const { return options_; }

    /// What the command line says of the settings. A command may change it before it asks for them.
    [[nodiscard]] config::Overrides& overrides() { return options_.overrides; }

    /// The way to the tenant, without credentials. Sends nothing by itself.
    [[nodiscard]] Result<http::Transport*> transport();

    /// The credentials that count. May start a program or ask the keyring.
    [[nodiscard]] Result<auth::Credentials> credentials();

    /// The keyring, and the cache of the tokens for a client ID at the base URL; no cache where there is
    /// none, or none is wanted.
    [[nodiscard]] auth::Keyring& keyring();
    [[nodiscard]] std::optional<auth::TokenCache> token_cache(const std::string& base_url,
                                                              const Secret& client_id);

    /// Where caches are kept; empty where there is no place, or --no-cache is given.
    [[nodiscard]] std::optional<std::string> cache_directory() const;

    /// The path of a cache of this kind for the tenant and its credentials. Empty where
    /// there is no cache.
    [[nodiscard]] Result<std::string> cache_file(std::string_view kind);

    /// Whether there is a person at a terminal who may be asked.
    [[nodiscard]] bool interactive() const;

    /// Whether nobody may be asked anything: --non-interactive.
    [[nodiscard]] bool never_asks() const { return options_.non_interactive; }

    /// The tenant's API with credentials; the first call makes it. Sends nothing by itself.
    [[nodiscard]] Result<sailpoint::Client*> client();

    /// An access token for the base URL: from the cache, or by one request.
    [[nodiscard]] Result<Secret> token();

    [[nodiscard]] io::Console& console() { return console_; }
    [[nodiscard]] io::Log& log() { return log_; }
    [[nodiscard]] Interrupt& interrupt() { return interrupt_; }
    [[nodiscard]] Clock& clock() { return clock_; }
    [[nodiscard]] TimePoint now() const { return clock_.now(); }

    /// The time by the service's clock, as far as its last answer told it, to this process or to one before:
    /// what its times are compared with. Makes no request.
    [[nodiscard]] TimePoint service_now() const;

    /// Keeps for later processes how far the service's clock is ahead, where this one was told.
    void remember_clock() const;
    [[nodiscard]] bool color_out() const;
    [[nodiscard]] const Environment& environment() const { return environment_; }
    [[nodiscard]] bool interrupted() const { return interrupt_.signal() != 0; }

    /// Until when the rate limit lets nothing be sent, if so.
    [[nodiscard]] std::optional<BootTime> limited_until() const;

    /// With --quiet no results are shown where the settings say that they are tables. To be called before the
    /// settings are asked for.
    void let_code_tell() { code_tells_ = true; }

    /// How often to try again: --retries.
    [[nodiscard]] int retries() const { return static_cast<int>(options_.retries); }

    /// What the process returns, where that is neither 0 nor the code of an error but a program's.
    [[nodiscard]] std::optional<int> exit_code() const { return exit_code_; }
    void set_exit_code(int code) { exit_code_ = code; }

    /// Whether tables have the service's own words for states: --verbose.
    [[nodiscard]] bool shows_service_words() const { return options_.verbose; }

    /// Which part of the results is shown.
    [[nodiscard]] const ResultView& view() const { return options_.view; }

    /// Whether to show progress on stderr.
    [[nodiscard]] bool shows_progress() const { return console_.err_device().is_terminal && !options_.quiet; }

    /// A time as tables have it: "2026-11-24 17:30:05 CET", or in UTC with --utc.
    [[nodiscard]] std::string time_text(TimePoint time) const;

    /// The same, short, for a sentence: "17:30", with the date where that is another day; "17:30 UTC" with
    /// --utc.
    [[nodiscard]] std::string short_time_text(TimePoint time) const;

    /// The same with what is left or past, for messages: "2026-11-24 17:30:05 CET, in 59 min".
    [[nodiscard]] std::string time_words(TimePoint time) const;

    /// The short time with what is left or past, for tables: "17:30, in 59 min"; "2026-12-24, in 30 d" where
    /// that is more than a day. Text that is no time stays as it is.
    [[nodiscard]] std::string time_cell(const std::string& text) const;

private:
    struct Connection;

    [[nodiscard]] std::string cache_path(std::string_view kind) const;

    GlobalOptions options_;
    Environment environment_;
    io::Console& console_;
    io::Log log_;
    Clock& clock_;
    Interrupt& interrupt_;
    http::Transport* network_;
    std::optional<int> exit_code_;
    bool code_tells_ = false;
    http::Random random_;
    std::optional<config::Settings> settings_;
    std::unique_ptr<auth::Keyring> keyring_;
    std::unique_ptr<Connection> connection_;
};

} // namespace jit::access
