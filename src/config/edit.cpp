#include "config/edit.hpp"

#include "util/text.hpp"

#include <algorithm>
#include <array>
#include <vector>
#include <yaml-cpp/yaml.h>

namespace jit::config {
namespace {

using Lines = std::vector<std::string>;

Lines split_lines(std::string_view text) {
    Lines lines;
    while (!text.empty()) {
        lines.emplace_back(split_first(text, '\n'));
    }
    return lines;
}

std::string joined(const Lines& lines) {
    std::string text;
    for (const std::string& line : lines) {
        text += line + "\n";
    }
    return text;
}

/// A name as it is, where YAML would not read it as anything but text.
std::string written_name(const std::string& name) {
    constexpr std::array<std::string_view, 9> k_words = {"null", "true", "false", "yes", "no",
                                                         "on",   "off",  "y",     "n"};
    const bool plain =
        !name.empty() && name.front() >= 'a' && name.front() <= 'z' &&
        name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_-") == std::string::npos &&
        std::find(k_words.begin(), k_words.end(), name) == k_words.end();
    return plain ? name : quote(name);
}

/// Never assigned to: for a node of YAML that means to change the file's tree.
struct Entry {
    const YAML::Node key;
    const YAML::Node value;
};

/// A key of a group, whatever its case.
std::optional<Entry> find(const YAML::Node& group, const std::string& name) {
    if (!group.IsMap()) {
        return std::nullopt;
    }
    for (const auto& entry : group) {
        if (entry.first.IsScalar() && fold_case(entry.first.Scalar()) == fold_case(name)) {
            return Entry{entry.first, entry.second};
        }
    }
    return std::nullopt;
}

/// An environment below a group; "eu.prod" may stand as `prod` below `eu`.
std::optional<Entry> find_below(const YAML::Node& group, const std::string& name) {
    if (auto found = find(group, name)) {
        return found;
    }
    for (std::size_t dot = name.find('.'); dot != std::string::npos; dot = name.find('.', dot + 1)) {
        if (const auto part = find(group, name.substr(0, dot))) {
            if (auto found = find_below(part->value, name.substr(dot + 1))) {
                return found;
            }
        }
    }
    return std::nullopt;
}

std::optional<Entry> find_environment(const YAML::Node& root, const std::string& name) {
    const auto environments = find(root, "environments");
    return environments ? find_below(environments->value, name) : std::nullopt;
}

/// A group without keys, whatever their case.
YAML::Node without(const YAML::Node& group, const std::vector<std::string>& names) {
    YAML::Node rest(YAML::NodeType::Map);
    if (group.IsMap()) {
        for (const auto& entry : group) {
            const bool named = std::any_of(names.begin(), names.end(), [&entry](const std::string& name) {
                return entry.first.IsScalar() && fold_case(entry.first.Scalar()) == fold_case(name);
            });
            if (!named) {
                rest[entry.first] = entry.second;
            }
        }
    }
    return rest;
}

/// All that a login or logout does not touch, in a form that can be compared.
std::string untouched(const YAML::Node& root, const std::string& environment, bool activate, bool says_pat) {
    const auto environments = find(root, "environments");
    const YAML::Node group = environments ? environments->value : YAML::Node();
    const auto own = find(group, environment);
    std::vector<std::string> of_root = {"environments"};
    std::vector<std::string> of_environment = {"baseurl", "pat"};
    if (activate) {
        of_root.emplace_back("activeenvironment");
    }
    if (says_pat) {
        of_environment.emplace_back("authtype");
    }
    return concat({YAML::Dump(without(root, of_root)), "\n---\n", YAML::Dump(without(group, {environment})),
                   "\n---\n", YAML::Dump(without(own ? own->value : YAML::Node(), of_environment))});
}

std::size_t line_of(const YAML::Node& node) {
    return static_cast<std::size_t>(node.Mark().line);
}

std::size_t column_of(const YAML::Node& node) {
    return static_cast<std::size_t>(node.Mark().column);
}

/// Whether it is written over lines of its own, or not at all.
bool is_block(const YAML::Node& group) {
    return group.IsNull() || (group.IsMap() && group.Style() != YAML::EmitterStyle::Flow);
}

void insert(Lines& lines, std::size_t at, const Lines& more) {
    lines.insert(lines.begin() + static_cast<std::ptrdiff_t>(std::min(at, lines.size())), more.begin(),
                 more.end());
}

/// Where the comment of a line begins, with the blank before it; npos where there is none. The value begins
/// behind `from`.
std::size_t comment_of(const std::string& line, std::size_t from) {
    std::size_t at = line.find_first_not_of(' ', from);
    if (at == std::string::npos || (line[at] != '"' && line[at] != '\'')) {
        return line.find(" #", from);
    }
    const char quote = line[at];
    for (++at; at < line.size() && line[at] != quote; ++at) {
        if (quote == '"' && line[at] == '\\') {
            ++at;
        }
    }
    return line.find(" #", at);
}

/// Sets the value of a key that has a line of its own; its comment stays.
void set_value(Lines& lines, const Entry& entry, const std::string& value) {
    std::string& line = lines.at(line_of(entry.key));
    const std::size_t colon = line.find(':', column_of(entry.key));
    const std::size_t comment = colon == std::string::npos ? colon : comment_of(line, colon + 1);
    const std::string rest = comment == std::string::npos ? "" : line.substr(comment);
    line = concat({line.substr(0, colon), ": ", value, rest});
}

/// Removes a key with all lines that are further in.
void remove_entry(Lines& lines, const Entry& entry) {
    const std::size_t first = line_of(entry.key);
    std::size_t last = first;
    for (std::size_t i = first + 1; i < lines.size(); ++i) {
        const std::size_t indent = lines[i].find_first_not_of(" \t\r");
        if (indent == std::string::npos || lines[i][indent] == '#') {
            continue;
        }
        if (indent <= column_of(entry.key)) {
            break;
        }
        last = i;
    }
    lines.erase(lines.begin() + static_cast<std::ptrdiff_t>(first),
                lines.begin() + static_cast<std::ptrdiff_t>(last + 1));
}

std::string pat_line(const ClientCredentials& pat) {
    return concat({"pat: {clientid: ", quote(pat.client_id.reveal()),
                   ", clientsecret: ", quote(pat.client_secret.reveal()), "}"});
}

/// What an environment gets that it does not have yet: `own` is what it has.
Lines missing_lines(const Login& login, const YAML::Node& own, std::size_t indent) {
    const std::string blank(indent, ' ');
    Lines lines;
    if (!find(own, "baseurl")) {
        lines.push_back(concat({blank, "baseurl: ", login.base_url}));
    }
    if (login.says_pat && !find(own, "authtype")) {
        lines.push_back(blank + "authtype: pat");
    }
    if (login.pat != nullptr) {
        lines.push_back(blank + pat_line(*login.pat));
    }
    return lines;
}

Lines new_environment(const Login& login, std::size_t indent) {
    constexpr std::size_t k_indent = 2;
    Lines lines = missing_lines(login, YAML::Node(), indent + k_indent);
    insert(lines, 0, {concat({std::string(indent, ' '), written_name(login.environment), ":"})});
    return lines;
}

/// False where the text is written in a way that this cannot change.
bool put_environment(Lines& lines, const YAML::Node& root, const Login& login) {
    constexpr std::size_t k_indent = 2;
    const auto environments = find(root, "environments");
    if (!environments) {
        lines.emplace_back("environments:");
        insert(lines, lines.size(), new_environment(login, k_indent));
        return true;
    }
    if (!is_block(environments->value)) {
        return false;
    }
    const auto own = find_environment(root, login.environment);
    if (!own) {
        const bool empty = environments->value.IsNull() || environments->value.size() == 0;
        const std::size_t indent = empty ? k_indent : column_of(environments->value.begin()->first);
        insert(lines, line_of(environments->key) + 1, new_environment(login, indent));
        return true;
    }
    if (!is_block(own->value)) {
        return false;
    }
    const bool empty = own->value.IsNull() || own->value.size() == 0;
    const std::size_t indent = empty ? column_of(own->key) + k_indent : column_of(own->value.begin()->first);
    const auto url = find(own->value, "baseurl");
    if (url) {
        set_value(lines, *url, login.base_url);
    }
    if (const auto auth_type = find(own->value, "authtype"); auth_type && login.says_pat) {
        set_value(lines, *auth_type, "pat");
    }
    insert(lines, line_of(url ? url->key : own->key) + 1, missing_lines(login, own->value, indent));
    return true;
}

std::string login_by_hand(const Login& login) {
    return concat({"write this into it by hand: ",
                   login.activate ? concat({"activeenvironment: ", login.environment, ", and "}) : "",
                   "environments: ", login.environment, ": baseurl: ", login.base_url});
}

Error not_changed(const std::string& path, const std::string& by_hand) {
    return usage_error(concat({path, " is written in a way that jit does not change by itself"}), by_hand);
}

Result<std::string> changed(const std::string& text, const std::string& path, const Login& login) {
    const YAML::Node root = YAML::Load(text);
    Lines lines = split_lines(text);
    bool good = root.IsNull() || is_block(root);
    const bool has_text = std::any_of(lines.begin(), lines.end(), [](const std::string& line) {
        return !trim(line).empty() && trim(line).front() != '#';
    });
    good = good && (!root.IsNull() || !has_text);
    if (good) {
        // From the end to the beginning, so that lines still to be changed stay where they are.
        const auto active = login.activate ? find(root, "activeenvironment") : std::nullopt;
        const auto environments = find(root, "environments");
        const bool active_first = active && environments && line_of(active->key) > line_of(environments->key);
        if (active_first) {
            set_value(lines, *active, written_name(login.environment));
        }
        good = put_environment(lines, root, login);
        if (active && !active_first) {
            set_value(lines, *active, written_name(login.environment));
        } else if (login.activate && !active) {
            const bool marked = !lines.empty() && lines.front().rfind("---", 0) == 0;
            insert(lines, marked ? 1 : 0, {concat({"activeenvironment: ", written_name(login.environment)})});
        }
    }
    // Checks the result, however it was made.
    const std::string result = joined(lines);
    const auto parsed = good ? parse_file(result, path) : Result<File>(usage_error(""));
    const auto rest = [&login](const YAML::Node& node) {
        return untouched(node, login.environment, login.activate, login.says_pat);
    };
    const auto is_active = [&login](const File& file) {
        return file.active_environment &&
               fold_case(file.active_environment->value) == fold_case(login.environment);
    };
    if (!parsed || (login.activate && !is_active(*parsed)) || rest(YAML::Load(result)) != rest(root)) {
        return not_changed(path, login_by_hand(login));
    }
    const auto entry = parsed->environments.find(fold_case(login.environment));
    const bool right =
        entry != parsed->environments.end() && entry->second.base_url &&
        entry->second.base_url->value == login.base_url &&
        entry->second.pat.has_value() == (login.pat != nullptr) &&
        (!login.says_pat || (entry->second.auth_type && entry->second.auth_type->value == "pat")) &&
        (login.pat == nullptr ||
         (entry->second.pat->client_id.reveal() == login.pat->client_id.reveal() &&
          entry->second.pat->client_secret.reveal() == login.pat->client_secret.reveal()));
    return right ? Result<std::string>(result) : not_changed(path, login_by_hand(login));
}

Result<std::string> changed_without_pat(const std::string& text, const std::string& path,
                                        const std::string& environment) {
    const YAML::Node root = YAML::Load(text);
    const auto own = find_environment(root, environment);
    const auto pat = own ? find(own->value, "pat") : std::nullopt;
    if (!pat) {
        return text;
    }
    Lines lines = split_lines(text);
    if (is_block(own->value)) {
        remove_entry(lines, *pat);
    }
    const std::string result = joined(lines);
    const YAML::Node after = YAML::Load(result);
    const auto left = find_environment(after, environment);
    if (!parse_file(result, path) || (left && find(left->value, "pat")) ||
        untouched(after, environment, false, false) != untouched(root, environment, false, false)) {
        return not_changed(path, concat({"remove environments.", environment, ".pat from it by hand"}));
    }
    return result;
}

/// Changes a text by `work(text)`; a byte order mark stays before it. yaml-cpp reports by exceptions; this is
/// where they end.
template <typename Work>
Result<std::string> guarded(const std::string& text, const std::string& path, const std::string& by_hand,
                            const Work& work) {
    constexpr std::string_view k_mark = "\xEF\xBB\xBF";
    const bool marked = text.rfind(k_mark, 0) == 0;
    try {
        auto result = work(text.substr(marked ? k_mark.size() : 0));
        return result && marked ? Result<std::string>(concat({k_mark, *result})) : result;
    } catch (const YAML::Exception&) {
        return not_changed(path, by_hand);
    }
}

} // namespace

Result<std::string> with_login(const std::string& text, const std::string& path, const Login& login) {
    // An old PAT is removed first.
    JIT_TRY(const std::string plain, without_pat(text, path, login.environment));
    return guarded(plain, path, login_by_hand(login),
                   [&](const std::string& yaml) { return changed(yaml, path, login); });
}

Result<std::string> without_pat(const std::string& text, const std::string& path,
                                const std::string& environment) {
    return guarded(text, path, concat({"remove environments.", environment, ".pat from it by hand"}),
                   [&](const std::string& yaml) { return changed_without_pat(yaml, path, environment); });
}

} // namespace jit::config
