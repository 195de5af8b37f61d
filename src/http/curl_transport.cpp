#include "http/curl_transport.hpp"

#include "http/curl_outcome.hpp"
#include "http/watchdog.hpp"
#include "util/text.hpp"

#include <algorithm>
#include <curl/curl.h>
#include <deque>
#include <map>
#include <utility>
#include <vector>

namespace jit::http {
namespace {

struct EasyDeleter {
    void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
};
struct EasyReset {
    void operator()(CURL* handle) const { curl_easy_reset(handle); }
};
struct MultiDeleter {
    void operator()(CURLM* handle) const { curl_multi_cleanup(handle); }
};
struct HeaderListDeleter {
    void operator()(curl_slist* list) const {
        for (curl_slist* node = list; node != nullptr; node = node->next) {
            wipe(node->data, std::char_traits<char>::length(node->data)); // one of them holds the token
        }
        curl_slist_free_all(list);
    }
};
using Easy = std::unique_ptr<CURL, EasyDeleter>;
using Multi = std::unique_ptr<CURLM, MultiDeleter>;
using HeaderList = std::unique_ptr<curl_slist, HeaderListDeleter>;

/// curl_easy_setopt takes anything; these take what the option needs, and remember the first failure.
class Setter {
public:
    explicit Setter(CURL* handle) : handle_(handle) {}

    void number(CURLoption option, long value) { note(curl_easy_setopt(handle_, option, value)); }
    void large(CURLoption option, curl_off_t value) { note(curl_easy_setopt(handle_, option, value)); }
    void text(CURLoption option, const char* value) { note(curl_easy_setopt(handle_, option, value)); }
    /// An empty string unsets the option instead of setting it to nothing.
    void text_or_null(CURLoption option, const std::string& value) {
        text(option, value.empty() ? nullptr : value.c_str());
    }
    void object(CURLoption option, void* value) { note(curl_easy_setopt(handle_, option, value)); }
    template <typename Result, typename... Arguments>
    void callback(CURLoption option, Result (*function)(Arguments...)) {
        note(curl_easy_setopt(handle_, option, function));
    }

    [[nodiscard]] CURLcode failed() const { return failed_; }

private:
    void note(CURLcode code) {
        if (failed_ == CURLE_OK) {
            failed_ = code;
        }
    }

