#include "support/model_service.hpp"

#include "sandbox/http_message.hpp"
#include "util/text.hpp"

#include <algorithm>

namespace jit::test {
namespace {

using http::Failure;
using http::Response;
using std::chrono::milliseconds;

constexpr std::string_view k_id = "c0ffee00-0000-4000-8000-0000000";
constexpr std::array<std::string_view, 3> k_acts = {"activate", "extend", "deactivate"};
constexpr std::chrono::minutes k_period{600}; ///< long enough for a schedule

std::string padded(std::size_t number) {
    const std::string text = std::to_string(number);
    return std::string(5 - text.size(), '0') + text;
}

bool is_operation(const http::Request& request) {
    return request.url.find("/jit-activations/") != std::string::npos;
}

bool is_token_request(const http::Request& request) {
    return request.url.find("/oauth/token") != std::string::npos;
}

std::size_t act_of(const http::Request& request) {
    const std::string_view name = std::string_view(request.url).substr(request.url.rfind('/') + 1);
    return static_cast<std::size_t>(std::find(k_acts.begin(), k_acts.end(), name) - k_acts.begin());
}

/// The number of the first connection that a text names.
std::size_t connection_in(std::string_view text) {
    return static_cast<std::size_t>(*parse_int(text.substr(text.find(k_id) + k_id.size(), 5), 0, 99999));
}

std::string short_id(std::size_t connection) {
    std::string id = ModelService::id_of(connection);
    id.erase(std::remove(id.begin(), id.end(), '-'), id.end());
    return id;
}

} // namespace

bool ModelClock::advance(TimePoint to) {
    if (!interrupts.empty() && interrupts.front() <= to) {
        now_ = std::max(now_, interrupts.front());
        interrupts.pop_front();
        interrupted_ = true;
        interrupt_.raise(SIGINT);
        return false;
    }
    now_ = std::max(now_, to);
    return true;
}

std::string ModelService::id_of(std::size_t connection) {
    return concat({k_id, padded(connection)});
}

ModelService::Access& ModelService::access(std::size_t connection) {
    accesses_.resize(std::max(accesses_.size(), connection + 1));
    return accesses_[connection];
}

void ModelService::forget() {
    for (Access& access : accesses_) {
        access.applied = access.lost = {};
    }
    trace.clear();
}

void ModelService::note(const std::string& line) {
    trace += concat({format_rfc3339(clock_.now()), " ", line, "\n"});
}

/// What a request must not be sent for at all.
void ModelService::judge_moment(const http::Request& request) {
    if (clock_.now() < quiet_until_) {
        violations.push_back(concat({request.url, " was sent while the rate limit holds"}));
    }
    const bool ends = is_operation(request) && act_of(request) == 2;
    const bool allowed = only_ends_after_interrupt && (ends || !is_operation(request));
    if (clock_.was_interrupted() && !allowed) {
        violations.push_back(concat({request.url, " was sent after an interrupt"}));
    }
    if (is_operation(request) && act_of(request) == 1 &&
        access(connection_in(request.body.reveal())).lost[1] > 0) {
        violations.emplace_back("an extend was sent again whose answer was lost");
    }
}

ModelService::Resolution ModelService::draw_fate(const http::Request& request) {
    if (!draws_.chance(temper_.faults)) {
        return Resolution::good;
    }
    constexpr std::array<Resolution, 8> k_any = {
        Resolution::not_sent,    Resolution::lost_before,  Resolution::fault_before, Resolution::limited,
        Resolution::limited_for, Resolution::unauthorized, Resolution::alien_before, Resolution::forbidden};
    constexpr std::array<Resolution, 4> k_operation = {Resolution::lost_after, Resolution::fault_after,
                                                       Resolution::alien_after, Resolution::bad_request};
    if (!is_operation(request)) {
        return k_any[draws_.below(k_any.size())];
    }
    const std::size_t drawn = draws_.below(k_any.size() + 2 * k_operation.size());
    const Resolution fate =
        drawn < k_any.size() ? k_any[drawn] : k_operation[(drawn - k_any.size()) % k_operation.size()];
    return fate == Resolution::lost_before && temper_.late && act_of(request) == 0 ? Resolution::lost_late
                                                                                   : fate;
}

void ModelService::do_begin(Ticket ticket, http::Request request) {
    judge_moment(request);
    carry_out_until(clock_.now());
    const Resolution fate = draw_fate(request);
    Job job{ticket, std::move(request), fate, clock_.now() + draws_.up_to(30), {}, {}};
    job.carried_out = job.sent + draws_.up_to(draws_.chance(0.05) ? 3000 : 200);
    job.answered = job.carried_out + draws_.up_to(draws_.chance(0.05) ? 3000 : 200);
    switch (fate) {
    case Resolution::not_sent:
        job.answered = job.sent;
        job.sent = job.carried_out = TimePoint::max();
        break;
    case Resolution::lost_late:
        job.carried_out = job.answered + draws_.up_to(9000);
        break;
    case Resolution::lost_before:
    case Resolution::lost_after:
        job.answered += draws_.chance(0.2) ? std::chrono::seconds(30) : std::chrono::seconds(0);
        break;
    default:
        break;
    }
    note(concat({std::to_string(ticket), " begins, fate ", std::to_string(static_cast<int>(fate)), ": ",
                 job.request.url, " ", is_operation(job.request) ? job.request.body.reveal() : ""}));
    jobs_.push_back(std::move(job));
}

void ModelService::carry_out_until(TimePoint time) {
    for (;;) {
        Job* next = nullptr;
        for (std::vector<Job>* const jobs : {&jobs_, &cast_}) {
            for (Job& job : *jobs) {
                const bool due = !job.done && job.carried_out <= time && job.fate != Resolution::not_sent;
                if (due && (next == nullptr || job.carried_out < next->carried_out)) {
                    next = &job;
                }
            }
        }
        if (next == nullptr) {
            return;
        }
        run_batch(*next);
    }
}

/// The service's part: the state changes, and there is an result.
void ModelService::run_batch(Job& job) {
    job.done = true;
    const auto failure = [&job](Failure::Kind kind, const char* message) {
        job.result = Failure{kind, true, message};
    };
    const auto status = [this, &job](int code) { job.result = with_date({code, {}, "{}"}, job.answered); };
    switch (job.fate) {
    case Resolution::good:
        job.result = respond(job);
        break;
    case Resolution::not_sent:
        break;
    case Resolution::lost_after:
    case Resolution::lost_late:
        (void)respond(job);
        [[fallthrough]];
    case Resolution::lost_before:
        failure(Failure::Kind::no_answer, "the connection was reset");
        break;
    case Resolution::fault_after:
        (void)respond(job);
        [[fallthrough]];
    case Resolution::fault_before:
        status(502);
        break;
    case Resolution::limited:
        status(429);
        break;
    case Resolution::limited_for: {
        const std::chrono::seconds wait(draws_.below(20));
        status(429);
        job.quiet_until = job.answered + wait;
        if (temper_.skew.count() == 0 && draws_.chance(0.3)) {
            job.result->headers.push_back({"Retry-After", sandbox::http_date(*job.quiet_until)});
            job.quiet_until = std::chrono::floor<std::chrono::seconds>(*job.quiet_until);
        } else {
            job.result->headers.push_back({"Retry-After", std::to_string(wait.count())});
        }
        break;
    }
    case Resolution::unauthorized:
        status(401);
        break;
    case Resolution::forbidden:
        status(403);
        break;
    case Resolution::bad_request:
        status(draws_.chance(0.5) ? 400 : 404);
        break;
    case Resolution::alien_before:
        if (draws_.chance(0.5)) {
            status(302);
        } else {
            failure(Failure::Kind::bad_answer, "the answer is not HTTP");
        }
        break;
    case Resolution::alien_after: {
        Response response = respond(job);
        if (response.status != 202) {
            job.result = std::move(response); // it is refused, which is a good answer
        } else if (draws_.chance(0.3)) {
            failure(Failure::Kind::bad_answer, "the answer is larger than 10 MiB");
        } else {
            response.body =
                draws_.chance(0.5) ? "<html>" : concat({R"({"connectionId":")", id_of(99999), R"("})"});
            job.result = std::move(response);
        }
        break;
    }
    }
}

Response ModelService::with_date(Response response, TimePoint at) const {
    if (temper_.skew.count() != 0) {
        response.headers.push_back({"Date", sandbox::http_date(at + temper_.skew)});
    }
    return response;
}

Response ModelService::respond(const Job& job) {
    if (is_token_request(job.request)) {
        return with_date({200,
                          {},
                          concat({R"({"access_token":"model-token-)", std::to_string(++tokens_),
                                  R"(","token_type":"bearer","expires_in":43200})"})},
                         job.answered);
    }
    return is_operation(job.request) ? operate(job, static_cast<Act>(act_of(job.request)))
                                     : list(job.request.url, job.carried_out);
}

Response ModelService::operate(const Job& job, Act act) {
    const std::size_t connection = connection_in(job.request.body.reveal());
    Access& it = access(connection);
    const bool running = is_running(it, TimePoint::max());
    if (act == Act::activate ? running && temper_.guarded : !running) {
        return with_date(act == Act::activate
                             ? Response{400, {}, R"({"messages":[{"text":"It is active already."}]})"}
                             : Response{404, {}, R"({"detailCode":"no"})"},
                         job.answered);
    }
    const auto place = static_cast<std::size_t>(act);
    it.events.push_back({job.carried_out, act});
    ++it.applied[place];
    note(concat({std::to_string(job.ticket), " is carried out at ", format_rfc3339(job.carried_out)}));
    return with_date(
        {202,
         {},
         concat({R"({"activationId":"act-)", std::to_string(connection), "-",
                 std::to_string(it.events.size()), R"(","connectionId":")", id_of(connection),
                 R"(","activationPeriodMins":600,"activationPeriodExtensionMins":600,"status":")",
                 act == Act::deactivate ? "DEPROVISIONING" : "CREATING", R"(","startTime":")",
                 time_text(job.carried_out), R"("})"})},
        job.answered);
}

bool ModelService::was_repeated_within(std::size_t connection, Act act, std::chrono::seconds gap) {
    std::optional<TimePoint> before;
    for (const Access::Event& event : access(connection).events) {
        if (event.act == act && before && event.at - *before < gap) {
            return true;
        }
        before = event.act == act ? event.at : before;
    }
    return false;
}

/// What a list knows of that is read then.
TimePoint ModelService::known_at(TimePoint time) {
    if (!temper_.frozen) {
        known_ = std::max(
            known_, time - milliseconds(draws_.below(static_cast<std::size_t>(temper_.lag.count()) + 1)));
    }
    return known_;
}

bool ModelService::is_running(const Access& access, TimePoint at) {
    bool running = false;
    for (const Access::Event& event : access.events) {
        if (event.at <= at) {
            running = event.act != Act::deactivate;
        }
    }
    return running;
}

/// `at`: what the list is to know of.
std::string ModelService::history_entry(std::size_t connection, TimePoint at) {
    std::optional<TimePoint> began;
    std::optional<TimePoint> ended;
    std::size_t number = 0;
    const Access& it = access(connection);
    for (std::size_t i = 0; i < it.events.size() && it.events[i].at <= at; ++i) {
        if (it.events[i].act == Act::activate) {
            began = it.events[i].at;
            ended.reset();
            number = i + 1;
        } else if (it.events[i].act == Act::deactivate) {
            ended = it.events[i].at;
        }
    }
    if (!began) {
        return "";
    }
    return concat({R"({"id":"act-)", std::to_string(connection), "-", std::to_string(number),
                   R"(","connectionId":")", id_of(connection), R"(","status":")",
                   ended ? "COMPLETE" : "PROVISIONED", R"(","activationInitiated":")", time_text(*began),
                   R"(","provisionCompleted":")", time_text(*began), R"(")",
                   ended ? concat({R"(,"deprovisionStart":")", time_text(*ended),
                                   R"(","deprovisionComplete":")", time_text(*ended), R"(")"})
                         : "",
                   "}"});
}

