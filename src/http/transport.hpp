#pragma once

#include "http/message.hpp"

#include <chrono>
#include <cstdint>
#include <deque>
#include <optional>

namespace jit::http {

/// Names a request that has begun.
using Ticket = std::uint64_t;

/// Sees each request that a transport begins, and each outcome that it hands on.
class Observer {
public:
    Observer() = default;
    Observer(const Observer&) = delete;
    Observer& operator=(const Observer&) = delete;
    Observer(Observer&&) = delete;
    Observer& operator=(Observer&&) = delete;
    virtual ~Observer() = default;

    virtual void on_request(Ticket ticket, const Request& request) = 0;
    virtual void on_outcome(Ticket ticket, const Outcome& outcome) = 0;
};

/// Sends requests, one alone or several at a time. Virtual so that behaviour is stacked (retrying) and tests
/// need no network.
class Transport {
public:
    using Ticket = http::Ticket;

    struct Answer {
        Ticket ticket;
        Outcome outcome;
    };

    Transport() = default;
    Transport(const Transport&) = delete;
    Transport& operator=(const Transport&) = delete;
    Transport(Transport&&) = delete;
    Transport& operator=(Transport&&) = delete;
    virtual ~Transport() = default;

    /// Sends one request and waits for its outcome, whatever else is under way; a transport that is not a
    /// retrying one sends it at most once. Any status is a response; a failure means that there is none. An
    /// interrupt ends it at once.
    [[nodiscard]] Outcome send(const Request& request);

    /// Begins to send a request; its outcome comes from `wait`.
    [[nodiscard]] Ticket begin(Request request);

    /// The outcome of one of the requests that have begun, as they come. Empty when none has come after
    /// `at_most`, when an interrupt came, or when none is under way.
    [[nodiscard]] std::optional<Answer> wait(std::optional<std::chrono::milliseconds> at_most = {});

    /// Gives up a request that `wait` did not return yet. The failure tells whether it was sent.
    [[nodiscard]] Outcome abandon(Ticket ticket);

    /// What has begun and was not sent yet is not sent any more, and comes as interrupted; nothing that has
    /// begun is tried again.
    virtual void stop_sending() {}

    /// Lets an observer see what goes through from now on; null: nobody.
    void observe(Observer* observer) { observer_ = observer; }

private:
    virtual void do_begin(Ticket ticket, Request request) = 0;
    virtual std::optional<Answer> do_wait(std::optional<std::chrono::milliseconds> at_most) = 0;
    virtual Outcome do_abandon(Ticket ticket) = 0;

    [[nodiscard]] std::optional<Answer> receive(std::optional<std::chrono::milliseconds> at_most);

    Ticket last_ = 0;
    Observer* observer_ = nullptr;
    std::deque<Answer> kept_; ///< came while `send` waited for another
};

} // namespace jit::http
