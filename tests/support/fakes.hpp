#pragma once

#include "http/transport.hpp"
#include "io/console.hpp"
#include "io/stream.hpp"
#include "support/catch.hpp"
#include "util/clock.hpp"
#include "util/environment.hpp"

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <deque>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace jit::test {

/// Answers requests in the order that the test laid them out, and keeps each request. A request that nothing
/// was laid out for fails the test, and so does an answer that nobody asked for. Behind a page of a list that
/// is shorter than was asked for there is nothing, unless `short_pages` is set: the client gets an empty
/// list, and that request is not kept.
class FakeTransport final : public http::Transport {
public:
    FakeTransport() = default;
    FakeTransport(const FakeTransport&) = delete;
    FakeTransport& operator=(const FakeTransport&) = delete;
    FakeTransport(FakeTransport&&) = delete;
    FakeTransport& operator=(FakeTransport&&) = delete;
    ~FakeTransport() override { CHECK(requests.size() == outcomes_.size()); }

    void answer(int status, std::string body, std::vector<http::Header> headers = {}) {
        outcomes_.emplace_back(http::Response{status, std::move(headers), std::move(body)});
    }
    void fail(http::Failure failure) { outcomes_.emplace_back(std::move(failure)); }

    std::vector<http::Request> requests;
    bool short_pages = false;

private:
    /// How many objects are in the text, which is a list of some that hold no others.
    static std::ptrdiff_t entries_in(const std::string& list) {
        return std::count(list.begin(), list.end(), '{');
    }

    void do_begin(Ticket ticket, http::Request request) override {
        if (!short_pages && !requests.empty() && request.url.find("&searchAfter=") != std::string::npos) {
            const http::Outcome& last = outcomes_[requests.size() - 1];
            if (last && entries_in(last->body) < 250) {
                begun_.push_back({ticket, http::Response{200, {}, "[]"}});
                return;
            }
        }
        requests.push_back(std::move(request));
        if (requests.size() > outcomes_.size()) {
            FAIL("nobody expected " << requests.back().url);
        }
        begun_.push_back({ticket, outcomes_[requests.size() - 1]});
    }
    std::optional<Answer> do_wait(std::optional<std::chrono::milliseconds> /*at_most*/) override {
        if (begun_.empty()) {
            return std::nullopt;
        }
        Answer answer = std::move(begun_.front());
        begun_.pop_front();
        return answer;
    }
    http::Outcome do_abandon(Ticket ticket) override {
        for (const Answer& answer : begun_) {
            if (answer.ticket == ticket) {
                return answer.outcome;
            }
        }
        return http::Failure{http::Failure::Kind::interrupted, true, "interrupted"};
    }

    std::vector<http::Outcome> outcomes_;
    std::deque<Answer> begun_;
};

/// A clock that stands still until somebody sleeps by it. `on_sleep` may set it, or suspend the machine.
class FakeClock final : public Clock {
public:
    explicit FakeClock(std::string_view start = "2026-11-24T12:00:00Z") : now_(*parse_rfc3339(start)) {}

    [[nodiscard]] TimePoint now() const override { return now_; }
    [[nodiscard]] BootTime boot_time() const override { return boot_time_; }
    [[nodiscard]] MonotonicTime monotonic_time() const override { return monotonic_time_; }
    [[nodiscard]] bool sleep(std::chrono::milliseconds duration) override {
        slept.push_back(duration);
        suspend(duration);
        monotonic_time_ += duration;
        if (on_sleep) {
            on_sleep();
        }
        return !interrupted;
    }

    /// Sets the clock of the day, ahead or back.
    void step(std::chrono::milliseconds ahead) { now_ += ahead; }

    /// As long is the machine suspended.
    void suspend(std::chrono::milliseconds duration) {
        now_ += duration;
        boot_time_ += duration;
    }

    std::vector<std::chrono::milliseconds> slept;
    bool interrupted = false;
    std::function<void()> on_sleep;

private:
    TimePoint now_;
    BootTime boot_time_{std::chrono::hours(30)};
    MonotonicTime monotonic_time_{std::chrono::hours(20)};
};

/// A console that keeps what is written.
struct FakeConsole {
    io::StringStream out;
    io::StringStream err;
    io::Console console;

    explicit FakeConsole(io::Device out_device = {}, io::Device err_device = {})
        : console(out, err, out_device, err_device) {}
};

/// An environment with just these variables.
inline Environment variables(std::map<std::string, std::string, std::less<>> values) {
    return [values = std::move(values)](std::string_view name) -> std::optional<std::string> {
        const auto found = values.find(name);
        return found == values.end() ? std::nullopt : std::optional(found->second);
    };
}

/// A directory that goes with the object.
class TemporaryDirectory {
public:
    TemporaryDirectory() {
        std::string pattern = (std::filesystem::temp_directory_path() / "jit-test-XXXXXX").string();
        REQUIRE(mkdtemp(pattern.data()) != nullptr);
        path_ = pattern;
    }
    TemporaryDirectory(const TemporaryDirectory&) = delete;
    TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
    TemporaryDirectory(TemporaryDirectory&&) = delete;
    TemporaryDirectory& operator=(TemporaryDirectory&&) = delete;
    ~TemporaryDirectory() { std::filesystem::remove_all(path_); }

    [[nodiscard]] const std::string& path() const { return path_; }

    /// Writes a file that only its owner can read, and makes its directories.
    std::string write(const std::string& name, std::string_view text) const {
        const std::filesystem::path file = std::filesystem::path(path_) / name;
        std::filesystem::create_directories(file.parent_path());
        std::ofstream(file) << text;
        std::filesystem::permissions(file, std::filesystem::perms::owner_read |
                                               std::filesystem::perms::owner_write);
        return file.string();
    }

private:
    std::string path_;
};

} // namespace jit::test
