#include "app/context.hpp"

#include "base/text.hpp"
#include "base/version.hpp"
#include "http/curl_transport.hpp"
#include "http/retry.hpp"
#include "http/trace.hpp"
#include "http/trust_store.hpp"

#include <cerrno>
#include <chrono>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace jit::app {

/// The stack that requests go through, from the network up.
struct Context::Connection {
    std::optional<http::CurlTransport> curl;
    std::optional<http::TraceTransport> trace;
    std::optional<http::RetryTransport> retry;
    std::unique_ptr<sailpoint::TokenSource> tokens;
    std::optional<sailpoint::Client> client;
};

Context::Context(GlobalOptions options, Environment environment, io::Console& console, io::Input* input,
                 Clock& clock, const Interrupt& interrupt, http::Transport* network)
    : options_(std::move(options)), environment_(std::move(environment)), console_(console), input_(input),
      log_(console), clock_(clock), interrupt_(interrupt), network_(network) {
    if (options_.debug) {
        log_.set_verbosity(io::Verbosity::debug);
    } else if (options_.verbose) {
        log_.set_verbosity(io::Verbosity::verbose);
    } else if (options_.quiet) {
        log_.set_verbosity(io::Verbosity::quiet);
    }
}

Context::~Context() = default;

Result<const config::Settings*> Context::settings() {
    if (!settings_) {
        JIT_TRY(settings_, config::load(options_.overrides, environment_));
        for (const std::string& warning : settings_->warnings) {
            log_.warn(warning);
        }
    }
    return &*settings_;
}

Result<std::string> Context::base_url() {
    JIT_TRY(const config::Settings* const known, settings());
    return config::require_base_url(*known);
}

Result<sailpoint::Client*> Context::client() {
    if (!connection_) {
        JIT_TRY(const std::string url, base_url());
        JIT_TRY(auto credentials, auth::choose_credentials(*settings_));
        if (options_.ca_file && access(options_.ca_file->c_str(), R_OK) != 0) {
            return usage_error(cat({"--ca-file: cannot read \"", *options_.ca_file,
                                    "\": ", std::generic_category().message(errno)}));
        }
        auto connection = std::make_unique<Connection>();
        http::Transport* network = network_;
        if (network == nullptr) {
            http::CurlOptions curl;
            curl.timeout = std::chrono::seconds(options_.timeout);
            curl.connect_timeout = std::chrono::seconds(options_.connect_timeout);
            curl.trust = http::find_trust_store(options_.ca_file, environment_, http::system_trust_store());
            curl.user_agent = cat({"jit/", k_version});
            network = &connection->curl.emplace(std::move(curl), interrupt_);
        }
        http::Transport& traced = connection->trace.emplace(*network, log_);
        const http::RetryPolicy policy{static_cast<int>(options_.retries),
                                       std::chrono::seconds(options_.max_wait)};
        http::Transport& retried =
            connection->retry.emplace(traced, policy, clock_, http::system_random(), log_);
        connection->tokens =
            auth::make_token_source(std::move(credentials), retried, url, console_.redactor(), clock_);
        connection->client.emplace(retried, *connection->tokens, url, clock_);
        log_.info(cat({"tenant ", url, " (from ", settings_->base_url->origin.where, ")"}));
        connection_ = std::move(connection);
    }
    return &*connection_->client;
}

bool Context::color_out() const {
    return io::use_color(options_.color, console_.out_device(), environment_);
}

io::Input* Context::person() const {
    const bool there = input_ != nullptr && !options_.non_interactive && input_->is_terminal() &&
                       console_.err_device().is_terminal;
    return there ? input_ : nullptr;
}

std::string Context::time_text(TimePoint time) const {
    return options_.utc ? format_utc(time) : format_local(time);
}

std::string Context::time_cell(const std::string& text) const {
    const auto time = parse_rfc3339(text);
    return time ? cat({time_text(*time), ", ", relative_words(*time, now())}) : text;
}

} // namespace jit::app
