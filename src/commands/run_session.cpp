#include "commands/run_session.hpp"

#include "commands/minutes.hpp"
#include "util/duration.hpp"
#include "util/text.hpp"

#include <algorithm>
#include <csignal>
#include <utility>

namespace jit::commands {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

/// How long the program has after a request to end, before the next step.
constexpr seconds k_grace{10};

/// The longest sleep: the machine may sleep meanwhile, or its clock be set, and then a warning is due.
constexpr milliseconds k_longest_sleep = seconds(5);

/// How long before its end to warn of access that was asked for so many minutes, where --warn does not say.
milliseconds default_warning(std::int32_t asked) {
    return std::min<milliseconds>(k_default_warning, milliseconds(minutes(asked)) / 5);
}

} // namespace

std::optional<seconds> RunOptions::total() const {
    constexpr seconds k_default = std::chrono::hours(8);
    return keep_alive ? max_total.value_or(k_default) : max_total;
}

std::vector<access::Grant> started_here(const std::vector<access::TargetResult>& results) {
    std::vector<access::Grant> started;
    for (const access::TargetResult& result : results) {
        const bool activated = result.request && result.request->operation == sailpoint::Operation::activate;
        // What has failed may become usable all the same.
        const bool lost = result.error && result.error->uncertain;
        if (activated && (result.answer || lost)) {
            started.push_back(
                {result.target, access::end_of(result), access::started_at(result), !result.error});
        }
    }
    return started;
}

RunSession::RunSession(access::Context& context, const RunOptions& options,
                       const std::vector<access::TargetResult>& results)
    : context_(context), options_(options), started_(started_here(results)), warner_(context, options.warn) {
    if (const auto total = options.total()) {
        total_end_ = context.service_now() + *total;
    }
    const bool usable = std::none_of(results.begin(), results.end(), [](const access::TargetResult& result) {
        return result.error.has_value();
    });
    for (const access::TargetResult& result : results) {
        if (!usable) {
            break;
        }
        // Nothing where --until has passed meanwhile: then there is nothing to keep alive, either.
        const auto length = minutes_for(context, options.access.operation.length, result.target);
        followed_.push_back(
            {{context, options.access.operation.request, result.target, access::end_of(result),
              length ? *length : 0, options.keep_alive && length ? total_end_ : std::nullopt},
             &result});
    }
}

Result<int> RunSession::run_program(const std::string& file, const std::vector<std::string>& words,
                                    const std::vector<std::string>& environment) {
    program_ = words.front();
    title_.emplace(context_.console(), context_.environment());
    Foreground program(context_.interrupt());
    if (auto running = program.start(file, words, environment); !running) {
        return std::move(running).error();
    }
    context_.log().release();       // the program writes to stderr, too, and a warning must not come too late
    std::optional<Deadline> end_at; ///< of access, where the program does not end by itself
    bool stopping = false;
    for (;;) {
        context_.interrupt().clear(); // before the polls: what comes later ends the sleep
        if (const auto code = program.exit_code()) {
            return *code;
        }
        if (program.asked_to_stop() && !stopping) {
            stopping = true;
            end_at.emplace(context_.clock(), k_grace);
            followed_.clear();
        }
        if (end_at && end_at->is_over()) {
            end_at.reset();
            if (has_started() && !options_.leave) {
                end_late(concat({program_, " has not ended; its access ends now"}));
            }
            continue;
        }
        if (kill_at_ && kill_at_->is_over()) {
            program.send(SIGKILL);
            kill_at_.reset();
        }
        milliseconds pause = follow(program);
        for (const auto& deadline : {end_at, kill_at_}) {
            pause = deadline ? std::min(pause, deadline->left()) : pause;
        }
        (void)context_.clock().sleep(std::max(pause, milliseconds(1)));
    }
}

milliseconds RunSession::follow(Foreground& program) {
    milliseconds pause = k_longest_sleep;
    for (Followed& followed : followed_) {
        access::Lease& lease = followed.lease;
        if (lease.due() && *lease.due() <= context_.service_now()) {
            lease.act();
            if (lease.is_over()) {
                tell_over(lease);
                access_is_over(program);
            }
            pause = milliseconds(0);
        } else if (lease.due()) {
            pause = std::min(pause, *lease.due() - context_.service_now());
        }
        pause = std::min(pause, warn_of_end(followed));
    }
    if (total_end_ && !options_.leave && !followed_.empty()) {
        if (*total_end_ <= context_.service_now()) {
            end_at_total(program);
            return milliseconds(0);
        }
        pause = std::min(pause, *total_end_ - context_.service_now());
    }
    return pause;
}

