#include "auth/token_cache.hpp"

#include "sailpoint/codec.hpp"
#include "util/text.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <filesystem>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace jit::auth {
namespace {

constexpr std::size_t k_max_bytes = std::size_t{64} * 1024;
constexpr std::string_view k_prefix = "token-";
constexpr std::string_view k_suffix = ".json";

/// Only to get a name; the file itself says whose the token is.
std::string name_of(std::string_view base_url, std::string_view client_id) {
    return concat({k_prefix, fnv1a_hex({base_url, "\n", client_id}), k_suffix});
}

std::optional<sailpoint::KeptToken> read_kept(const std::string& path) {
    const auto text = read_private_file(path, k_max_bytes);
    return text && *text ? sailpoint::decode_kept_token((*text)->reveal()) : std::nullopt;
}

} // namespace

TimePoint renewal_time(TimePoint issued, TimePoint expires) {
    using std::chrono::milliseconds;
    return expires - std::min<milliseconds>(std::chrono::minutes(1), (expires - issued) / 10);
}

TokenCache::TokenCache(const std::string& directory, std::string base_url, Secret client_id, Clock& clock,
                       io::Log& log)
    : path_(concat({directory, "/", name_of(base_url, client_id.reveal())})), base_url_(std::move(base_url)),
      client_id_(std::move(client_id)), clock_(clock), log_(log) {}

std::optional<sailpoint::KeptToken> TokenCache::find() const {
    auto kept = read_kept(path_);
    if (!kept || kept->base_url != base_url_ || kept->client_id.reveal() != client_id_.reveal()) {
        return std::nullopt;
    }
    // A token from the future: the clock was set back, and its life cannot be told.
    constexpr std::chrono::seconds k_slack{5};
    const TimePoint now = clock_.now();
    if (now + k_slack < kept->issued || now >= renewal_time(kept->issued, kept->expires)) {
        return std::nullopt;
    }
    return kept;
}

void TokenCache::keep(const sailpoint::IssuedToken& issued, TimePoint requested_at) {
    if (!issued.lifetime) {
        return;
    }
    const Secret text = sailpoint::encode_kept_token(
        {base_url_, client_id_, issued.token, requested_at, requested_at + *issued.lifetime});
    if (const auto done = write_private_file(path_, text.reveal()); !done) {
        log_.info(concat({"the token is not kept: ", done.error().message}));
    }
}

Result<std::optional<FileLock>> TokenCache::lock_for_refresh(const std::function<bool()>& stop_if) {
    constexpr std::chrono::seconds k_patience{5};
    auto lock = FileLock::acquire(path_ + ".lock", clock_, k_patience, stop_if);
    if (!lock && lock.error().kind == ErrorKind::interrupted) {
        return Error{ErrorKind::interrupted, "interrupted before the token request was sent"};
    }
    if (!lock) {
        log_.info(concat({"the token is fetched without a lock: ", lock.error().message}));
        return std::optional<FileLock>();
    }
    return lock;
}

Result<int> forget_tokens(const Environment& environment, const std::string& base_url) {
    int removed = 0;
    for (const std::string& place : private_cache_places(environment)) {
        std::error_code none;
        for (auto entry = std::filesystem::directory_iterator(place, none);
             entry != std::filesystem::directory_iterator(); entry.increment(none)) {
            const std::string name = entry->path().filename().string();
            const std::string path = entry->path().string();
            if (is_leftover(name, k_prefix)) {
                (void)unlink(path.c_str());
            }
            if (!name.starts_with(k_prefix) || !name.ends_with(k_suffix)) {
                continue;
            }
            // One that nobody may use any more, since it is open to others or broken, goes whosoever it was.
            const auto kept = read_kept(path);
            if (kept && kept->base_url != base_url) {
                continue;
            }
            if (unlink(path.c_str()) != 0 && errno != ENOENT) {
                return Error{ErrorKind::internal,
                             concat({"cannot remove ", path, ": ", std::generic_category().message(errno)})};
            }
            ++removed;
        }
    }
    return removed;
}

} // namespace jit::auth
