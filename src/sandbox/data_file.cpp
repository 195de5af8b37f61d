#include "sandbox/data_file.hpp"

#include "sandbox/data_reader.hpp"
#include "sandbox/http_message.hpp"
#include "util/text.hpp"

#include <rapidjson/prettywriter.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <memory>
#include <set>
#include <system_error>

namespace jit::sandbox {
namespace {

constexpr std::size_t k_secret_length = 64;

/// The JSON words for connection types, in the order of the enumeration.
constexpr std::array<ConnectionType, 3> k_types = {ConnectionType::jit, ConnectionType::standing,
                                                   ConnectionType::na};

/// The user levels of the API.
const std::vector<std::string> k_levels = {"USER", "ORG_ADMIN", "POLICY_ADMIN"};

bool is_graphic(const std::string& text) {
    return std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < '\x7f'; });
}

Result<Pat> read_pat(const DataNode& node) {
    if (auto checked = node.expect_object({"clientId", "clientSecret", "scopes", "userContext"}); !checked) {
        return std::move(checked).error();
    }
    Pat pat;
    JIT_TRY(pat.client_id, node.text("clientId"));
    if ((pat.client_id.size() != 32 && pat.client_id.size() != 36) || !is_graphic(pat.client_id)) {
        return node.fault("clientId must have 32 or 36 ASCII characters");
    }
    JIT_TRY(pat.client_secret, node.text("clientSecret"));
    if (pat.client_secret.size() != k_secret_length || !is_graphic(pat.client_secret)) {
        return node.fault("clientSecret must have 64 ASCII characters");
    }
    JIT_TRY(pat.user_context, node.boolean_or("userContext", true));
    if (const auto scopes = node.optional_member("scopes")) {
        JIT_TRY(const std::vector<DataNode> items, scopes->items());
        for (const DataNode& item : items) {
            JIT_TRY(std::string scope, item.text());
            pat.scopes.push_back(std::move(scope));
        }
    } else {
        pat.scopes = {"sp:scopes:all"};
    }
    return pat;
}

Result<std::vector<std::string>> read_levels(const DataNode& node) {
    JIT_TRY(const std::vector<DataNode> items, node.items());
    std::vector<std::string> levels;
    for (const DataNode& item : items) {
        JIT_TRY(std::string level, item.text());
        if (std::find(k_levels.begin(), k_levels.end(), level) == k_levels.end()) {
            return item.fault(concat({"must be USER, ORG_ADMIN or POLICY_ADMIN, not \"", level, "\""}));
        }
        levels.push_back(std::move(level));
    }
    return levels;
}

Result<Identity> read_identity(const DataNode& node) {
    if (auto checked = node.expect_object({"id", "name", "alias", "levels", "pat"}); !checked) {
        return std::move(checked).error();
    }
    Identity identity;
    JIT_TRY(identity.id, node.text("id"));
    JIT_TRY(identity.name, node.text("name"));
    JIT_TRY(identity.alias, node.text("alias"));
    if (const auto levels = node.optional_member("levels")) {
        JIT_TRY(identity.levels, read_levels(*levels));
    }
    JIT_TRY(const DataNode pat, node.member("pat"));
    JIT_TRY(identity.pat, read_pat(pat));
    return identity;
}

Result<Source> read_source(const DataNode& node) {
    if (auto checked = node.expect_object({"id", "name"}); !checked) {
        return std::move(checked).error();
    }
    Source source;
    JIT_TRY(source.id, node.text("id"));
    JIT_TRY(source.name, node.text("name"));
    return source;
}

Result<Account> read_account(const DataNode& node) {
    if (auto checked = node.expect_object({"id", "name"}); !checked) {
        return std::move(checked).error();
    }
    Account account;
    JIT_TRY(account.id, node.text("id"));
    JIT_TRY(account.name, node.text("name"));
    return account;
}

Result<Entitlement> read_entitlement(const DataNode& node) {
    if (auto checked = node.expect_object({"id", "name", "displayName", "description", "attribute", "value",
                                           "sourceSchemaObjectType", "privilegeLevel"});
        !checked) {
        return std::move(checked).error();
    }
    Entitlement entitlement;
    JIT_TRY(entitlement.id, node.text("id"));
    JIT_TRY(entitlement.name, node.text("name"));
    JIT_TRY(entitlement.display_name, node.text_or("displayName", entitlement.name));
    JIT_TRY(entitlement.description, node.text_or("description", entitlement.display_name));
    JIT_TRY(entitlement.attribute, node.text("attribute"));
    JIT_TRY(entitlement.value, node.text("value"));
    JIT_TRY(entitlement.source_schema_object_type, node.text_or("sourceSchemaObjectType", "group"));
    JIT_TRY(entitlement.privilege_level, node.text_or("privilegeLevel", "HIGH"));
    return entitlement;
}