std::string ModelService::connection_entry(std::size_t connection, TimePoint at) {
    std::string times;
    TimePoint expires;
    bool running = false;
    for (const Access::Event& event : access(connection).events) {
        if (event.at > at) {
            break;
        }
        running = event.act != Act::deactivate;
        if (event.act == Act::activate) {
            expires = event.at + k_period;
            times = concat({R"("activation":")", time_text(event.at), R"(","provisioned":")",
                            time_text(event.at), R"(",)"});
        } else if (event.act == Act::extend) {
            expires += k_period;
        } else {
            times += concat({R"("deactivation":")", time_text(event.at), R"(","deprovisioned":")",
                             time_text(event.at), R"(",)"});
        }
    }
    if (!times.empty()) {
        times += concat({R"("expiration":")", time_text(expires), R"(")"});
    }
    return concat({R"({"id":")", short_id(connection), R"(","type":"JIT","source":{"name":"Pg"},)",
                   R"("entitlement":{"id":"e)", padded(connection), R"(","displayName":"DB )",
                   padded(connection), R"("},"state":{"value":")", running ? "Active" : "Available",
                   R"("},"jit":{)", times, "}}"});
}

/// The lists as the client asks for them: the history of one connection, all connections, or those of one
/// entitlement.
Response ModelService::list(const std::string& url, TimePoint at) {
    const TimePoint known = known_at(at);
    const std::string query = percent_decode(url);
    std::string entries;
    if (query.find("&searchAfter=") != std::string::npos) {
        return with_date({200, {}, "[]"}, at); // all that there is was on the first page
    }
    if (query.find("/jit-activation-history/") != std::string::npos) {
        const bool of_one = query.find("connectionId") != std::string::npos;
        for (std::size_t i = 0; i < accesses_.size(); ++i) {
            const std::string entry = of_one && i != connection_in(query) ? "" : history_entry(i, known);
            entries += entry.empty() || entries.empty() ? entry : concat({",", entry});
        }
    } else if (query.find("entitlement.id in") == std::string::npos) { // else it is no entitlement's ID
        for (std::size_t i = 0; i < accesses_.size(); ++i) {
            if (query.find("entitlement.id eq") == std::string::npos ||
                query.find(concat({R"("e)", padded(i), R"(")"})) != std::string::npos) {
                entries += concat({entries.empty() ? "" : ",", connection_entry(i, known)});
            }
        }
    }
    return with_date({200, {}, concat({"[", entries, "]"})}, at);
}

