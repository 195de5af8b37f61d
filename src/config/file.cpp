#include "config/file.hpp"

#include "util/text.hpp"
#include "util/words.hpp"

#include <algorithm>
#include <functional>
#include <limits>
#include <set>
#include <string_view>
#include <yaml-cpp/yaml.h>

namespace jit::config {
namespace {

constexpr std::size_t k_max_values = 100'000;
constexpr int k_max_depth = 32;

std::string place(const File& file, const YAML::Node& node) {
    return concat({file.path, ":", std::to_string(node.Mark().line + 1)});
}

std::string_view kind_of(const YAML::Node& node) {
    switch (node.Type()) {
    case YAML::NodeType::Sequence:
        return "a list";
    case YAML::NodeType::Map:
        return "a group of keys";
    case YAML::NodeType::Scalar:
        return "a single value";
    case YAML::NodeType::Null:
    case YAML::NodeType::Undefined:
        return "nothing";
    }
    return "nothing";
}

/// Never repeats the value: it may be a secret in the wrong place.
Error wrong_type(const File& file, const YAML::Node& node, std::string_view key, std::string_view wanted) {
    return usage_error(concat({place(file, node), ": ", key, " must be ", wanted, ", not ", kind_of(node)}));
}

Result<Setting<std::string>> text_value(const File& file, const YAML::Node& node, std::string_view key) {
    if (!node.IsScalar()) {
        return wrong_type(file, node, key, "text");
    }
    return Setting<std::string>{node.Scalar(), {Origin::Kind::file, place(file, node)}};
}

/// Counts down the values of a file, those that an alias stands for at each place where it does. False where
/// they are too many or nested too deeply, so also where a group contains itself.
bool has_sane_size(const YAML::Node& node, int depth, std::size_t& values_left) {
    if (depth == 0 || values_left == 0) {
        return false;
    }
    --values_left;
    return std::all_of(node.begin(), node.end(), [&](const auto& entry) {
        const bool is_pair = node.IsMap();
        return is_pair ? has_sane_size(entry.first, depth - 1, values_left) &&
                             has_sane_size(entry.second, depth - 1, values_left)
                       : has_sane_size(entry, depth - 1, values_left);
    });
}

/// A key as warnings name it: one that is much longer than any that is known may be a secret in the wrong
/// place.
std::string shown_key(const std::string& key) {
    constexpr std::size_t k_longest = 32;
    constexpr std::size_t k_start = 6;
    return key.size() > k_longest ? key.substr(0, k_start) + "…" : key;
}

/// A key of the group `path`.
std::string child(const std::string& path, const std::string& key) {
    return path.empty() ? key : concat({path, ".", key});
}

/// What to do with one key of a group. An empty handler accepts the key and does nothing with it.
using Handler = std::function<Result<void>(const YAML::Node& value, const std::string& key)>;
struct Key {
    std::string_view name;
    Handler handle = {};
};

using Visit = std::function<Result<void>(const YAML::Node& key, const YAML::Node& value)>;

/// Hands each entry of a group on, in its order. Keys have no case, as the vendor tool has it, and none may
/// come twice: which one counts would be a guess. `path` is the group's own. An absent group (`key:` with
/// nothing behind it) is fine.
Result<void> each_entry(const File& file, const YAML::Node& group, const std::string& path,
                        const Visit& visit) {
    if (group.IsNull()) {
        return {};
    }
    if (!group.IsMap()) {
        return wrong_type(file, group, path.empty() ? "the file" : path, "a group of keys");
    }
    std::set<std::string> seen;
    for (const auto& entry : group) {
        if (!entry.first.IsScalar()) {
            return wrong_type(file, entry.first, concat({"a key of ", path.empty() ? "the file" : path}),
                              "text");
        }
        if (!seen.insert(fold_case(entry.first.Scalar())).second) {
            return usage_error(concat({place(file, entry.first), ": ",
                                       child(path, shown_key(entry.first.Scalar())), " comes twice"}));
        }
        if (auto done = visit(entry.first, entry.second); !done) {
            return done;
        }
    }
    return {};
}

/// Takes a key that a group does not know, where it can.
using Other = std::function<Result<bool>(const YAML::Node& key, const YAML::Node& value)>;

/// Walks a group: hands each known key to its handler, and warns of the others that `other` does not take.
Result<void> walk(File& file, const YAML::Node& group, const std::string& path, const std::vector<Key>& keys,
                  const Other& other = {}) {
    return each_entry(file, group, path, [&](const YAML::Node& key, const YAML::Node& value) -> Result<void> {
        const std::string& written = key.Scalar();
        const auto known = std::find_if(
            keys.begin(), keys.end(), [&written](const Key& each) { return each.name == to_lower(written); });
        if (known != keys.end()) {
            return known->handle ? known->handle(value, child(path, written)) : Result<void>();
        }
        if (other) {
            JIT_TRY(const bool taken, other(key, value));
            if (taken) {
                return {};
            }
        }
        if (file.owner == Owner::vendor) {
            return {};
        }
        std::vector<std::string> names;
        names.reserve(keys.size());
        for (const Key& each : keys) {
            names.emplace_back(each.name);
        }
        std::string warning =
            concat({place(file, key), ": unknown key ", child(path, shown_key(written)), " is ignored"});
        if (const auto near = nearest(written, names)) {
            warning += concat({"; did you mean ", child(path, *near), "?"});
        }
        file.warnings.push_back(std::move(warning));
        return {};
    });
}

/// A text; an empty one, and nothing at all, are none: that is how the vendor's tool writes a setting that
/// was never made.
Handler into(File& file, std::optional<Setting<std::string>>& target) {
    return [&file, &target](const YAML::Node& value, const std::string& key) -> Result<void> {
        if (value.IsNull()) {
            return {};
        }
        JIT_TRY(auto text, text_value(file, value, key));
        if (!text.value.empty()) {
            target = std::move(text);
        }
        return {};
    };
}

Handler into_flag(File& file, std::optional<Setting<bool>>& target) {
    return [&file, &target](const YAML::Node& value, const std::string& key) -> Result<void> {
        const std::string word = value.IsScalar() ? to_lower(value.Scalar()) : "";
        if (word != "true" && word != "false") {
            return usage_error(concat({place(file, value), ": ", key, " must be true or false"}));
        }
        target = Setting<bool>{word == "true", {Origin::Kind::file, place(file, value)}};
        return {};
    };
}

Handler into_secret(File& file, std::optional<Secret>& target) {
    return [&file, &target](const YAML::Node& value, const std::string& key) -> Result<void> {
        if (!value.IsScalar() && !value.IsNull()) {
            return wrong_type(file, value, key, "text");
        }
        target = Secret(value.IsNull() ? "" : value.Scalar());
        return {};
    };
}

/// Refuses a secret in the machine's file, where all who use the machine can read it.
Result<void> check_no_secret(const File& file, const YAML::Node& value, const std::string& key) {
    const bool is_there = value.IsScalar() && !value.Scalar().empty();
    if (file.owner != Owner::machine || !is_there) {
        return {};
    }
    return usage_error(concat({place(file, value), ": ", key,
                               " is a secret, and this file is for everybody who uses the machine; nothing "
                               "was sent"}),
                       "remove it there, and replace the secret in SailPoint; each person stores their own: "
                       "jit auth login");
}

/// A secret of the vendor tool's that `jit` does not use.
Handler unused_secret(File& file) {
    return [&file](const YAML::Node& value, const std::string& key) {
        return check_no_secret(file, value, key);
    };
}

Handler into_command(File& file, std::optional<CommandLine>& target) {
    return [&file, &target](const YAML::Node& value, const std::string& key) -> Result<void> {
        std::vector<std::string> words;
        if (value.IsSequence()) {
            for (const auto& word : value) {
                if (!word.IsScalar()) {
                    return wrong_type(file, word, key, "a list of words");
                }
                words.push_back(word.Scalar());
            }
        } else if (value.IsScalar()) {
            words = split_words(value.Scalar()).value_or(words);
        } else {
            return wrong_type(file, value, key, "a command line or a list of words");
        }
        if (words.empty() || words.front().empty()) {
            return usage_error(
                concat({place(file, value), ": ", key, " has no program, or a quote that is not closed"}));
        }
        target = CommandLine{std::move(words), {Origin::Kind::file, place(file, value)}};
        return {};
    };
}

/// Whether a group below an environment is one, too: the vendor tool's writer splits names at their dots, so
/// "eu.prod" stands as `prod` below `eu`, which may be an environment of its own.
bool holds_environment(const YAML::Node& node) {
    return node.IsMap() && std::any_of(node.begin(), node.end(), [](const auto& entry) {
               const std::string name = entry.first.IsScalar() ? to_lower(entry.first.Scalar()) : "";
               return name == "baseurl" || name == "tenanturl" || holds_environment(entry.second);
           });
}

/// Whether a group has nothing but environments in it: the first part of their names, and no environment.
bool is_part_of_names(const YAML::Node& node) {
    return node.IsMap() && node.size() != 0 && std::all_of(node.begin(), node.end(), [](const auto& entry) {
               return holds_environment(entry.second);
           });
}

Result<void> read_environment(File& file, const YAML::Node& name_node, const YAML::Node& node,
                              const std::string& key, const std::string& name) {
    const Other nested = [&](const YAML::Node& part, const YAML::Node& value) -> Result<bool> {
        if (!holds_environment(value)) {
            return false;
        }
        const std::string& written = part.Scalar();
        auto done = read_environment(file, part, value, child(key, written), child(name, written));
        return done ? Result<bool>(true) : std::move(done).error();
    };
    FileEnvironment environment;
    environment.name = to_lower_letters(name);
    std::optional<Secret> client_id;
    std::optional<Secret> client_secret;
    Origin pat_origin;
    const Handler client_secret_handler = [&](const YAML::Node& value,
                                              const std::string& secret_key) -> Result<void> {
        auto good = check_no_secret(file, value, secret_key);
        return good ? into_secret(file, client_secret)(value, secret_key) : good;
    };
    const Handler pat = [&](const YAML::Node& value, const std::string& pat_key) -> Result<void> {
        pat_origin = {Origin::Kind::file, place(file, value)};
        return walk(file, value, pat_key,
                    {{"clientid", into_secret(file, client_id)},
                     {"clientsecret", client_secret_handler},
                     {"accesstoken", unused_secret(file)},
                     {"expiry"}});
    };
    // `oauth` is the vendor tool's own, and not looked into but for a secret in the wrong file.
    const Handler oauth = [&file](const YAML::Node& value, const std::string& oauth_key) -> Result<void> {
        return file.owner != Owner::machine
                   ? Result<void>()
                   : each_entry(file, value, oauth_key, [&](const YAML::Node& part, const YAML::Node& entry) {
                         const std::string word = to_lower(part.Scalar());
                         const bool secret = word == "accesstoken" || word == "refreshtoken";
                         return secret ? check_no_secret(file, entry, child(oauth_key, part.Scalar()))
                                       : Result<void>();
                     });
    };
    if (auto done = walk(file, node, key,
                         {{"baseurl", into(file, environment.base_url)},
                          {"authtype", into(file, environment.auth_type)},
                          {"pat", pat},
                          {"credential_command", into_command(file, environment.command)},
                          {"client_cert", into(file, environment.client_cert)},
                          {"client_key", into(file, environment.client_key)},
                          {"confirm", into_flag(file, environment.confirm)},
                          {"tenanturl", into(file, environment.tenant_url)},
                          {"oauth", oauth}},
                         nested);
        !done || is_part_of_names(node)) {
        return done;
    }
    if (client_id && !client_id->empty()) {
        environment.client_id = Setting<Secret>{*client_id, pat_origin};
    }
    if (client_secret && !client_secret->empty()) {
        file.has_secret = true;
        if (environment.client_id) {
            environment.pat = ClientCredentials{*std::move(client_id), *std::move(client_secret), pat_origin};
        }
    }
    if (!file.environments.insert({fold_case(name), std::move(environment)}).second) {
        return usage_error(concat({place(file, name_node), ": the environment ", name, " comes twice"}));
    }
    return {};
}

/// A number of minutes.
Handler into_minutes(File& file, std::optional<Setting<long>>& target) {
    return [&file, &target](const YAML::Node& value, const std::string& key) -> Result<void> {
        const auto number = value.IsScalar()
                                ? parse_int(value.Scalar(), 1, std::numeric_limits<std::int32_t>::max())
                                : std::nullopt;
        if (!number) {
            return usage_error(
                concat({place(file, value), ": ", key, " must be a whole number of minutes, at least 1"}));
        }
        target = Setting<long>{*number, {Origin::Kind::file, place(file, value)}};
        return {};
    };
}

/// The entitlements of an alias: one, or a list.
Handler into_entitlements(File& file, Alias& alias) {
    return [&file, &alias](const YAML::Node& value, const std::string& key) -> Result<void> {
        const auto add = [&](const YAML::Node& item) -> Result<void> {
            JIT_TRY(auto text, text_value(file, item, key));
            if (trim(text.value).empty()) {
                return usage_error(concat({place(file, item), ": ", key, " names nothing"}));
            }
            alias.entitlements.push_back(std::move(text.value));
            return {};
        };
        if (!value.IsSequence()) {
            return add(value);
        }
        for (const auto& item : value) {
            if (auto done = add(item); !done) {
                return done;
            }
        }
        return {};
    };
}

/// `NAME: ENTITLEMENT`, `NAME: [ENTITLEMENT, …]`, or a group with `entitlements:`, `minutes:`, `confirm:` and
/// `ready:`.
Result<void> read_alias(File& file, const YAML::Node& name_node, const YAML::Node& node,
                        const std::string& key, const std::string& name) {
    Alias alias;
    alias.name = name;
    alias.origin = {Origin::Kind::file, place(file, name_node)};
    const Handler entitlements = into_entitlements(file, alias);
    auto done = node.IsMap() ? walk(file, node, key,
                                    {{"entitlement", entitlements},
                                     {"entitlements", entitlements},
                                     {"minutes", into_minutes(file, alias.minutes)},
                                     {"confirm", into_flag(file, alias.confirm)},
                                     {"ready", into_command(file, alias.ready)}})
                             : entitlements(node, key);
    if (done && alias.entitlements.empty()) {
        done = usage_error(concat({place(file, node), ": ", key, " names no entitlement"}));
    }
    if (done) {
        file.aliases[fold_case(name)] = std::move(alias);
    }
    return done;
}

/// A group whose keys are names that people choose: each is read by `read(file, key, value, path, name)`.
Handler named_group(File& file, Result<void> (*read)(File&, const YAML::Node&, const YAML::Node&,
                                                     const std::string&, const std::string&)) {
    return [&file, read](const YAML::Node& group, const std::string& path) -> Result<void> {
        return each_entry(file, group, path, [&](const YAML::Node& key, const YAML::Node& value) {
            return read(file, key, value, child(path, key.Scalar()), key.Scalar());
        });
    };
}

Result<void> read_document(File& file, const YAML::Node& root) {
    const Handler defaults = [&](const YAML::Node& value, const std::string& key) {
        return walk(file, value, key,
                    {{"minutes", into_minutes(file, file.default_minutes)},
                     {"output", into(file, file.default_output)},
                     {"wait", into_flag(file, file.default_wait)}});
    };
    const auto steering = [&file](Handler handler) -> Handler {
        return [&file, handler = std::move(handler)](const YAML::Node& value, const std::string& key) {
            file.steers = true;
            return handler(value, key);
        };
    };
    // Those without a handler are the vendor tool's own.
    return walk(file, root, "",
                {{"activeenvironment", steering(into(file, file.active_environment))},
                 {"environments", steering(named_group(file, read_environment))},
                 {"aliases", steering(named_group(file, read_alias))},
                 {"defaults", defaults},
                 {"authtype", steering(into(file, file.auth_type))},
                 {"debug"},
                 {"exporttemplatespath"},
                 {"reporttemplatespath"},
                 {"searchtemplatespath"},
                 {"customexporttemplatespath"},
                 {"customsearchtemplatespath"}});
}

} // namespace

Result<File> parse_file(const std::string& text, const std::string& path, Owner owner) {
    File file;
    file.path = path;
    file.owner = owner;
    // yaml-cpp reports by exceptions; this is where they end.
    try {
        const YAML::Node root = YAML::Load(text);
        std::size_t values_left = k_max_values;
        if (!has_sane_size(root, k_max_depth, values_left)) {
            return usage_error(concat({path, ": nested too deeply, or with too many values; look for an "
                                             "alias (*) in its own anchor (&)"}));
        }
        if (auto done = read_document(file, root); !done) {
            return done.error();
        }
    } catch (const YAML::Exception& problem) {
        // The words of some versions quote the line, and with it the secret that may stand there.
        const std::string line =
            problem.mark.is_null() ? "" : concat({":", std::to_string(problem.mark.line + 1)});
        return usage_error(
            concat({path, line,
                    ": not valid YAML: look for a tab, a quote or bracket that is not closed, or a "
                    "wrong indentation there or in the lines before"}));
    }
    return file;
}

} // namespace jit::config