Result<ConnectionType> read_type(const DataNode& node) {
    JIT_TRY(const std::string word, node.text());
    const auto type =
        std::find_if(k_types.begin(), k_types.end(), [&](ConnectionType t) { return name_of(t) == word; });
    if (type == k_types.end()) {
        return node.fault(concat({"must be JIT, STANDING or NA, not \"", word, "\""}));
    }
    return *type;
}

Result<Course> read_course(const DataNode& node, ConnectionType type) {
    Course course;
    for (const std::string_view name : {"frictions", "provisioningError"}) {
        if (const auto member = node.optional_member(name); member && type != ConnectionType::jit) {
            return member->fault(concat({"is for connections of type JIT, not ", name_of(type)}));
        }
    }
    JIT_TRY(course.frictions, node.boolean_or("frictions", false));
    if (const auto error = node.optional_member("provisioningError")) {
        JIT_TRY(course.provisioning_error, error->text());
    }
    return course;
}

/// The index of the item with that name, among those read already.
template <typename Item, typename Name>
Result<std::size_t> refer(const DataNode& node, const std::vector<Item>& items, Name Item::*name,
                          std::string_view what) {
    JIT_TRY(const std::string wanted, node.text());
    std::vector<std::string> names;
    for (std::size_t i = 0; i < items.size(); ++i) {
        if (items[i].*name == wanted) {
            return i;
        }
        names.push_back(items[i].*name);
    }
    const std::optional<std::string> meant = nearest(wanted, names);
    return node.fault(
        meant ? concat({"there is no ", what, " \"", wanted, "\"; did you mean \"", *meant, "\"?"})
              : concat({"there is no ", what, " \"", wanted, "\""}));
}

Result<Connection> read_connection(const DataNode& node, const TenantData& tenant) {
    if (auto checked = node.expect_object({"id", "identity", "source", "account", "entitlement", "type",
                                           "standalone", "frictions", "provisioningError"});
        !checked) {
        return std::move(checked).error();
    }
    JIT_TRY(const DataNode id_node, node.member("id"));
    JIT_TRY(const std::string id_text, id_node.text());
    const std::optional<Uuid> id = Uuid::parse(id_text);
    if (!id) {
        return id_node.fault("must be a UUID: 32 hexadecimal digits, with or without hyphens");
    }
    JIT_TRY(const DataNode identity, node.member("identity"));
    JIT_TRY(const std::size_t identity_index,
            refer(identity, tenant.identities, &Identity::alias, "identity with the alias"));
    JIT_TRY(const DataNode source, node.member("source"));
    JIT_TRY(const std::size_t source_index,
            refer(source, tenant.sources, &Source::name, "source with the name"));
    JIT_TRY(const DataNode account_node, node.member("account"));
    JIT_TRY(Account account, read_account(account_node));
    JIT_TRY(const DataNode entitlement_node, node.member("entitlement"));
    JIT_TRY(Entitlement entitlement, read_entitlement(entitlement_node));
    Connection connection{*id, identity_index, source_index, std::move(account), std::move(entitlement)};
    JIT_TRY(const DataNode type, node.member("type"));
    JIT_TRY(connection.type, read_type(type));
    JIT_TRY(connection.standalone, node.boolean_or("standalone", false));
    JIT_TRY(connection.course, read_course(node, connection.type));
    return connection;
}

/// Notes a key; fails when an earlier item has it too.
Result<void> claim(std::set<std::string>& taken, const DataNode& node, std::string_view what,
                   const std::string& key) {
    if (!taken.insert(key).second) {
        return node.fault(concat({"an earlier one has the same ", what, ", \"", key, "\""}));
    }
    return {};
}

Result<TenantData> read_root(const DataNode& root) {
    if (auto checked = root.expect_object({"org", "pod", "identities", "sources", "connections"}); !checked) {
        return std::move(checked).error();
    }
    TenantData tenant;
    JIT_TRY(tenant.org, root.text_or("org", "practice"));
    JIT_TRY(tenant.pod, root.text_or("pod", "sandbox"));

    JIT_TRY(const DataNode identities, root.member("identities"));
    JIT_TRY(const std::vector<DataNode> identity_nodes, identities.items());
    if (identity_nodes.empty()) {
        return identities.fault("must hold at least one identity");
    }
    std::set<std::string> aliases;
    std::set<std::string> clients;
    for (const DataNode& node : identity_nodes) {
        JIT_TRY(Identity identity, read_identity(node));
        if (auto free = claim(aliases, node, "alias", to_lower(identity.alias)); !free) {
            return std::move(free).error();
        }
        if (auto free = claim(clients, node, "clientId", identity.pat.client_id); !free) {
            return std::move(free).error();
        }
        tenant.identities.push_back(std::move(identity));
    }

    JIT_TRY(const DataNode sources, root.member("sources"));
    JIT_TRY(const std::vector<DataNode> source_nodes, sources.items());
    std::set<std::string> source_names;
    for (const DataNode& node : source_nodes) {
        JIT_TRY(Source source, read_source(node));
        if (auto free = claim(source_names, node, "name", source.name); !free) {
            return std::move(free).error();
        }
        tenant.sources.push_back(std::move(source));
    }

    JIT_TRY(const DataNode connections, root.member("connections"));
    JIT_TRY(const std::vector<DataNode> connection_nodes, connections.items());
    std::set<std::string> ids;
    for (const DataNode& node : connection_nodes) {
        JIT_TRY(Connection connection, read_connection(node, tenant));
        if (auto free = claim(ids, node, "id", connection.id.str()); !free) {
            return std::move(free).error();
        }
        tenant.connections.push_back(std::move(connection));
    }
    return tenant;
}

