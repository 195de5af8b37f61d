#include "sandbox/fault.hpp"

#include "sandbox/decimal.hpp"
#include "util/text.hpp"

#include <algorithm>
#include <array>
#include <vector>

namespace jit::sandbox {
namespace {

using Kind = Fault::Kind;

constexpr double k_longest = 86400;
constexpr std::string_view k_apply = "apply-";
constexpr std::string_view k_connection = "connection";

constexpr std::array<std::string_view, 11> k_requests = {"any",        "token", "activate",    "extend",
                                                         "deactivate", "post",  "connections", "history",
                                                         "policy",     "get",   k_connection};

enum class Scope { connection, request, both };
enum class Applied { no, yes, choice };
enum class Value { none, seconds, retry_after, url };

/// One thing that can go wrong.
struct Known {
    std::string_view name;
    Kind kind;
    Scope scope = Scope::request;
    Applied applied = Applied::yes; ///< whether the request is carried out; choice: with "apply-" before it
    int status = 0;
    Value value = Value::none;
};

constexpr std::array<Known, 26> k_known = {{
    {"refuse", Kind::refuse, Scope::connection, Applied::no},
    {"stall", Kind::stall, Scope::connection, Applied::no},
    {"reset", Kind::reset, Scope::both, Applied::choice},
    {"close", Kind::close, Scope::both, Applied::choice},
    {"hang", Kind::hang, Scope::both, Applied::choice},
    {"400", Kind::status, Scope::request, Applied::no, 400},
    {"401", Kind::status, Scope::request, Applied::no, 401},
    {"403", Kind::status, Scope::request, Applied::no, 403},
    {"404", Kind::status, Scope::request, Applied::no, 404},
    {"429", Kind::status, Scope::request, Applied::no, 429, Value::retry_after},
    {"500", Kind::status, Scope::request, Applied::choice, 500},
    {"502", Kind::status, Scope::request, Applied::choice, 502},
    {"503", Kind::status, Scope::request, Applied::choice, 503, Value::retry_after},
    {"504", Kind::status, Scope::request, Applied::choice, 504},
    {"redirect", Kind::redirect, Scope::request, Applied::no, 0, Value::url},
    {"slow-headers", Kind::slow_headers, Scope::request, Applied::yes, 0, Value::seconds},
    {"slow-body", Kind::slow_body, Scope::request, Applied::yes, 0, Value::seconds},
    {"truncated", Kind::truncated},
    {"length-too-small", Kind::length_too_small},
    {"length-too-large", Kind::length_too_large},
    {"garbage", Kind::garbage},
    {"not-json", Kind::not_json},
    {"deep-json", Kind::deep_json},
    {"huge", Kind::huge},
    {"gzip-bomb", Kind::gzip_bomb},
    {"close-idle", Kind::close_idle},
}};

bool can_befall(const Known& known, bool connection) {
    return known.scope == Scope::both || (known.scope == Scope::connection) == connection;
}

/// How it is written: "[apply-]503[=RETRY-AFTER]".
std::string shown(const Known& known, bool connection) {
    const auto value = [&]() -> std::string_view {
        switch (known.value) {
        case Value::seconds:
            return "=SECONDS";
        case Value::retry_after:
            return "[=RETRY-AFTER]";
        case Value::url:
            return "[=URL]";
        case Value::none:
            break;
        }
        return "";
    };
    return concat({known.applied == Applied::choice && !connection ? "[apply-]" : "", known.name, value()});
}

/// What can go wrong with a connection, or with a request.
std::string possible(bool connection) {
    std::vector<std::string> texts;
    for (const Known& known : k_known) {
        if (can_befall(known, connection)) {
            texts.push_back(shown(known, connection));
        }
    }
    return concat(
        {"possible are ", join(texts), connection ? "" : "; an error also with /html or /empty behind it"});
}

bool has_control_character(std::string_view text) {
    return std::any_of(text.begin(), text.end(),
                       [](char c) { return static_cast<unsigned char>(c) < 0x20U || c == '\x7f'; });
}

/// Reads what stands behind `@`: N, N+, N-M or P%.
bool read_selector(std::string_view text, FaultRule& rule) {
    constexpr long k_max = std::numeric_limits<std::int32_t>::max();
    if (text.ends_with('%')) {
        rule.percent = parse_decimal(text.substr(0, text.size() - 1), 0, 100);
        return rule.percent.has_value();
    }
    const std::size_t mark = text.find_first_of("+-");
    const auto first = parse_int(text.substr(0, mark), 1, k_max);
    if (!first) {
        return false;
    }
    rule.first = static_cast<std::uint64_t>(*first);
    if (mark == std::string_view::npos) {
        rule.last = rule.first;
        return true;
    }
    if (text[mark] == '+') {
        return mark + 1 == text.size();
    }
    const auto last = parse_int(text.substr(mark + 1), *first, k_max);
    rule.last = static_cast<std::uint64_t>(last.value_or(0));
    return last.has_value();
}

/// What a rule's text may be wrong about.
struct Flaw {
    std::string message;
    std::string hint; ///< what is possible
};

Result<void, Flaw> read_when(std::string_view text, FaultRule& rule) {
    const std::size_t at = text.find('@');
    rule.request = text.substr(0, at);
    if (std::find(k_requests.begin(), k_requests.end(), rule.request) == k_requests.end()) {
        return Flaw{concat({"there are no requests ", quote(rule.request)}),
                    concat({"possible are ", join({k_requests.begin(), k_requests.end()})})};
    }
    if (at != std::string_view::npos && !read_selector(text.substr(at + 1), rule)) {
        return Flaw{concat({quote(text.substr(at)), " selects nothing"}),
                    "possible are @N (the N-th, from 1), @N+ (from the N-th on), @N-M and @P% (0 to 100)"};
    }
    return {};
}

Result<void, Flaw> read_value(const Known& known, bool connection, Fault& fault) {
    const bool wanted = known.value == Value::seconds;
    const auto seconds = wanted && fault.value ? parse_decimal(*fault.value, 0, k_longest) : std::nullopt;
    if (wanted && !seconds) {
        return Flaw{
            concat({known.name, " does not say how long"}),
            concat({"possible is ", known.name, "=SECONDS, from 0 to 86400, with or without a fraction"})};
    }
    if (fault.value && (known.value == Value::none || has_control_character(*fault.value))) {
        return Flaw{concat({quote(*fault.value), " is no value for ", known.name}), possible(connection)};
    }
    fault.duration = std::chrono::duration<double>(seconds.value_or(0));
    return {};
}

Result<Fault, Flaw> parse_fault(std::string_view text, bool connection) {
    Fault fault;
    fault.text = text;
    const std::size_t equals = text.find('=');
    if (equals != std::string_view::npos) {
        fault.value = text.substr(equals + 1);
    }
    const std::string_view before = text.substr(0, equals);
    const std::size_t slash = before.find('/');
    const std::string_view body = slash == std::string_view::npos ? "" : before.substr(slash + 1);
    std::string_view name = before.substr(0, slash);
    const bool apply = name.starts_with(k_apply);
    name.remove_prefix(apply ? k_apply.size() : 0);

    const auto known = std::find_if(k_known.begin(), k_known.end(), [&](const Known& one) {
        return one.name == name && can_befall(one, connection) &&
               (!apply || (one.applied == Applied::choice && !connection)) &&
               (slash == std::string_view::npos ||
                (one.kind == Kind::status && (body == "html" || body == "empty")));
    });
    if (known == k_known.end()) {
        return Flaw{concat({quote(before), " is nothing that can go wrong with a ",
                            connection ? k_connection : "request"}),
                    possible(connection)};
    }
    fault.kind = known->kind;
    fault.applied = apply || known->applied == Applied::yes;
    fault.status = known->status;
    fault.body = body == "html"    ? Fault::Body::html
                 : body == "empty" ? Fault::Body::empty
                                   : Fault::Body::json;
    if (auto read = read_value(*known, connection, fault); !read) {
        return std::move(read).error();
    }
    return fault;
}

Result<FaultRule, Flaw> parse_rule(std::string_view text) {
    const std::size_t colon = text.find(':');
    if (colon == std::string_view::npos) {
        return Flaw{"it is not of the form WHEN:WHAT", "for example activate@1:apply-reset"};
    }
    FaultRule rule;
    rule.text = text;
    if (auto read = read_when(text.substr(0, colon), rule); !read) {
        return std::move(read).error();
    }
    JIT_TRY(rule.fault, parse_fault(text.substr(colon + 1), rule.request == k_connection));
    return rule;
}

} // namespace

Result<FaultRule> parse_fault_rule(std::string_view text) {
    auto rule = parse_rule(text);
    if (!rule) {
        return usage_error(concat({"cannot use the fault ", quote(text), ": ", rule.error().message}),
                           rule.error().hint);
    }
    return *std::move(rule);
}

} // namespace jit::sandbox