milliseconds RunSession::warn_of_end(const Followed& followed) {
    const access::Lease& lease = followed.lease;
    if (lease.is_over() || !lease.expires() || lease.will_be_extended()) {
        return k_longest_sleep;
    }
    const auto& asked = options_.warn.minutes;
    const milliseconds before = asked ? milliseconds(minutes(*asked)) : default_warning(lease.length());
    if (const milliseconds left = *lease.expires() - context_.service_now(); left >= before) {
        return left - before + milliseconds(1);
    }
    access::TargetResult result = *followed.result;
    if (result.seen) {
        result.seen->expires = lease.expires();
    }
    result.ends = lease.expires();
    if (!warner_.warns(result, *lease.expires(), before)) {
        return k_longest_sleep;
    }
    const std::string line = concat({"access to ", lease.target().title(), " ends in ",
                                     duration_words(*lease.expires() - context_.service_now())});
    const bool in_title = context_.shows_progress() && title_->set(line);
    // A program that draws on the screen keeps its screen.
    if (!lease.has_told_end() && !(in_title && io::is_screen_in_use())) {
        context_.log().warn(line);
    }
    return k_longest_sleep;
}

void RunSession::end_late(const std::string& why) {
    context_.log().warn(why);
    if (const auto ended = end(); !ended) {
        context_.log().warn(ended.error().message);
    }
}

void RunSession::end_at_total(Foreground& program) {
    total_end_.reset();
    const bool is_on = std::any_of(started_.begin(), started_.end(),
                                   [](const access::Grant& grant) { return !grant.ended; });
    if (!is_on) {
        return;
    }
    followed_.remove_if([this](const Followed& followed) { return is_started(followed.lease); });
    end_late(concat({"--max-total is over: access ends now, and ", program_,
                     options_.terminate ? " is ended" : " goes on without it"}));
    access_is_over(program);
}

void RunSession::access_is_over(Foreground& program) {
    if (options_.terminate && !std::exchange(terminated_, true)) {
        program.send(SIGTERM);
        program.send(SIGCONT);
        kill_at_.emplace(context_.clock(), k_grace);
    }
}

bool RunSession::is_started(const access::Lease& lease) const {
    return std::any_of(started_.begin(), started_.end(), [&lease](const access::Grant& grant) {
        return grant.target.connection == lease.target().connection;
    });
}

Result<void> RunSession::end() {
    std::vector<std::string> open;
    for (const access::Grant& grant : started_) {
        if (!grant.ended) {
            open.push_back(grant.target.title());
        }
    }
    auto done = access::release(context_, options_.access.operation.request, started_, options_.end_timeout);
    if (done && !open.empty()) {
        tell(concat({"access to ", join(open), " was ended"}));
    }
    return done;
}

void RunSession::tell_over(const access::Lease& lease) {
    context_.log().warn(concat({"access to ", lease.target().title(), " has ended; ", program_,
                                options_.terminate ? " is ended" : " goes on without it"}));
    for (access::Grant& held : started_) {
        // What is active there later is somebody else's.
        const bool same = held.target.connection == lease.target().connection;
        held.ended = held.ended || (same && lease.is_seen_over());
    }
}

void RunSession::tell_beginning() {
    for (const Followed& followed : followed_) {
        const auto& expires = followed.lease.expires();
        const std::string until = expires ? concat({" until ", context_.short_time_text(*expires), " (",
                                                    duration_words(*expires - context_.service_now()), ")"})
                                          : "";
        tell(concat({"access to ", followed.lease.target().title(), " is active", until}));
    }
}

void RunSession::tell_left_on() {
    for (const Followed& followed : followed_) {
        const access::Lease& lease = followed.lease;
        const bool started = is_started(lease);
        const auto& expires = lease.expires();
        if (lease.is_over() || (started && !options_.leave)) {
            continue;
        }
        tell(concat({"access to ", lease.target().title(), " is left on",
                     expires ? concat({" until ", context_.short_time_text(*expires)}) : "",
                     started ? ": --leave" : ": it was active before"}));
    }
}

void RunSession::tell(const std::string& text) {
    if (context_.shows_progress()) {
        context_.log().note(text);
    } else {
        context_.log().info(text);
    }
}

} // namespace jit::commands