    CURL* handle_;
    CURLcode failed_ = CURLE_OK;
};

bool is_loopback(std::string_view ip) {
    return ip.substr(0, 4) == "127." || ip == "::1";
}

/// libcurl calls this when it has a connection, before it writes the request.
int on_request(void* context, char* ip, char* /*local_ip*/, int /*port*/, int /*local_port*/) {
    auto& exchange = *static_cast<Exchange*>(context);
    if (exchange.plain && !is_loopback(ip)) {
        exchange.not_loopback = true;
        return CURL_PREREQFUNC_ABORT;
    }
    if (exchange.sent) {
        // A reused connection broke before the answer, and libcurl is about to send the request again on a
        // new one. It may have been carried out already, so that is not libcurl's to decide.
        exchange.resent = true;
        return CURL_PREREQFUNC_ABORT;
    }
    exchange.sent = true;
    return CURL_PREREQFUNC_OK;
}

std::size_t on_header(char* data, std::size_t /*one*/, std::size_t size, void* context) {
    auto& exchange = *static_cast<Exchange*>(context);
    exchange.header_bytes += size;
    if (exchange.header_bytes > k_max_header_bytes) {
        exchange.too_much = true;
        return 0;
    }
    const std::string_view line(data, size);
    if (line.substr(0, 5) == "HTTP/") {
        exchange.response.headers.clear(); // those before it belong to an interim answer (1xx)
    } else if (const std::size_t colon = line.find(':'); colon != std::string_view::npos) {
        exchange.response.headers.push_back(
            {std::string(trim(line.substr(0, colon))), std::string(trim(line.substr(colon + 1)))});
    }
    return size;
}

std::size_t on_body(char* data, std::size_t /*one*/, std::size_t size, void* context) {
    auto& exchange = *static_cast<Exchange*>(context);
    if (exchange.response.body.size() + size > k_max_body) {
        exchange.too_much = true;
        return 0;
    }
    exchange.response.body.append(data, size);
    return size;
}

/// libcurl calls this for all that goes over the connection, each record of TLS included, whatever becomes of
/// it. In words alone it tells that it means to send a request again because the server refused its stream of
/// HTTP/2, and so has not looked at it (RFC 9113, 8.7). It does so on a new connection only: on one that it
/// used before, a refused stream looks like a lost connection, and counts as one.
int on_debug(CURL* /*handle*/, curl_infotype type, char* data, std::size_t size, void* context) {
    auto& exchange = *static_cast<Exchange*>(context);
    if (type == CURLINFO_TEXT && std::string_view(data, size).rfind("REFUSED_STREAM, retrying", 0) == 0) {
        exchange.sent = false;
    }
    exchange.watchdog->look();
    return 0;
}

int on_progress(void* context, curl_off_t /*of*/, curl_off_t /*down*/, curl_off_t /*of*/, curl_off_t /*up*/) {
    auto& watchdog = *static_cast<Watchdog*>(context);
    watchdog.look();
    return watchdog.has_shut() ? 1 : 0;
}

curl_socket_t open_socket(void* context, curlsocktype /*purpose*/, curl_sockaddr* address) {
    return static_cast<Watchdog*>(context)->open_socket(address->family, address->socktype,
                                                        address->protocol);
}

int close_socket(void* context, curl_socket_t socket) {
    return static_cast<Watchdog*>(context)->close_socket(socket);
}

HeaderList header_list(const Request& request) {
    HeaderList list;
    const auto append = [&list](const std::string& line) {
        curl_slist* const head = curl_slist_append(list.get(), line.c_str());
        if (head != nullptr) {
            (void)list.release();
            list.reset(head);
        }
    };
    for (const Header& header : request.headers) {
        append(concat({header.name, ": ", header.value}));
    }
    append("Expect:"); // no waiting for "100 Continue"
    if (!request.bearer.empty()) {
        std::string line = concat({"Authorization: Bearer ", request.bearer.reveal()});
        append(line);
        wipe(line);
    }
    return list;
}

} // namespace

/// One request on its way.
struct CurlTransport::Transfer {
    Easy easy;
    Ticket ticket = 0;
    Request request;
    HeaderList headers;
    Exchange exchange;
    Watchdog::Clock::time_point deadline; ///< when it must have ended
};

struct CurlTransport::Handles {
    explicit Handles(const Interrupt& interrupt) : watchdog(interrupt) {}

    Watchdog watchdog; // knows the sockets, which `multi` closes
    Multi multi;
    std::map<Ticket, std::unique_ptr<Transfer>> under_way; // goes before `multi`, which they are part of
    std::vector<std::unique_ptr<Transfer>> idle;           // to be used again
    std::deque<Answer> done;

    [[nodiscard]] std::unique_ptr<Transfer> transfer() {
        if (!idle.empty()) {
            auto transfer = std::move(idle.back());
            idle.pop_back();
            return transfer;
        }
        auto transfer = std::make_unique<Transfer>();
        transfer->easy.reset(curl_easy_init());
        return transfer;
    }

