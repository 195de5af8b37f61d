#include "sandbox/builtin_data.hpp"
#include "sandbox/data_file.hpp"
#include "support/fakes.hpp"

#include <algorithm>
#include <set>

using namespace jit;
using namespace jit::sandbox;

namespace {

/// A whole data file, with one piece of its text replaced.
std::string file_with(const std::string& piece, const std::string& replacement) {
    std::string text = R"({
  "identities": [
    {"id": "i1", "name": "Ann", "alias": "ann",
     "pat": {"clientId": "ca700000000000000000000000000001",
             "clientSecret": "0123456789012345678901234567890123456789012345678901234567890123"}}
  ],
  "sources": [{"id": "s1", "name": "Mainframe"}],
  "connections": [
    {"id": "11111111222233334444555555555555", "identity": "ann", "source": "Mainframe",
     "account": {"id": "a1", "name": "ANN"},
     "entitlement": {"id": "e1", "name": "SYSADM", "attribute": "group", "value": "SYSADM"},
     "type": "JIT"}
  ]
})";
    const std::size_t at = text.find(piece);
    REQUIRE(at != std::string::npos);
    return text.replace(at, piece.size(), replacement);
}

std::string fault_of(const std::string& piece, const std::string& replacement) {
    const auto read = read_tenant(file_with(piece, replacement), "my.json");
    return read ? "no fault" : read.error().message;
}

} // namespace

TEST_CASE("sandbox::data_file") {
    SECTION("what may be left out has a default") {
        const auto read = read_tenant(file_with("JIT", "JIT"), "my.json");
        REQUIRE(read);
        CHECK(read->org == "practice");
        CHECK(read->identities[0].pat.scopes == std::vector<std::string>{"sp:scopes:all"});
        CHECK(read->identities[0].pat.user_context);
        const Connection& connection = read->connections.at(0);
        CHECK(connection.id.str() == "11111111-2222-3333-4444-555555555555");
        CHECK(connection.entitlement.display_name == "SYSADM");
        CHECK(connection.entitlement.privilege_level == "HIGH");
        CHECK_FALSE(connection.standalone);
        CHECK_FALSE(connection.course.frictions);
        CHECK(connection.course.provisioning_error.empty());
        CHECK(read->identities[0].levels == std::vector<std::string>{"USER"});
    }
    SECTION("a fault names the file and the place") {
        CHECK(fault_of("\"JIT\"", "\"jit\"") ==
              "my.json: connections[0].type: must be JIT, STANDING or NA, not \"jit\"");
        CHECK(fault_of("\"JIT\"", "7") == "my.json: connections[0].type: must be a string");
        CHECK(fault_of("\"type\": \"JIT\"", "\"standalone\": false") ==
              "my.json: connections[0]: member \"type\" is missing");
        CHECK(fault_of("\"type\": \"JIT\"", "\"type\": \"JIT\", \"standalon\": true") ==
              "my.json: connections[0]: unknown member \"standalon\"; did you mean \"standalone\"?");
        CHECK(fault_of("\"type\": \"JIT\"", "\"type\": \"JIT\", \"type\": \"NA\"") ==
              "my.json: connections[0]: member \"type\" is there twice");
        CHECK(fault_of("\"type\": \"JIT\"", "\"type\": \"JIT\", \"standalone\": 1") ==
              "my.json: connections[0].standalone: must be true or false");
        CHECK(fault_of("\"11111111222233334444555555555555\"", "\"1\"") ==
              "my.json: connections[0].id: must be a UUID: 32 hexadecimal digits, with or without hyphens");
        CHECK(fault_of("\"identity\": \"ann\"", "\"identity\": \"anna\"") ==
              "my.json: connections[0].identity: there is no identity with the alias \"anna\"; did you mean "
              "\"ann\"?");
        CHECK(fault_of("\"source\": \"Mainframe\"", "\"source\": \"VAX\"") ==
              "my.json: connections[0].source: there is no source with the name \"VAX\"");
        CHECK(fault_of("\"SYSADM\", \"attribute\"", "\"\", \"attribute\"") ==
              "my.json: connections[0].entitlement.name: must have 1 to 1024 bytes");
        CHECK(fault_of("\"SYSADM\", \"attribute\"", "\"a\\u001b[2J\", \"attribute\"") ==
              "my.json: connections[0].entitlement.name: must not hold control characters");
        CHECK(fault_of("{\"id\": \"a1\", \"name\": \"ANN\"}", "\"ANN\"") ==
              "my.json: connections[0].account: must be an object");
        CHECK(fault_of("\"ca700000000000000000000000000001\"", "\"short\"") ==
              "my.json: identities[0].pat: clientId must have 32 or 36 ASCII characters");
        CHECK(fault_of("\"0123456789012345", "\"012345678901234") ==
              "my.json: identities[0].pat: clientSecret must have 64 ASCII characters");
        CHECK(fault_of("123\"}}", "123\", \"scopes\": \"all\"}}") ==
              "my.json: identities[0].pat.scopes: must be an array");
        CHECK(fault_of("123\"}}", "123\", \"scopes\": [\"a\", null]}}") ==
              "my.json: identities[0].pat.scopes[1]: must be a string");
        CHECK(fault_of(
                  "{\"id\": \"s1\", \"name\": \"Mainframe\"}",
                  "{\"id\": \"s1\", \"name\": \"Mainframe\"}, {\"id\": \"s2\", \"name\": \"Mainframe\"}") ==
              "my.json: sources[1]: an earlier one has the same name, \"Mainframe\"");
    }
    SECTION("levels, frictions and errors are read, and checked") {
        const auto read = read_tenant(
            file_with("\"type\": \"JIT\"",
                      R"("type": "JIT", "frictions": true, "provisioningError": "no such group")"),
            "my.json");
        REQUIRE(read);
        CHECK(read->connections[0].course.frictions);
        CHECK(read->connections[0].course.provisioning_error == "no such group");
        const auto admin = read_tenant(
            file_with("\"alias\": \"ann\"", R"("alias": "ann", "levels": ["ORG_ADMIN"])"), "my.json");
        REQUIRE(admin);
        CHECK(admin->identities[0].levels == std::vector<std::string>{"ORG_ADMIN"});
        CHECK(fault_of("\"alias\": \"ann\"", R"("alias": "ann", "levels": ["USER", "ADMIN"])") ==
              "my.json: identities[0].levels[1]: must be USER, ORG_ADMIN or POLICY_ADMIN, not \"ADMIN\"");
        CHECK(fault_of("\"alias\": \"ann\"", R"("alias": "ann", "levels": "USER")") ==
              "my.json: identities[0].levels: must be an array");
        CHECK(fault_of("\"JIT\"", R"("JIT", "frictions": 1)") ==
              "my.json: connections[0].frictions: must be true or false");
        CHECK(fault_of("\"JIT\"", R"("JIT", "provisioningError": "")") ==
              "my.json: connections[0].provisioningError: must have 1 to 1024 bytes");
        CHECK(fault_of("\"JIT\"", R"("STANDING", "frictions": false)") ==
              "my.json: connections[0].frictions: is for connections of type JIT, not STANDING");
        CHECK(fault_of("\"JIT\"", R"("NA", "provisioningError": "x")") ==
              "my.json: connections[0].provisioningError: is for connections of type JIT, not NA");
    }
    SECTION("a syntax error names the line") {
        CHECK(fault_of("\"JIT\"}", "\"JIT\"").starts_with("my.json: line 13: "));
        const auto read = read_tenant("[]", "my.json");
        REQUIRE_FALSE(read);
        CHECK(read.error().message == "my.json: must be an object");
        CHECK(read.error().kind == ErrorKind::usage);
    }
    SECTION("no identities means nobody to log in as") {
        const auto read = read_tenant(R"({"identities": [], "sources": [], "connections": []})", "my.json");
        REQUIRE_FALSE(read);
        CHECK(read.error().message == "my.json: identities: must hold at least one identity");
    }
    SECTION("two of one alias, client ID or connection ID are refused") {
        const TenantData builtin = builtin_data();
        const auto fault = [](const TenantData& data) {
            const auto read = read_tenant(write_tenant(data), "my.json");
            return read ? "no fault" : read.error().message;
        };
        TenantData data = builtin;
        data.identities[1].alias = "Robin.Ops";
        data.connections.clear();
        CHECK(fault(data) == "my.json: identities[1]: an earlier one has the same alias, \"robin.ops\"");
        data = builtin;
        data.identities[2].pat.client_id = data.identities[0].pat.client_id;
        CHECK(fault(data).starts_with("my.json: identities[2]: an earlier one has the same clientId"));
        data = builtin;
        data.connections[4].id = data.connections[0].id;
        CHECK(fault(data).starts_with("my.json: connections[4]: an earlier one has the same id"));
    }
    SECTION("a file that cannot be read is named with the reason") {
        const test::TemporaryDirectory directory;
        const std::string file = directory.path() + "/data.json";
        const auto read = read_tenant_file(file);
        REQUIRE_FALSE(read);
        CHECK(read.error().message == "cannot read " + file + ": No such file or directory");
        CHECK_FALSE(read_tenant_file("/"));
    }
    SECTION("the printed data set reads back to itself") {
        const std::string printed = write_tenant(builtin_data());
        const auto read = read_tenant(printed, "built-in");
        REQUIRE(read);
        CHECK(write_tenant(*read) == printed);
    }
}

