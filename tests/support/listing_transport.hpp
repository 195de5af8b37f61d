#pragma once

#include "http/transport.hpp"
#include "support/catch.hpp"

#include <algorithm>
#include <deque>
#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace jit::test {

/// A service of which a test lays out the answers to operations, in order, and says what its lists show when
/// they are read. An operation that nothing was laid out for fails the test, and so does an answer that
/// nobody asked for.
class ListingTransport final : public http::Transport {
public:
    using List = std::function<http::Outcome(const http::Request&)>;

    ListingTransport() = default;
    ListingTransport(const ListingTransport&) = delete;
    ListingTransport& operator=(const ListingTransport&) = delete;
    ListingTransport(ListingTransport&&) = delete;
    ListingTransport& operator=(ListingTransport&&) = delete;
    ~ListingTransport() override { CHECK(answers_.empty()); }

    void answer(int status, std::string body, std::vector<http::Header> headers = {}) {
        answers_.emplace_back(http::Response{status, std::move(headers), std::move(body)});
    }
    void lose() {
        answers_.emplace_back(
            http::Failure{http::Failure::Kind::no_answer, true, "the connection was reset"});
    }

    static http::Outcome list(std::string entries) { return http::Response{200, {}, std::move(entries)}; }
    static http::Outcome refuse(int status) { return http::Response{status, {}, "{}"}; }

    /// Whether a reading is of the entries of every connection.
    static bool is_of_all(const http::Request& request) {
        return request.url.find("connectionId") == std::string::npos;
    }

    List history = [](const http::Request&) { return list("[]"); };
    List connections = [](const http::Request&) { return list("[]"); };
    std::function<void()> on_post;      ///< called when an operation was sent
    std::function<bool()> gives_answer; ///< called for each wait: false where no answer comes during it
    std::vector<http::Request> posts;
    std::vector<http::Request> readings;
    std::vector<std::optional<std::chrono::milliseconds>> waits;
    int abandoned = 0; ///< how many requests were given up

private:
    void do_begin(Ticket ticket, http::Request request) override {
        if (request.method == http::Method::get) {
            const bool of_history = request.url.find("/jit-activation-history/") != std::string::npos;
            const bool goes_on =
                request.url.find("searchAfter") != std::string::npos; // each list is one page
            begun_.push_back({ticket, goes_on      ? list("[]")
                                      : of_history ? history(request)
                                                   : connections(request)});
            readings.push_back(std::move(request));
            return;
        }
        if (answers_.empty()) {
            FAIL("nobody expected " << request.url);
        }
        begun_.push_back({ticket, std::move(answers_.front())});
        answers_.pop_front();
        posts.push_back(std::move(request));
        if (on_post) {
            on_post();
        }
    }
    std::optional<Answer> do_wait(std::optional<std::chrono::milliseconds> at_most) override {
        waits.push_back(at_most);
        if (begun_.empty() || (gives_answer && !gives_answer())) {
            return std::nullopt;
        }
        Answer answer = std::move(begun_.front());
        begun_.pop_front();
        return answer;
    }
    http::Outcome do_abandon(Ticket ticket) override {
        ++abandoned;
        begun_.erase(std::remove_if(begun_.begin(), begun_.end(),
                                    [ticket](const Answer& answer) { return answer.ticket == ticket; }),
                     begun_.end());
        return http::Failure{http::Failure::Kind::interrupted, true, "interrupted"};
    }

    std::deque<http::Outcome> answers_;
    std::deque<Answer> begun_;
};

} // namespace jit::test