    /// The transfer has ended: forgets all that it was about.
    void recycle(std::unique_ptr<Transfer> transfer) {
        curl_easy_reset(transfer->easy.get());
        transfer->request = {};
        transfer->headers.reset();
        transfer->exchange = {};
        idle.push_back(std::move(transfer));
    }
};

TrustStore system_trust_store() {
    const curl_version_info_data* const info = curl_version_info(CURLVERSION_NOW);
    TrustStore store;
    if (info->age >= CURLVERSION_SEVENTH) {
        store.file = info->cainfo != nullptr ? info->cainfo : "";
        store.directory = info->capath != nullptr ? info->capath : "";
    }
    return store;
}

CurlTransport::CurlTransport(CurlOptions options, const Interrupt& interrupt)
    : options_(std::move(options)), interrupt_(interrupt), handles_(std::make_unique<Handles>(interrupt)) {
    static const CURLcode initialised = curl_global_init(CURL_GLOBAL_DEFAULT);
    if (initialised == CURLE_OK) {
        handles_->multi.reset(curl_multi_init());
    }
}

CurlTransport::~CurlTransport() {
    for (const auto& [ticket, transfer] : handles_->under_way) {
        curl_multi_remove_handle(handles_->multi.get(), transfer->easy.get());
    }
}

void CurlTransport::do_begin(Ticket ticket, Request request) {
    if (interrupt_.signal() != 0) {
        handles_->done.push_back({ticket, Failure{Failure::Kind::interrupted, false, "interrupted"}});
        return;
    }
    auto transfer = handles_->transfer();
    transfer->ticket = ticket;
    transfer->request = std::move(request);
    if (auto failure = start(*transfer)) {
        handles_->done.push_back({ticket, *std::move(failure)});
        return;
    }
    handles_->under_way.insert({ticket, std::move(transfer)});
}

/// Hands the transfer to libcurl. What it points to stays until it is recycled.
std::optional<Failure> CurlTransport::start(Transfer& transfer) {
    CURL* const handle = transfer.easy.get();
    if (handle == nullptr || handles_->multi == nullptr) {
        return Failure{Failure::Kind::permanent, false, "libcurl cannot be initialised"};
    }
    const Request& request = transfer.request;
    Exchange& exchange = transfer.exchange;
    transfer.headers = header_list(request);
    exchange.plain = request.url.substr(0, 5) == "http:";
    exchange.watchdog = &handles_->watchdog;
    transfer.deadline = Watchdog::Clock::now() + options_.timeout;

    Setter set(handle);
    set.text(CURLOPT_URL, request.url.c_str());
    set.text(CURLOPT_PROTOCOLS_STR, exchange.plain ? "http" : "https");
    if (exchange.plain) {
        set.text(CURLOPT_NOPROXY, "*"); // a proxy would carry the token off this machine in the clear
    }
    if (request.method == Method::post) {
        set.number(CURLOPT_POST, 1L);
        set.text(CURLOPT_POSTFIELDS, request.body.reveal().data());
        set.large(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
    }
    set.object(CURLOPT_HTTPHEADER, transfer.headers.get());
    set.number(CURLOPT_HEADEROPT, CURLHEADER_SEPARATE); // no Authorization for the proxy
    set.number(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
    set.text(CURLOPT_USERAGENT, options_.user_agent.c_str());
    set.number(CURLOPT_FOLLOWLOCATION, 0L);
    set.number(CURLOPT_NOSIGNAL, 1L);
    set.number(CURLOPT_QUICK_EXIT, 1L); // do not wait for a name look-up that was given up
    set.number(CURLOPT_TIMEOUT_MS, static_cast<long>(options_.timeout.count()));
    set.number(CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(options_.connect_timeout.count()));
    set.number(CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2);
    set.number(CURLOPT_SSL_VERIFYPEER, 1L);
    set.number(CURLOPT_SSL_VERIFYHOST, 2L);
    set.text_or_null(CURLOPT_CAINFO, options_.trust.file);
    set.text_or_null(CURLOPT_CAPATH, options_.trust.directory);
    set.text_or_null(CURLOPT_PROXY_CAINFO, options_.trust.file);
    set.text_or_null(CURLOPT_PROXY_CAPATH, options_.trust.directory);
    set.text_or_null(CURLOPT_SSLCERT, options_.client_cert);
    set.text_or_null(CURLOPT_SSLKEY, options_.client_key);
    set.text(CURLOPT_KEYPASSWD, ""); // without one, OpenSSL would ask for it at the terminal
    set.object(CURLOPT_ERRORBUFFER, exchange.reason.data());
    set.callback(CURLOPT_PREREQFUNCTION, on_request);
    set.object(CURLOPT_PREREQDATA, &exchange);
    set.callback(CURLOPT_HEADERFUNCTION, on_header);
    set.object(CURLOPT_HEADERDATA, &exchange);
    set.callback(CURLOPT_WRITEFUNCTION, on_body);
    set.object(CURLOPT_WRITEDATA, &exchange);
    set.number(CURLOPT_NOPROGRESS, 0L);
    set.callback(CURLOPT_XFERINFOFUNCTION, on_progress);
    set.object(CURLOPT_XFERINFODATA, exchange.watchdog);
    set.callback(CURLOPT_OPENSOCKETFUNCTION, open_socket);
    set.object(CURLOPT_OPENSOCKETDATA, exchange.watchdog);
    set.callback(CURLOPT_CLOSESOCKETFUNCTION, close_socket);
    set.object(CURLOPT_CLOSESOCKETDATA, exchange.watchdog);
    set.number(CURLOPT_PIPEWAIT, 1L); // rather one connection for all than one each at once
    set.number(CURLOPT_VERBOSE, 1L);  // to `on_debug`
    set.callback(CURLOPT_DEBUGFUNCTION, on_debug);
    set.object(CURLOPT_DEBUGDATA, &exchange);
    set.object(CURLOPT_PRIVATE, &transfer);
    if (set.failed() != CURLE_OK) {
        return Failure{Failure::Kind::permanent, false,
                       concat({"libcurl does not take a setting: ", curl_easy_strerror(set.failed())})};
    }

    const CURLMcode added = curl_multi_add_handle(handles_->multi.get(), handle);
    if (added != CURLM_OK) {
        return Failure{Failure::Kind::permanent, false,
                       concat({"libcurl cannot send: ", curl_multi_strerror(added)})};
    }
    return std::nullopt;
}

std::optional<Transport::Answer> CurlTransport::do_wait(std::optional<std::chrono::milliseconds> at_most) {
    using Clock = std::chrono::steady_clock;
    const auto end = at_most ? std::optional(Clock::now() + *at_most) : std::nullopt;
    for (;;) {
        if (handles_->done.empty() && !handles_->under_way.empty()) {
            collect();
        }
        if (!handles_->done.empty()) {
            Answer answer = std::move(handles_->done.front());
            handles_->done.pop_front();
            return answer;
        }
        constexpr std::chrono::milliseconds k_look_again{1000};
        const auto left =
            end ? std::min<std::chrono::milliseconds>(
                      k_look_again, std::chrono::ceil<std::chrono::milliseconds>(*end - Clock::now()))
                : k_look_again;
        if (handles_->under_way.empty() || interrupt_.signal() != 0 || left.count() <= 0) {
            return std::nullopt;
        }
        curl_waitfd wake{interrupt_.wake_fd(), CURL_WAIT_POLLIN, 0};
        curl_multi_poll(handles_->multi.get(), &wake, 1, static_cast<int>(left.count()), nullptr);
    }
}

/// Lets libcurl go on, and takes the outcomes of what has ended.
void CurlTransport::collect() {
    CURLM* const multi = handles_->multi.get();
    Watchdog& watchdog = handles_->watchdog;
    const auto first = std::min_element(
        handles_->under_way.begin(), handles_->under_way.end(),
        [](const auto& a, const auto& b) { return a.second->deadline < b.second->deadline; });
    watchdog.begin(first->second->deadline);
    int running = 0;
    const CURLMcode state = curl_multi_perform(multi, &running);
    if (watchdog.has_shut()) {
        for (auto& [ticket, transfer] : handles_->under_way) {
            transfer->exchange.shut = true;
        }
    }
    int left = 0;
    while (const CURLMsg* const message = curl_multi_info_read(multi, &left)) {
        if (message->msg != CURLMSG_DONE) {
            continue;
        }
        CURL* const handle = message->easy_handle;
        const CURLcode code = message->data.result; // `message` goes with the handle's removal
        Transfer* ended = nullptr;
        curl_easy_getinfo(handle, CURLINFO_PRIVATE, &ended);
        curl_multi_remove_handle(multi, handle);
        auto transfer = std::move(handles_->under_way.extract(ended->ticket).mapped());
        const bool given_up = transfer->exchange.shut && interrupt_.signal() != 0;
        const bool sent = transfer->exchange.sent;
        Outcome outcome = outcome_of(handle, code, transfer->exchange, transfer->request.url);
        if (!outcome && given_up) {
            outcome = Failure{Failure::Kind::interrupted, sent, "interrupted"};
        }
        handles_->done.push_back({transfer->ticket, std::move(outcome)});
        handles_->recycle(std::move(transfer));
    }
    if (state != CURLM_OK) { // it is out of order, and will not tell more
        for (auto& [ticket, transfer] : handles_->under_way) {
            handles_->done.push_back(
                {ticket, Failure{Failure::Kind::no_answer, true,
                                 concat({"libcurl failed: ", curl_multi_strerror(state)})}});
        }
        handles_->under_way.clear();
    }
}

Outcome CurlTransport::do_abandon(Ticket ticket) {
    const auto found = handles_->under_way.find(ticket);
    if (found == handles_->under_way.end()) {
        const auto done = std::find_if(handles_->done.begin(), handles_->done.end(),
                                       [ticket](const Answer& answer) { return answer.ticket == ticket; });
        Outcome outcome = std::move(done->outcome);
        handles_->done.erase(done);
        return outcome;
    }
    auto transfer = std::move(handles_->under_way.extract(found).mapped());
    const bool sent = transfer->exchange.sent;
    curl_multi_remove_handle(handles_->multi.get(), transfer->easy.get());
    handles_->recycle(std::move(transfer));
    return Failure{Failure::Kind::interrupted, sent, "interrupted"};
}

} // namespace jit::http
