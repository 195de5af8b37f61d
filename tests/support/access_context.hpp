#pragma once

#include "access/context.hpp"
#include "support/fakes.hpp"
#include "support/listing_transport.hpp"
#include "util/interrupt.hpp"
#include "util/text.hpp"

namespace jit::test {

/// A context on a service with lists. Each request is sent once, where no `retries` are given.
struct AccessContext {
    explicit AccessContext(access::GlobalOptions given = without_retries(), io::Device terminal = {})
        : console({}, terminal), options_(std::move(given)) {}

    static access::GlobalOptions without_retries() {
        access::GlobalOptions options;
        options.retries = 0;
        return options;
    }

    ListingTransport network;
    FakeClock clock;
    FakeConsole console;
    Interrupt interrupt;
    TemporaryDirectory home;
    access::GlobalOptions options_;
    access::Context context{options_,
                            variables({{"SAIL_BASE_URL", "https://acme.example"},
                                       {"SAIL_ACCESS_TOKEN", "tokentoken"},
                                       {"XDG_CACHE_HOME", home.path()}}),
                            console.console,
                            clock,
                            interrupt,
                            &network};

    /// How often a text was written to stderr.
    [[nodiscard]] std::size_t told(std::string_view part) const {
        std::size_t count = 0;
        for (std::size_t at = 0; (at = console.err.text().find(part, at)) != std::string::npos; ++at) {
            ++count;
        }
        return count;
    }
    [[nodiscard]] std::string body(std::size_t post) const {
        return std::string(network.posts.at(post).body.reveal());
    }
};

/// The list of connections, with one that has this state and these times.
inline std::string connection_list(std::string_view id, std::string_view state, std::string_view times) {
    return concat({R"([{"id":")", id, R"(","type":"JIT","entitlement":{"id":"e1"},"state":{"value":")", state,
                   R"("},"jit":{)", times, "}}]"});
}

inline std::string active_until(std::string_view id, TimePoint end) {
    return connection_list(
        id, "Active",
        concat({R"("activation":"2026-11-24T12:00:00Z","provisioned":"2026-11-24T12:00:00Z","expiration":")",
                format_rfc3339(end), R"(")"}));
}

inline std::string over_since(std::string_view id, TimePoint end) {
    return connection_list(
        id, "Available",
        concat(
            {R"("activation":"2026-11-24T12:00:00Z","provisioned":"2026-11-24T12:00:00Z","deactivation":")",
             format_rfc3339(end), R"(","deprovisioned":")", format_rfc3339(end), R"(")"}));
}

} // namespace jit::test
