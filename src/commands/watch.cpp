#include "commands/watch.hpp"

#include "access/access_cache.hpp"
#include "access/state_reader.hpp"
#include "commands/operation.hpp"
#include "util/duration.hpp"
#include "util/text.hpp"

#include <algorithm>
#include <map>

namespace jit::commands {
namespace {

using sailpoint::Connection;
using sailpoint::Phase;

/// Whether it is on, on its way, or being taken away.
bool is_shown(const Connection& connection, TimePoint now) {
    return !sailpoint::is_over(sailpoint::phase_of(connection, now));
}

bool will_fail_again(const Error& error) {
    return !is_transient(error);
}

class Watcher {
public:
    Watcher(access::Context& context, const WatchOptions& options, std::vector<access::Target> targets)
        : context_(context), options_(options), targets_(std::move(targets)), warner_(context, options.warn),
          drawing_(context.loaded_settings()->output.value == config::OutputFormat::table &&
                   context.console().out_device().can_redraw) {}

    Result<void> run() {
        context_.log().release(); // a warning must not come too late
        for (;;) {
            auto entries = access::read_connections(context_);
            if (entries) {
                last_error_.clear();
                read_at_ = context_.clock().boot_time();
                access::AccessCache::replace(context_, *entries);
                if (auto shown = show(*std::move(entries)); !shown) {
                    return shown;
                }
            } else if (context_.interrupted() || will_fail_again(entries.error())) {
                return std::move(entries).error();
            } else {
                last_error_ = entries.error().message;
                if (!drawing_) {
                    context_.log().warn(last_error_);
                }
            }
            if (auto waited = wait(); !waited) {
                return waited;
            }
        }
    }

private:
    [[nodiscard]] bool is_wanted(const Connection& entry) const {
        if (targets_.empty()) {
            return true;
        }
        return std::any_of(targets_.begin(), targets_.end(), [&entry](const access::Target& target) {
            return Uuid::parse(entry.id) == target.connection;
        });
    }

    /// Whether it was so when it was read before.
    [[nodiscard]] bool was_active(const std::string& id) const {
        const auto before = states_.find(id);
        const std::string_view active = sailpoint::phase_name(Phase::active);
        const std::string_view ending = sailpoint::phase_name(Phase::ending);
        return before != states_.end() && (before->second.substr(0, active.size()) == active ||
                                           before->second.substr(0, ending.size()) == ending);
    }

    Result<void> show(std::vector<Connection> entries) {
        entries.erase(std::remove_if(entries.begin(), entries.end(),
                                     [this](const Connection& entry) { return !is_wanted(entry); }),
                      entries.end());
        const TimePoint now = context_.service_now();
        std::vector<Connection> changed;
        for (const Connection& entry : entries) {
            const std::string state =
                concat({access_name(entry, now), " ", entry.state, " ", entry.expiration});
            const auto before = states_.find(entry.id);
            const bool is_new = before == states_.end() && (is_shown(entry, now) || !targets_.empty());
            if (is_new || (before != states_.end() && before->second != state)) {
                changed.push_back(entry);
            }
            if (was_active(entry.id) && !is_shown(entry, now)) {
                ended_.push_back(concat({entry.title(), " has ended"}));
                if (constexpr std::size_t k_most = 3; ended_.size() > k_most) {
                    ended_.erase(ended_.begin()); // a screen has no more room
                }
            }
            if (is_shown(entry, now) || !targets_.empty()) {
                states_[entry.id] = state;
            } else {
                states_.erase(entry.id);
            }
        }
        rows_ = std::move(entries);
        if (targets_.empty()) {
            keep_running(rows_, now);
        }
        if (drawing_) {
            return {}; // `wait` draws
        }
        if (context_.loaded_settings()->output.value == config::OutputFormat::table) {
            std::string text;
            for (const std::string& line : std::exchange(ended_, {})) {
                text += sanitize_line(line) + "\n";
            }
            return changed.empty() ? Result<void>() : context_.console().result(text + table());
        }
        ListPrinter printer(context_, connection_fields({}));
        for (const Connection& entry : changed) {
            if (auto added = printer.add(connection_record(context_, entry)); !added) {
                return added;
            }
        }
        return printer.finish();
    }

    [[nodiscard]] std::string table() {
        if (rows_.empty()) {
            return "nothing is active\n";
        }
        const View view(context_, connection_fields({false, false, drawing_}));
        std::vector<std::vector<std::string>> cells;
        for (const Connection& row : rows_) {
            cells.push_back(view.cells_of(connection_record(context_, row)));
        }
        return io::render_table(view.columns(), cells,
                                {context_.console().out_device().width, context_.color_out(),
                                 !context_.view().no_header, drawing_});
    }