using PrettyWriter = rapidjson::PrettyWriter<rapidjson::StringBuffer>;

void put_texts(PrettyWriter& writer, const std::vector<std::string>& texts) {
    writer.StartArray();
    for (const std::string& text : texts) {
        put(writer, text);
    }
    writer.EndArray();
}

void write_identity(PrettyWriter& writer, const Identity& identity) {
    writer.StartObject();
    put(writer, "id", identity.id);
    put(writer, "name", identity.name);
    put(writer, "alias", identity.alias);
    put_key(writer, "levels");
    put_texts(writer, identity.levels);
    put_key(writer, "pat");
    writer.StartObject();
    put(writer, "clientId", identity.pat.client_id);
    put(writer, "clientSecret", identity.pat.client_secret);
    put_key(writer, "scopes");
    put_texts(writer, identity.pat.scopes);
    put_key(writer, "userContext");
    writer.Bool(identity.pat.user_context);
    writer.EndObject();
    writer.EndObject();
}

void write_connection(PrettyWriter& writer, const TenantData& tenant, const Connection& connection) {
    writer.StartObject();
    put(writer, "id", connection.id.str());
    put(writer, "identity", tenant.identities[connection.identity].alias);
    put(writer, "source", tenant.sources[connection.source].name);
    put_key(writer, "account");
    writer.StartObject();
    put(writer, "id", connection.account.id);
    put(writer, "name", connection.account.name);
    writer.EndObject();
    const Entitlement& entitlement = connection.entitlement;
    put_key(writer, "entitlement");
    writer.StartObject();
    put(writer, "id", entitlement.id);
    put(writer, "name", entitlement.name);
    put(writer, "displayName", entitlement.display_name);
    put(writer, "description", entitlement.description);
    put(writer, "attribute", entitlement.attribute);
    put(writer, "value", entitlement.value);
    put(writer, "sourceSchemaObjectType", entitlement.source_schema_object_type);
    put(writer, "privilegeLevel", entitlement.privilege_level);
    writer.EndObject();
    put(writer, "type", name_of(connection.type));
    put_key(writer, "standalone");
    writer.Bool(connection.standalone);
    if (connection.course.frictions) {
        put_key(writer, "frictions");
        writer.Bool(true);
    }
    if (!connection.course.provisioning_error.empty()) {
        put(writer, "provisioningError", connection.course.provisioning_error);
    }
    writer.EndObject();
}

} // namespace

Result<TenantData> read_tenant(std::string_view json, const std::string& name) {
    const auto document = parse_json(json);
    if (!document) {
        const std::string_view before = json.substr(0, document.error().offset);
        const auto line = std::count(before.begin(), before.end(), '\n') + 1;
        return usage_error(concat({name, ": line ", std::to_string(line), ": ", document.error().message}));
    }
    return read_root(DataNode(*document, {}, name));
}

Result<TenantData> read_tenant_file(const std::string& path) {
    const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "rbe"), std::fclose);
    std::string content;
    std::array<char, 1U << 16U> part{};
    std::size_t size = 1;
    while (file && size > 0) {
        size = std::fread(part.data(), 1, part.size(), file.get());
        content.append(part.data(), size);
    }
    if (!file || std::ferror(file.get()) != 0) {
        return usage_error(concat({"cannot read ", path, ": ", std::generic_category().message(errno)}));
    }
    return read_tenant(content, path);
}

std::string write_tenant(const TenantData& tenant) {
    rapidjson::StringBuffer buffer;
    PrettyWriter writer(buffer);
    writer.SetIndent(' ', 2);
    writer.StartObject();
    put(writer, "org", tenant.org);
    put(writer, "pod", tenant.pod);
    put_key(writer, "identities");
    writer.StartArray();
    for (const Identity& identity : tenant.identities) {
        write_identity(writer, identity);
    }
    writer.EndArray();
    put_key(writer, "sources");
    writer.StartArray();
    for (const Source& source : tenant.sources) {
        writer.StartObject();
        put(writer, "id", source.id);
        put(writer, "name", source.name);
        writer.EndObject();
    }
    writer.EndArray();
    put_key(writer, "connections");
    writer.StartArray();
    for (const Connection& connection : tenant.connections) {
        write_connection(writer, tenant, connection);
    }
    writer.EndArray();
    writer.EndObject();
    return text_of(buffer) + "\n";
}

} // namespace jit::sandbox
