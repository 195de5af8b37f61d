#include "access/name_cache.hpp"

#include "access/access_cache.hpp"
#include "access/state_reader.hpp"
#include "access/target.hpp"
#include "util/private_file.hpp"
#include "util/text.hpp"

#include <algorithm>
#include <string_view>
#include <unordered_map>

namespace jit::access {
namespace {

using sailpoint::Phase;

constexpr std::string_view k_kind = "names";
constexpr std::size_t k_max_names = 20000;
constexpr std::size_t k_max_bytes = std::size_t{8} * 1024 * 1024;
constexpr std::chrono::minutes k_fresh{10};
constexpr std::chrono::minutes k_between_tries{1};

std::string time_field(const std::optional<TimePoint>& time) {
    return time ? format_rfc3339(*time) : "";
}

// The first line has when the list was read, and when that was tried; each other line a connection: ID,
// phase, expires, name, source, word. Fields are apart by tabs, which none of them has.
std::string to_line(const CachedName& name) {
    return concat({name.connection, "\t", sailpoint::phase_name(name.phase), "\t", time_field(name.expires),
                   "\t", name.name, "\t", name.source, "\t", name.word, "\n"});
}

std::optional<CachedName> from_line(std::string_view line) {
    CachedName name{std::string(split_first(line, '\t')), {}, {}};
    name.phase = sailpoint::phase_named(split_first(line, '\t')).value_or(name.phase);
    if (const std::string_view expires = split_first(line, '\t'); !expires.empty()) {
        name.expires = parse_rfc3339(expires);
    }
    name.name = split_first(line, '\t');
    name.source = split_first(line, '\t');
    name.word = split_first(line, '\t');
    return name.word.empty() ? std::nullopt : std::optional(std::move(name));
}

bool is_plain(const std::string& text) {
    return sanitize(text) == text;
}

} // namespace

std::string CachedName::long_name() const {
    return concat({source, "/", name});
}

NameCache NameCache::load(Context& context) {
    NameCache known;
    const auto path = context.cache_file(k_kind);
    if (!path || path->empty()) {
        return known;
    }
    known.has_cache_ = true;
    const auto text = read_private_file(*path, k_max_bytes);
    if (!text || !*text) {
        return known;
    }
    std::string_view rest = (*text)->reveal();
    std::string_view head = split_first(rest, '\n');
    known.read_ = parse_rfc3339(split_first(head, '\t'));
    known.tried_ = parse_rfc3339(split_first(head, '\t'));
    known.names_.reserve(static_cast<std::size_t>(std::count(rest.begin(), rest.end(), '\n')));
    while (!rest.empty()) {
        const std::string_view line = split_first(rest, '\n');
        if (auto name = from_line(line); name && is_utf8(line)) {
            known.names_.push_back(*std::move(name));
        }
    }
    const auto done_here = AccessCache::load(context);
    for (const AccessRecord& access : done_here ? done_here->all() : std::vector<AccessRecord>()) {
        const bool later = access.sent_at && (!known.read_ || *access.sent_at + k_index_lag >= *known.read_);
        const auto name =
            std::find_if(known.names_.begin(), known.names_.end(), [&access](const CachedName& each) {
                return each.connection == access.connection.str();
            });
        if (later && name != known.names_.end()) {
            name->phase = access.phase;
            name->expires = access.expires;
        }
    }
    for (CachedName& name : known.names_) {
        if (name.expires && *name.expires <= context.service_now()) {
            name.phase = Phase::ended;
        }
    }
    return known;
}

bool NameCache::is_stale(TimePoint now) const {
    const auto within = [now](const std::optional<TimePoint>& time, std::chrono::minutes span) {
        return time && *time <= now && now - *time < span;
    };
    return has_cache_ && !within(read_, k_fresh) && !within(tried_, k_between_tries);
}

void NameCache::add(const sailpoint::Connection& entry, TimePoint service_now) {
    const auto id = Uuid::parse(entry.id);
    if (!id || names_.size() == k_max_names || !is_plain(entry.title()) || !is_plain(entry.source)) {
        return;
    }
    names_.push_back({id->str(), entry.title(), entry.source, sailpoint::phase_of(entry, service_now),
                      expiry_of(entry, service_now)});
}

/// A name that several have says nothing; with its source it may.
void NameCache::find_words() {
    std::unordered_map<std::string, int> uses;
    for (const CachedName& name : names_) {
        ++uses[fold_case(name.name)];
        ++uses[fold_case(name.long_name())];
    }
    for (CachedName& name : names_) {
        name.word = uses[fold_case(name.name)] == 1          ? name.name
                    : uses[fold_case(name.long_name())] == 1 ? name.long_name()
                                                             : name.connection;
    }
}

void NameCache::save(Context& context) {
    read_ = context.service_now();
    context.remember_clock();
    find_words();
    write(context);
}

void NameCache::write(Context& context) const {
    const auto path = context.cache_file(k_kind);
    if (!path || path->empty()) {
        return;
    }
    std::string text = concat({time_field(read_), "\t", time_field(tried_), "\n"});
    for (const CachedName& name : names_) {
        text += to_line(name);
    }
    text = context.console().redactor().apply(text); // no secret goes into the file
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
    JIT_TRY(const auto lock,
            FileLock::acquire(path + ".lock", context.clock(), std::chrono::milliseconds(0)));
    auto known = NameCache::load(context);
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

} // namespace jit::access