std::optional<http::Transport::Answer> ModelService::do_wait(std::optional<milliseconds> at_most) {
    const auto end = at_most ? std::optional(clock_.now() + *at_most) : std::nullopt;
    for (;;) {
        carry_out_until(clock_.now());
        const auto next = std::min_element(
            jobs_.begin(), jobs_.end(), [](const Job& a, const Job& b) { return a.answered < b.answered; });
        if (next != jobs_.end() && next->answered <= clock_.now()) {
            Job job = std::move(*next);
            jobs_.erase(next);
            if (job.fate == Resolution::not_sent) {
                job.result = Failure{Failure::Kind::unreachable, false, "cannot connect"};
            } else if (!job.done) { // it will be carried out yet
                job.result = Failure{Failure::Kind::no_answer, true, "the connection was reset"};
                cast_.push_back(job);
            }
            quiet_until_ = std::max(quiet_until_, job.quiet_until.value_or(TimePoint::min()));
            const bool lost = job.result ? job.result->status >= 500 : job.result.error().sent;
            if (lost && is_operation(job.request)) {
                ++access(connection_in(job.request.body.reveal())).lost[act_of(job.request)];
            }
            note(concat({std::to_string(job.ticket), " is answered: ",
                         job.result ? std::to_string(job.result->status) : job.result.error().message}));
            return Answer{job.ticket, std::move(job.result)};
        }
        if (jobs_.empty() || interrupt_.signal() != 0 || (end && *end <= clock_.now()) ||
            !clock_.advance(end ? std::min(*end, next->answered) : next->answered)) {
            return std::nullopt;
        }
    }
}

http::Outcome ModelService::do_abandon(Ticket ticket) {
    carry_out_until(clock_.now());
    const auto found =
        std::find_if(jobs_.begin(), jobs_.end(), [ticket](const Job& job) { return job.ticket == ticket; });
    Job job = std::move(*found);
    jobs_.erase(found);
    note(concat({std::to_string(ticket), " is given up"}));
    const bool sent = job.sent <= clock_.now();
    if (sent && is_operation(job.request)) {
        access(connection_in(job.request.body.reveal())).cut_off = true;
    }
    if (sent && !job.done) {
        cast_.push_back(std::move(job));
    }
    return Failure{Failure::Kind::interrupted, sent, "interrupted"};
}

} // namespace jit::test
