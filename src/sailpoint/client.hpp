#pragma once

#include "http/transport.hpp"
#include "sailpoint/errors.hpp"
#include "sailpoint/model.hpp"
#include "util/clock.hpp"
#include "util/result.hpp"
#include "util/secret.hpp"

#include <chrono>
#include <cstddef>
#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace jit::sailpoint {

/// Gives access tokens. `auth` has those that exist.
class TokenSource {
public:
    TokenSource() = default;
    TokenSource(const TokenSource&) = delete;
    TokenSource& operator=(const TokenSource&) = delete;
    TokenSource(TokenSource&&) = delete;
    TokenSource& operator=(TokenSource&&) = delete;
    virtual ~TokenSource() = default;

    /// A token to send now. May make a request.
    [[nodiscard]] virtual Result<Secret> token() = 0;

    /// Tells that the service answered 401 to this token, so that what was sent with it was not carried out.
    /// True where `token()` gives another one now. False for a token that was fresh: the next one would be
    /// refused as well.
    [[nodiscard]] virtual bool renew(const Secret& refused) {
        (void)refused;
        return false;
    }

    /// What to do when the service refuses a token of this source; for a hint.
    [[nodiscard]] virtual std::string when_refused() const = 0;
};

struct RequestInfo;

/// Exchanges a PAT for an access token at `{base_url}/oauth/token`. Code 3 where the service refuses the
/// credentials, and never code 9: a token request that gets no answer has changed nothing.
[[nodiscard]] Result<IssuedToken> request_token(http::Transport& transport, const std::string& base_url,
                                                const Secret& client_id, const Secret& client_secret,
                                                const Clock& clock);

/// Asks the API whether it takes a token, by a request that changes nothing. A token that may not do even
/// that is one that it takes. Gives the server's clock, where it told the time. Code 3 where it does not.
[[nodiscard]] Result<std::optional<TimePoint>>
check_token(http::Transport& transport, const std::string& base_url, const Secret& token, const Clock& clock);

/// Whose entries of a list.
enum class Whose {
    mine,   ///< those of the identity that the token belongs to
    tenant, ///< everybody's; takes an administrator
};

/// For `most`: all there are.
inline constexpr std::size_t k_all = std::numeric_limits<std::size_t>::max();

/// Takes one entry of a list. False ends the reading.
template <typename Entry>
using Sink = std::function<Result<bool>(Entry entry)>;

/// How a list is read.
struct Reading {
    bool best_effort = false; ///< given up at the first failure
    bool proven = false; ///< what is not in the list counts, too: it ends where nothing is behind its last
                         ///< entry, and not where the service's count of the entries says so
};

/// How long a list may be: a service that never comes to an end is not read for ever.
struct ListLimits {
    std::size_t entries = 5'000'000;
    std::size_t pages = 100'000;
};

/// Counts what a sink keeps of a list, instead of passing it on: its memory has a bound.
class KeptEntries {
public:
    static constexpr std::size_t k_max_bytes = std::size_t{256} * 1024 * 1024;

    /// Counts an entry by its text. Code 8 beyond 256 MiB.
    [[nodiscard]] Result<void> add(std::string_view raw);

private:
    std::size_t bytes_ = 0;
};

/// The tenant's API.
class Client {
public:
    /// `base_url` is one that `config::parse_base_url` made.
    Client(http::Transport& transport, TokenSource& tokens, std::string base_url, const Clock& clock,
           ListLimits limits = {})
        : transport_(transport), tokens_(tokens), base_url_(std::move(base_url)), clock_(clock),
          limits_(limits), zero_(clock.now() - clock.boot_time().time_since_epoch()) {}

    /// Reads a list to its end, a page at a time, so memory does not grow with it. It goes on behind the last
    /// entry by `searchAfter`, which has no upper bound, and not by `offset`, which ends at 10,000 and skips
    /// or repeats entries when the list changes meanwhile. A page may be shorter than was asked for; the list
    /// ends with an empty page, or where the service counted as many entries as came (see `Reading`).
    /// `filters` is the API's expression and may be empty; `most` ends the reading after that many entries.
    /// Code 8 beyond the limits.
    [[nodiscard]] Result<void> connections(Whose whose, std::string_view filters, std::size_t most,
                                           const Sink<Connection>& sink, Reading reading = {});

    /// The same for the activation history, newest first.
    [[nodiscard]] Result<void> history(Whose whose, std::string_view filters, std::size_t most,
                                       const Sink<HistoryEntry>& sink, Reading reading = {});

    /// The tenant's JIT policy. Code 5 if none was ever stored, 4 without the rights of a policy
    /// administrator.
    [[nodiscard]] Result<Policy> policy();

    /// The time by the service's clock, as its last answer told it and to a few seconds; as it was assumed,
    /// or this machine's, where none did. Goes on evenly when this machine's clock is set, and while it is
    /// suspended. Times of the service are to be compared with this.
    [[nodiscard]] TimePoint service_now() const { return zero_ + clock_.boot_time().time_since_epoch(); }

    /// How much later than `service_now` it can be by the service's clock, as far as its answers tell.
    [[nodiscard]] std::chrono::milliseconds service_lead() const { return lead_; }

    /// What the service's clock shows now, as far as it is known before an answer tells it.
    void assume_time(TimePoint service_now) { zero_ = service_now - clock_.boot_time().time_since_epoch(); }

    /// Whether an answer told the time.
    [[nodiscard]] bool knows_time() const { return knows_time_; }

private:
    struct List;
    friend class Operations; // which are sent with the same tokens, and tell the same time

    [[nodiscard]] Result<http::Response> get(const std::string& path_and_query, RequestInfo purpose,
                                             bool best_effort = false);
    [[nodiscard]] Result<void> read(const List& list, std::string_view filters, std::size_t most,
                                    const std::function<Result<bool>(std::string_view entry)>& sink);
    /// Sends a request with a token. After a 401 it is sent once more where the source has another token. An
    /// answer of any status is a response.
    [[nodiscard]] Result<http::Response> send(http::Request request, const RequestInfo& purpose);
    void note_clock(const http::Response& response);

    http::Transport& transport_;
    TokenSource& tokens_;
    std::string base_url_;
    const Clock& clock_;
    ListLimits limits_;
    TimePoint zero_;                    ///< when the boot clock was at zero, by the service's clock
    std::chrono::milliseconds lead_{0}; ///< see `service_lead`
    bool knows_time_ = false;
};

} // namespace jit::sailpoint
