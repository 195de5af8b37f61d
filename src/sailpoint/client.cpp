#include "sailpoint/client.hpp"

#include "http/retry_after.hpp"
#include "sailpoint/codec.hpp"
#include "sailpoint/list_codec.hpp"
#include "util/text.hpp"

#include <algorithm>
#include <unordered_set>
#include <utility>

namespace jit::sailpoint {
namespace {

constexpr int k_ok = 200;
constexpr int k_unauthorized = 401;

} // namespace

Result<IssuedToken> request_token(http::Transport& transport, const std::string& base_url,
                                  const Secret& client_id, const Secret& client_secret, const Clock& clock) {
    RequestInfo purpose{"the token request", false};
    purpose.reads = true; // a token request changes nothing, and the message may say so
    purpose.if_token_refused = purpose.if_refused = purpose.if_forbidden =
        "check the client ID and secret: are they of this tenant, and is the personal access token still "
        "there?";
    purpose.if_missing = "check the base URL: does it name the tenant's API host?";

    http::Request request;
    request.method = http::Method::post;
    request.url = base_url + "/oauth/token";
    request.headers = {{"Accept", "application/json"}, {"Content-Type", "application/x-www-form-urlencoded"}};
    request.confidential = true;
    request.harmless = true;
    request.idempotent = true;
    std::string id = percent_encode(client_id.reveal());
    std::string secret = percent_encode(client_secret.reveal());
    std::string form = concat({"grant_type=client_credentials&client_id=", id, "&client_secret=", secret});
    request.body = Secret::take(form);
    wipe(id);
    wipe(secret);

    http::Outcome outcome = transport.send(request);
    if (!outcome) {
        return failure_error(outcome.error(), purpose);
    }
    if (outcome->status != k_ok) {
        Error error = response_error(*outcome, purpose, clock.now());
        if (outcome->status == 400) {
            error.kind = ErrorKind::unauthenticated; // how OAuth 2.0 (RFC 6749, 5.2) refuses credentials
        }
        error.of_token = true;
        return error;
    }
    std::optional<IssuedToken> issued = decode_token(outcome->body);
    wipe(outcome->body);
    if (!issued) {
        return body_error(*outcome, purpose, "without an access token");
    }
    if (const auto date = outcome->header("date")) {
        issued->server_time = http::parse_http_date(*date);
    }
    return *std::move(issued);
}

Result<std::optional<TimePoint>> check_token(http::Transport& transport, const std::string& base_url,
                                             const Secret& token, const Clock& clock) {
    RequestInfo purpose{"the check of the access token", false};
    purpose.if_token_refused = "get a new token: this one has expired or is of another tenant";
    http::Request request;
    request.url = base_url + "/entitlement-connections/v1/current-identity?limit=1";
    request.headers = {{"Accept", "application/json"}, {"X-SailPoint-Experimental", "true"}};
    request.bearer = token;
    const http::Outcome outcome = transport.send(request);
    if (!outcome) {
        return failure_error(outcome.error(), purpose);
    }
    // These refusals show that the service accepted the token.
    constexpr int k_forbidden = 403;
    constexpr int k_not_enabled = 412;
    const int status = outcome->status;
    if (status != k_ok && status != k_forbidden && status != k_not_enabled) {
        return response_error(*outcome, purpose, clock.now());
    }
    const auto date = outcome->header("date");
    return date ? http::parse_http_date(*date) : std::nullopt;
}

Result<http::Response> Client::send(http::Request request, const RequestInfo& purpose) {
    for (bool again = true;; again = false) {
        JIT_TRY(request.bearer, tokens_.token());
        http::Outcome outcome = transport_.send(request);
        if (!outcome) {
            return failure_error(outcome.error(), purpose);
        }
        note_clock(*outcome);
        if (outcome->status != k_unauthorized || !again || !tokens_.renew(request.bearer)) {
            return *std::move(outcome);
        }
    }
}

void Client::note_clock(const http::Response& response) {
    const auto header = response.header("date");
    const auto date = header ? http::parse_http_date(*header) : std::nullopt;
    if (date) {
        constexpr std::chrono::seconds k_worth_it{5}; // the header has whole seconds, and took its time
        const auto ahead = *date - service_now();
        knows_time_ = true;
        const bool worth_it = std::chrono::abs(ahead) >= k_worth_it;
        zero_ += worth_it ? ahead : std::chrono::milliseconds(0);
        constexpr std::chrono::milliseconds k_left_out = std::chrono::seconds(1); // by the header
        if (worth_it || ahead.count() > 0) {
            lead_ = std::max(lead_, (worth_it ? std::chrono::milliseconds(0) : ahead) + k_left_out);
        }
    }
}

/// One of the API's lists.
struct Client::List {
    std::string_view path;
    std::string_view sorters;
    RequestInfo purpose;
    /// The values of the sorters in an entry, for `searchAfter`; empty where it lacks one.
    std::string (*position)(std::string_view entry);
    Reading reading = {};
};

Result<http::Response> Client::get(const std::string& path_and_query, RequestInfo purpose, bool best_effort) {
    purpose.if_token_refused = tokens_.when_refused();
    purpose.reads = true;
    http::Request request;
    request.url = base_url_ + path_and_query;
    request.best_effort = best_effort;
    request.headers = {{"Accept", "application/json"}, {"X-SailPoint-Experimental", "true"}};
    JIT_TRY(http::Response response, send(std::move(request), purpose));
    if (response.status != k_ok) {
        return response_error(response, purpose, clock_.now());
    }
    return response;
}

namespace {

/// How many entries the service says that there are.
std::optional<std::size_t> counted_entries(const http::Response& response) {
    const auto header = response.header("x-total-count");
    const auto count = header ? parse_int(*header, 0, std::numeric_limits<long>::max()) : std::nullopt;
    return count ? std::optional(static_cast<std::size_t>(*count)) : std::nullopt;
}

Error too_long(const RequestInfo& purpose, std::size_t limit, std::string_view what) {
    return {ErrorKind::server, concat({purpose.what, " does not end: more than ", std::to_string(limit), " ",
                                       what, " came, and jit reads no further"})};
}

} // namespace

Result<void> Client::read(const List& list, std::string_view filters, std::size_t most,
                          const std::function<Result<bool>(std::string_view entry)>& sink) {
    constexpr std::size_t k_page = 250; // the API's most
    constexpr std::size_t k_longest_position = 4096;
    std::string position;
    std::unordered_set<std::size_t> seen; // a service that goes in circles must not keep us for ever
    std::optional<std::size_t> counted;
    std::size_t came = 0;
    for (std::size_t pages = 0; came < most; ++pages) {
        if (pages == limits_.pages) {
            return too_long(list.purpose, limits_.pages, "pages");
        }
        const std::size_t limit = std::min(most - came, k_page);
        std::string query = concat({list.path, "?limit=", std::to_string(limit), "&sorters=", list.sorters});
        if (!filters.empty()) {
            query += concat({"&filters=", percent_encode(filters)});
        }
        if (!position.empty()) {
            query += concat({"&searchAfter=", position});
        }
        const bool to_count = pages == 0 && !list.reading.proven && most > 1;
        JIT_TRY(const http::Response response,
                get(query + (to_count ? "&count=true" : ""), list.purpose, list.reading.best_effort));
        const auto entries = split_list(response.body);
        if (!entries) {
            return body_error(response, list.purpose, "without a JSON list of objects in it");
        }
        if (entries->empty()) {
            return {};
        }
        for (const std::string_view entry : *entries) {
            if (came == limits_.entries) {
                return too_long(list.purpose, limits_.entries, "entries");
            }
            JIT_TRY(const bool more, sink(entry));
            if (++came == most || !more) {
                return {};
            }
        }
        counted = to_count ? counted_entries(response) : counted;
        // A full page may well be what a server calls all, and it has more: only both together are the end.
        if (counted == came && entries->size() < limit) {
            return {};
        }
        std::string last = list.position(entries->back());
        if (last.empty() || last.size() > k_longest_position ||
            !seen.insert(std::hash<std::string>()(last)).second) {
            return body_error(response, list.purpose, "with a page that nothing can be read behind");
        }
        position = std::move(last);
    }
    return {};
}

Result<void> KeptEntries::add(std::string_view raw) {
    bytes_ += raw.size();
    if (bytes_ > k_max_bytes) {
        return Error{ErrorKind::server, "the list is too long: jit keeps no more than 256 MiB of one",
                     "jit list -o jsonl and jit history -o jsonl keep nothing"};
    }
    return {};
}

Result<void> Client::connections(Whose whose, std::string_view filters, std::size_t most,
                                 const Sink<Connection>& sink, Reading reading) {
    const bool mine = whose == Whose::mine;
    List list{mine ? "/entitlement-connections/v1/current-identity" : "/entitlement-connections/v1", "id",
              RequestInfo{mine ? "the list of your connections" : "the list of the tenant's connections"},
              [](std::string_view entry) { return percent_encode(decode_connection(entry).id); }, reading};
    list.purpose.if_forbidden =
        mine ? "your token lacks the scope idn:entitlement-connections:read, or belongs to no user"
             : "your token lacks the scope idn:entitlement-connections:list, or you are no administrator "
               "(ORG_ADMIN)";
    return read(list, filters, most,
                [&sink](std::string_view entry) { return sink(decode_connection(entry)); });
}

Result<void> Client::history(Whose whose, std::string_view filters, std::size_t most,
                             const Sink<HistoryEntry>& sink, Reading reading) {
    const bool mine = whose == Whose::mine;
    List list{mine ? "/jit-activation-history/v1/current-identity" : "/jit-activation-history/v1",
              "-activationInitiated,id",
              RequestInfo{mine ? "the list of your activations" : "the list of the tenant's activations"},
              [](std::string_view entry) {
                  const HistoryEntry last = decode_history_entry(entry);
                  return last.initiated.empty() || last.id.empty()
                             ? std::string()
                             : concat({percent_encode(last.initiated), ",", percent_encode(last.id)});
              },
              reading};
    list.purpose.if_forbidden =
        mine ? "your token lacks the scope idn:jit-activation-history-self:read, or the tenant's activation "
               "history is not enabled"
             : "your token lacks the scope idn:jit-activation-history:read, you are no administrator "
               "(ORG_ADMIN), or the tenant's activation history is not enabled";
    return read(list, filters, most,
                [&sink](std::string_view entry) { return sink(decode_history_entry(entry)); });
}

Result<Policy> Client::policy() {
    RequestInfo purpose{"the JIT policy"};
    purpose.if_forbidden =
        "your token lacks the scope idn:jit-policy:read, or you are no policy administrator (POLICY_ADMIN)";
    purpose.if_missing = "this tenant has no JIT policy; an administrator stores one in SailPoint";
    JIT_TRY(const http::Response response, get("/jit-activation-config/v1/policy", purpose));
    auto policy = decode_policy(response.body);
    if (!policy) {
        return body_error(response, purpose, "without a JSON object in it");
    }
    return *std::move(policy);
}

} // namespace jit::sailpoint