    /// The lines about access that ends soon. Rings the bell for each new one; away from a drawing, it goes
    /// to stderr.
    std::vector<std::string> warnings() {
        const auto& asked = options_.warn.minutes;
        const std::chrono::minutes before = asked ? std::chrono::minutes(*asked) : k_default_warning;
        std::vector<std::string> lines;
        const TimePoint now = context_.service_now();
        for (const Connection& row : rows_) {
            const auto expires = access::expiry_of(row, now);
            const auto id = Uuid::parse(row.id);
            if (sailpoint::phase_of(row, now) != Phase::active || !id || !expires ||
                *expires - now >= before || latest_end(context_, *id, *expires) - now >= before) {
                continue;
            }
            const std::string line = concat({row.title(), " ends in ", duration_words(*expires - now),
                                             "; for more: jit extend -e ", id->str(), " -m MINUTES"});
            lines.push_back(line);
            access::TargetResult result{{row.title(), *id, row}};
            result.seen = access::access_of(row, now);
            if (warner_.warns(result, *expires, before)) {
                if (!drawing_) {
                    context_.log().warn(line);
                }
                if (context_.shows_progress() && context_.console().err_device().can_redraw) {
                    context_.console().message("\a");
                }
            }
        }
        return lines;
    }

    /// Waits for the next poll; draws each second meanwhile.
    Result<void> wait() {
        const BootTime end =
            context_.clock().boot_time() + options_.interval; // polls at once after a suspend
        constexpr std::chrono::milliseconds k_second{1000};
        while (context_.clock().boot_time() < end) {
            const std::vector<std::string> lines = warnings();
            if (drawing_) {
                if (auto drawn = draw(lines); !drawn) {
                    return drawn;
                }
            }
            if (!context_.clock().sleep(
                    std::clamp(end - context_.clock().boot_time(), std::chrono::milliseconds(0), k_second))) {
                return Error{ErrorKind::interrupted, "interrupted; nothing was changed"};
            }
        }
        return {};
    }

    Result<void> draw(const std::vector<std::string>& lines) {
        const int width_before = context_.console().out_device().width;
        context_.console().measure();
        const int width = context_.console().out_device().width;
        if (width != width_before) {
            drawn_ = 0; // the terminal has broken the old lines anew: begin again on a clear screen
            if (auto cleared = context_.console().result("\x1b[H\x1b[2J"); !cleared) {
                return cleared;
            }
        }
        std::string text = table();
        const auto add = [&text, width](const std::string& line) {
            text += shorten(sanitize_line(line), width > 0 ? width : 80) + "\n";
        };
        for (const std::string& line : lines) {
            add("! " + line);
        }
        for (const std::string& line : ended_) {
            add(line);
        }
        if (!last_error_.empty()) {
            add("! the last request failed: " + last_error_);
        }
        const auto age = context_.clock().boot_time() - read_at_;
        add(concat({"as of ", duration_words(age), " ago; Ctrl-C leaves, and changes nothing"}));
        // What does not fit on the screen could not be drawn over.
        const int height = context_.console().out_device().height;
        int drawn = 0;
        std::string fitting;
        for (std::size_t begin = 0; begin < text.size() && (height < 3 || drawn < height - 1); ++drawn) {
            const std::size_t next = text.find('\n', begin) + 1;
            fitting += text.substr(begin, next - begin);
            begin = next;
        }
        const std::string back = drawn_ == 0 ? "" : concat({"\x1b[", std::to_string(drawn_), "A\r\x1b[J"});
        drawn_ = drawn;
        return context_.console().result(back + fitting);
    }

    access::Context& context_;
    const WatchOptions& options_;
    std::vector<access::Target> targets_;
    ExpiryWarner warner_;
    bool drawing_;
    std::vector<Connection> rows_;
    std::map<std::string, std::string> states_; ///< of those that are shown, by ID
    std::vector<std::string> ended_;            ///< lines about access that has ended
    std::string last_error_;                    ///< why the last request failed
    BootTime read_at_{};                        ///< when the state that is shown was read
    int drawn_ = 0;                             ///< lines on the screen
};

} // namespace

void keep_running(std::vector<Connection>& connections, TimePoint now) {
    connections.erase(std::remove_if(connections.begin(), connections.end(),
                                     [now](const Connection& entry) { return !is_shown(entry, now); }),
                      connections.end());
    std::stable_sort(connections.begin(), connections.end(), [now](const Connection& a, const Connection& b) {
        return access::expiry_of(a, now).value_or(TimePoint::max()) <
               access::expiry_of(b, now).value_or(TimePoint::max());
    });
}

Result<void> watch(access::Context& context, const WatchOptions& options,
                   const std::vector<std::string>& words) {
    const auto format = context.loaded_settings()->output.value;
    if (format != config::OutputFormat::table && format != config::OutputFormat::jsonl) {
        return usage_error("--watch has no end: its output is table or jsonl");
    }
    if (auto good = check_command(context, "--on-warn", options.warn.command); !good) {
        return good;
    }
    std::vector<access::Target> targets;
    if (!words.empty()) {
        JIT_TRY(targets, access::resolve_targets(context, words, {}));
    }
    return Watcher(context, options, std::move(targets)).run();
}

} // namespace jit::commands
