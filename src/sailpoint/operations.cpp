#include "sailpoint/operations.hpp"

#include "sailpoint/codec.hpp"
#include "sailpoint/errors.hpp"
#include "util/text.hpp"

#include <string>
#include <utility>

namespace jit::sailpoint {
namespace {

constexpr int k_ok = 200;
constexpr int k_created = 201;
constexpr int k_accepted = 202;
constexpr int k_unauthorized = 401;

RequestInfo purpose_of(const OperationRequest& request) {
    const std::string name(operation_name(request.operation));
    const std::string& id = request.connection.str();
    RequestInfo purpose{request.title.empty() ? concat({name, " of ", id})
                                              : concat({name, " of \"", request.title, "\" (", id, ")"}),
                        true};
    purpose.reconcile =
        concat({"before you send it again, see what became of it: jit history -e ", id, " --limit 1"});
    purpose.if_forbidden = concat({"your token lacks the scope idn:jit-activation-workflow:", name,
                                   " (or :manage), or belongs to no user"});
    if (request.operation == Operation::activate) {
        purpose.if_missing = "check the connection ID: it must be one of your own JIT connections";
        purpose.if_refused = "correct what the reason names (the tenant's policy limits the minutes); "
                             "to have access whatever its state, use jit ensure";
    } else if (request.operation == Operation::extend) {
        purpose.if_missing =
            concat({"if nothing is active there, start it: jit activate -e ", id, " -m MINUTES"});
        purpose.if_refused = "it must be active, and the tenant's policy limits the minutes";
    } else {
        purpose.if_missing = purpose.if_refused = "jit list shows your connections, and what is active";
    }
    return purpose;
}

} // namespace

http::Request operation_request(const std::string& base_url, const OperationRequest& request) {
    http::Request out;
    out.method = http::Method::post;
    out.url = concat({base_url, "/jit-activations/v1/", operation_name(request.operation)});
    out.headers = {{"Accept", "application/json"},
                   {"Content-Type", "application/json"},
                   {"X-SailPoint-Experimental", "true"}};
    out.body = Secret(encode_request(request));
    // Access that has ended cannot end once more; access that was given or prolonged could be once more.
    out.idempotent = request.operation == Operation::deactivate;
    return out;
}

void Operations::begin(std::size_t number, const OperationRequest& request, bool after_ambiguous_attempt) {
    send(number, request, true, after_ambiguous_attempt);
}

void Operations::send(std::size_t number, const OperationRequest& request, bool may_renew, bool lost) {
    if (!no_token_) {
        auto token = client_.tokens_.token();
        if (token) {
            http::Request message = operation_request(client_.base_url_, request);
            message.bearer = *token;
            const auto ticket = client_.transport_.begin(std::move(message));
            under_way_.insert({ticket, Job{number, request, *std::move(token), may_renew, lost}});
            return;
        }
        no_token_ = std::move(token).error();
        if (no_token_->kind != ErrorKind::usage) { // which speaks of settings
            no_token_->message += "; nothing was changed";
        }
    }
    const http::Failure failure{http::Failure::Kind::unreachable, true, "no token could be had"};
    done_.push_back(
        {number, lost ? acceptance_of({number, request, Secret(), false, true}, failure) : *no_token_});
}

std::optional<Operations::Done> Operations::wait(std::optional<std::chrono::milliseconds> at_most) {
    if (done_.empty()) {
        auto answer = client_.transport_.wait(at_most);
        if (!answer) {
            return std::nullopt;
        }
        Job job = std::move(under_way_.extract(answer->ticket).mapped());
        http::Outcome outcome = std::move(answer->outcome);
        if (outcome) {
            client_.note_clock(*outcome);
        }
        if (!outcome || outcome->status != k_unauthorized || !job.may_renew || stopped_ ||
            !client_.tokens_.renew(job.token)) {
            return Done{job.number, acceptance_of(job, std::move(outcome))};
        }
        send(job.number, job.request, false, job.lost || outcome->after_ambiguous_attempt);
    }
    if (done_.empty()) {
        return std::nullopt;
    }
    Done done = std::move(done_.front());
    done_.pop_front();
    return done;
}

void Operations::stop_sending() {
    if (!std::exchange(stopped_, true)) {
        client_.transport_.stop_sending();
    }
}

std::vector<Operations::Done> Operations::abandon() {
    std::vector<Done> all;
    for (Done& done : std::exchange(done_, {})) {
        all.push_back(std::move(done));
    }
    for (auto& [ticket, job] : std::exchange(under_way_, {})) {
        all.push_back({job.number, acceptance_of(job, client_.transport_.abandon(ticket))});
    }
    return all;
}

Result<Acceptance> Operations::acceptance_of(const Job& job, http::Outcome outcome) {
    const OperationRequest& operation = job.request;
    RequestInfo purpose = purpose_of(operation);
    purpose.if_token_refused = client_.tokens_.when_refused();
    if (!outcome) {
        outcome.error().sent = outcome.error().sent || job.lost;
        return failure_error(outcome.error(), purpose);
    }
    outcome->after_ambiguous_attempt = outcome->after_ambiguous_attempt || job.lost;
    const bool accepted = outcome->status == k_accepted;
    const bool like_accepted = outcome->status == k_ok || outcome->status == k_created;
    if (!accepted && !like_accepted) {
        return response_error(*outcome, purpose, client_.clock_.now());
    }
    std::optional<Acceptance> acceptance = decode_acceptance(outcome->body, operation.operation);
    if (!acceptance) {
        return body_error(*outcome, purpose, "without a JSON object in it");
    }
    if (like_accepted && acceptance->connection_id.empty()) { // anything may answer with such a status
        return body_error(*outcome, purpose, "without a connection ID in it");
    }
    // An answer that names another connection is not one to what was asked.
    if (!acceptance->connection_id.empty() &&
        Uuid::parse(acceptance->connection_id) != operation.connection) {
        return body_error(*outcome, purpose, concat({"for another connection, ", acceptance->connection_id}));
    }
    return *std::move(acceptance);
}

} // namespace jit::sailpoint
