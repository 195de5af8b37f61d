#include "app/known_names.hpp"

#include "app/access.hpp"
#include "app/known_access.hpp"
#include "app/target.hpp"
#include "base/private_file.hpp"
#include "base/text.hpp"

#include <algorithm>
#include <string_view>
#include <unordered_map>

namespace jit::app {
namespace {

using sailpoint::Phase;

constexpr std::string_view k_kind = "names";
constexpr std::size_t k_most_names = 20000;
constexpr std::size_t k_most_bytes = std::size_t{8} * 1024 * 1024;
constexpr std::chrono::minutes k_fresh{10};
constexpr std::chrono::minutes k_between_tries{1};

std::string time_field(const std::optional<TimePoint>& time) {
    return time ? format_rfc3339(*time) : "";
}

// The first line has when the list was read, and when that was tried; each other line a connection: ID,
// phase, expires, name, source, word. Fields are apart by tabs, which none of them has.
std::string to_line(const KnownName& name) {
    return cat({name.connection, "\t", sailpoint::phase_name(name.phase), "\t", time_field(name.expires),
                "\t", name.name, "\t", name.source, "\t", name.word, "\n"});
}

std::optional<KnownName> from_line(std::string_view line) {
    KnownName name{std::string(take_part(line, '\t')), {}, {}};
    name.phase = sailpoint::phase_named(take_part(line, '\t')).value_or(name.phase);
    if (const std::string_view expires = take_part(line, '\t'); !expires.empty()) {
        name.expires = parse_rfc3339(expires);
    }
    name.name = take_part(line, '\t');
    name.source = take_part(line, '\t');
    name.word = take_part(line, '\t');
    return name.word.empty() ? std::nullopt : std::optional(std::move(name));
}

bool is_plain(const std::string& text) {
    return printable(text) == text;
}

} // namespace

std::string KnownName::long_name() const {
    return cat({source, "/", name});
}

KnownNames KnownNames::load(Context& context) {
    KnownNames known;
    const auto path = context.cache_file(k_kind);
    if (!path || path->empty()) {
        return known;
    }
    known.has_cache_ = true;
    const auto text = read_private_file(*path, k_most_bytes);
    if (!text || !*text) {
        return known;
    }
    std::string_view rest = (*text)->reveal();
    std::string_view head = take_part(rest, '\n');
    known.read_ = parse_rfc3339(take_part(head, '\t'));
    known.tried_ = parse_rfc3339(take_part(head, '\t'));
    known.names_.reserve(static_cast<std::size_t>(std::count(rest.begin(), rest.end(), '\n')));
    while (!rest.empty()) {
        const std::string_view line = take_part(rest, '\n');
        if (auto name = from_line(line); name && is_utf8(line)) {
            known.names_.push_back(*std::move(name));
        }
    }
    const auto done_here = KnownAccesses::load(context);
    for (const KnownAccess& access : done_here ? done_here->all() : std::vector<KnownAccess>()) {
        const bool later = access.asked && (!known.read_ || *access.asked + k_lag >= *known.read_);
        const auto name =
            std::find_if(known.names_.begin(), known.names_.end(), [&access](const KnownName& each) {
                return each.connection == access.connection.str();
            });
        if (later && name != known.names_.end()) {
            name->phase = access.phase;
            name->expires = access.expires;
        }
    }
    for (KnownName& name : known.names_) {
        if (name.expires && *name.expires <= context.service_now()) {
            name.phase = Phase::ended;
        }
    }
    return known;
}

bool KnownNames::is_stale(TimePoint now) const {
    const auto within = [now](const std::optional<TimePoint>& time, std::chrono::minutes span) {
        return time && *time <= now && now - *time < span;
    };
    return has_cache_ && !within(read_, k_fresh) && !within(tried_, k_between_tries);
}

void KnownNames::add(const sailpoint::Connection& entry, TimePoint service_now) {
    const auto id = Uuid::parse(entry.id);
    if (!id || names_.size() == k_most_names || !is_plain(entry.title()) || !is_plain(entry.source)) {
        return;
    }
    names_.push_back({id->str(), entry.title(), entry.source, sailpoint::phase_of(entry, service_now),
                      expiry_of(entry, service_now)});
}

/// A name that several have says nothing; with its source it may.
void KnownNames::find_words() {
    std::unordered_map<std::string, int> uses;
    for (const KnownName& name : names_) {
        ++uses[fold_case(name.name)];
        ++uses[fold_case(name.long_name())];
    }
    for (KnownName& name : names_) {
        name.word = uses[fold_case(name.name)] == 1          ? name.name
                    : uses[fold_case(name.long_name())] == 1 ? name.long_name()
                                                             : name.connection;
    }
}

void KnownNames::keep(Context& context) {
    read_ = context.service_now();
    context.remember_clock();
    find_words();
    write(context);
}

void KnownNames::write(Context& context) const {
    const auto path = context.cache_file(k_kind);
    if (!path || path->empty()) {
        return;
    }
    std::string text = cat({time_field(read_), "\t", time_field(tried_), "\n"});
    for (const KnownName& name : names_) {
        text += to_line(name);
    }
    text = context.console().redactor().apply(text); // whoever reads it does not know the secret
    if (const auto written = write_private_file(*path, text); !written) {
        context.log().info(written.error().message);
    }
}

Result<void> refresh_names(Context& context) {
    JIT_TRY(const std::string path, context.cache_file(k_kind));
    JIT_TRY(const config::Settings* const settings, context.settings());
    JIT_TRY(const std::string url, context.base_url());
    if (path.empty()) {
        return {};
    }
    JIT_TRY(const auto lock, FileLock::take(path + ".lock", context.clock(), std::chrono::milliseconds(0)));
    auto known = KnownNames::load(context);
    if (!lock || !known.is_stale(context.service_now())) {
        return {};
    }
    // A credential command may ask the person for something: it runs for what that person has started only.
    if (settings->command && !settings->access_token && !settings->environment_pat) {
        const auto cache = settings->client_id ? context.token_cache(url, settings->client_id->value)
                                               : std::optional<auth::TokenCache>();
        if (!cache || !cache->find()) {
            return {};
        }
    }
    known.tried_ = context.service_now();
    known.write(context);
    if (auto entries = read_connections(context, false); !entries) {
        return std::move(entries).error();
    }
    return {};
}

} // namespace jit::app
