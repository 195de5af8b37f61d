#pragma once

#include "io/log.hpp"
#include "sailpoint/model.hpp"
#include "util/clock.hpp"
#include "util/environment.hpp"
#include "util/private_file.hpp"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace jit::auth {

/// The access token of one client ID at one base URL, kept in a file for all runs of its owner: a token of
/// another tenant or another client is never found. A cache that is broken, open to others, someone else's or
/// out of reach is an empty one.
class TokenCache {
public:
    /// `directory` is one that `private_cache_directory` found.
    TokenCache(const std::string& directory, std::string base_url, Secret client_id, Clock& clock,
               io::Log& log);

    /// The token, where it has some of its life left (see `renewal_time`).
    [[nodiscard]] std::optional<sailpoint::KeptToken> find() const;

    /// Keeps a token in place of the one before. One without a known life is not kept.
    void keep(const sailpoint::IssuedToken& issued, TimePoint requested_at);

    /// Waits for the right to fetch a token: one process has it at a time. Empty where `stop_if` came true,
    /// where the holder takes too long, or where there can be no lock. Fails on an interrupt only.
    [[nodiscard]] Result<std::optional<FileLock>> lock_for_refresh(const std::function<bool()>& stop_if);

    [[nodiscard]] const std::string& path() const { return path_; }

private:
    std::string path_;
    std::string base_url_;
    Secret client_id_;
    Clock& clock_;
    io::Log& log_;
};

/// From when on a token is renewed: before it expires by a tenth of its life, at most a minute, for clocks
/// that run apart and requests under way.
[[nodiscard]] TimePoint renewal_time(TimePoint issued, TimePoint expires);

/// Removes every token that is kept for this base URL, in all the places where a cache may be. How many.
[[nodiscard]] Result<int> forget_tokens(const Environment& environment, const std::string& base_url);

} // namespace jit::auth