TEST_CASE("sandbox::builtin_data") {
    const TenantData data = builtin_data();
    SECTION("the documented connection is there") {
        CHECK(data.connections[0].id.str() == "c0ffee00-0000-4000-8000-000000000001");
        CHECK(data.connections[0].entitlement.display_name == "Prod DB Admin");
        CHECK(data.identities[data.connections[0].identity].alias == "robin.ops");
    }
    SECTION("credentials have the real length and say that they are none") {
        for (const Identity& identity : data.identities) {
            CHECK(identity.pat.client_id.size() == 32);
            CHECK(identity.pat.client_secret.size() == 64);
            CHECK(identity.pat.client_secret.starts_with("practice-only-not-a-secret-"));
        }
    }
    SECTION("an entitlement of two people is one entitlement") {
        const auto of_sam =
            std::find_if(data.connections.begin(), data.connections.end(), [&](const Connection& connection) {
                return data.identities[connection.identity].alias == "sam.other";
            });
        REQUIRE(of_sam != data.connections.end());
        CHECK(of_sam->entitlement.id == data.connections[0].entitlement.id);
        CHECK(of_sam->account.id != data.connections[0].account.id);
    }
    SECTION("the main identity has a dozen connections of all types over three sources") {
        std::set<std::size_t> sources;
        std::set<ConnectionType> types;
        int count = 0;
        for (const Connection& connection : data.connections) {
            if (connection.identity == 0) {
                sources.insert(connection.source);
                types.insert(connection.type);
                ++count;
            }
        }
        CHECK(count >= 12);
        CHECK(sources.size() == 3);
        CHECK(types.size() == 3);
    }
}
