#include "sandbox/builtin_data.hpp"

#include "util/text.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <string>
#include <string_view>

namespace jit::sandbox {
namespace {

enum IdentityIndex : std::size_t { k_robin, k_pipeline, k_sam, k_unscoped, k_service, k_alex, k_reader };
enum SourceIndex : std::size_t { k_postgres, k_aws, k_directory };

/// A row of the table below; what it leaves out is derived from its number.
struct Row {
    unsigned number; ///< the last digits of the connection ID
    IdentityIndex identity;
    SourceIndex source;
    ConnectionType type;
    std::string_view name;
    std::string_view display_name;
    std::string_view value;
    std::string_view privilege;
    bool standalone = false;
    bool frictions = false;
    std::string_view provisioning_error = {};
};

constexpr ConnectionType k_jit = ConnectionType::jit;

// Names that differ in case only, the same name on two sources, wide and combining characters, quotes and
// backslashes, the types that cannot be activated: what tools get wrong. Then a
// policy with frictions, and provisioning that fails.
constexpr std::array<Row, 23> k_rows = {{
    {1, k_robin, k_postgres, k_jit, "pg_prod_admin", "Prod DB Admin", "pg_prod_admin", "HIGH"},
    {2, k_robin, k_postgres, k_jit, "pg_prod_read", "Reporting Reader", "pg_prod_read", "LOW"},
    {3, k_robin, k_aws, k_jit, "ReportingReader", "Reporting Reader",
     "arn:aws:iam::000000000000:role/ReportingReader", "LOW"},
    {4, k_robin, k_postgres, k_jit, "Backup Operator", "Backup Operator", "backup_operator", "MEDIUM"},
    {5, k_robin, k_postgres, k_jit, "BACKUP OPERATOR", "BACKUP OPERATOR", "BACKUP_OPERATOR_OLD", "MEDIUM"},
    {6, k_robin, k_aws, k_jit, "BreakGlassAdmin", "AWS Break-Glass Admin",
     "arn:aws:iam::000000000000:role/BreakGlassAdmin", "HIGH", true},
    {7, k_robin, k_aws, k_jit, "EksClusterAdmin", "Kubernetes Cluster Admin",
     "arn:aws:iam::000000000000:role/EksClusterAdmin", "HIGH"},
    {8, k_robin, k_directory, k_jit, "Domain Admins", "Domain Admins",
     "CN=Domain Admins,OU=Groups,DC=practice,DC=example", "HIGH"},
    {9, k_robin, k_directory, k_jit, "JP-DB-Admins",
     "\xE6\x9C\xAC\xE7\x95\xAA\xE3\x83\x87\xE3\x83\xBC\xE3\x82\xBF\xE3\x83\x99\xE3\x83\xBC\xE3\x82\xB9"
     "\xE7\xAE\xA1\xE7\x90\x86\xE8\x80\x85", // 本番データベース管理者
     "CN=JP-DB-Admins,OU=Groups,DC=practice,DC=example", "HIGH"},
    {10, k_robin, k_directory, k_jit, "Cafe-Ops", "Cafe\xCC\x81 Ops", // e and a combining acute accent
     "CN=Cafe-Ops,OU=Groups,DC=practice,DC=example", "MEDIUM"},
    {11, k_robin, k_directory, k_jit, "Tier 0", "Tier 0 \"Red\" Operators",
     "PRACTICE\\Tier 0 \"Red\" Operators", "HIGH"},
    {12, k_robin, k_directory, ConnectionType::standing, "VPN Users", "VPN Users",
     "CN=VPN Users,OU=Groups,DC=practice,DC=example", "LOW"},
    {13, k_robin, k_aws, ConnectionType::na, "LegacyBilling", "Legacy Billing",
     "arn:aws:iam::000000000000:role/LegacyBilling", "LOW"},
    {14, k_robin, k_directory, k_jit, "Payroll Approvers", "Payroll Approver",
     "CN=Payroll Approvers,OU=Groups,DC=practice,DC=example", "HIGH", false, true},
    {15, k_robin, k_aws, k_jit, "QuarantineOperator", "Quarantine Operator",
     "arn:aws:iam::000000000000:role/QuarantineOperator", "MEDIUM", false, false,
     "Upstream provisioning failed after 3 retries (503)"},
    {21, k_pipeline, k_aws, k_jit, "Deployer", "Prod Deployer", "arn:aws:iam::000000000000:role/Deployer",
     "HIGH"},
    {22, k_pipeline, k_postgres, k_jit, "pg_migrate", "Schema Migrator", "pg_migrate", "HIGH"},
    {31, k_sam, k_postgres, k_jit, "pg_prod_admin", "Prod DB Admin", "pg_prod_admin", "HIGH"},
    {41, k_unscoped, k_directory, k_jit, "Helpdesk", "Helpdesk",
     "CN=Helpdesk,OU=Groups,DC=practice,DC=example", "MEDIUM"},
    {51, k_service, k_directory, k_jit, "Print Operators", "Print Operators",
     "CN=Print Operators,OU=Groups,DC=practice,DC=example", "MEDIUM"},
    {61, k_alex, k_directory, k_jit, "Schema Admins", "Schema Admins",
     "CN=Schema Admins,OU=Groups,DC=practice,DC=example", "HIGH"},
    {62, k_alex, k_postgres, k_jit, "pg_prod_admin", "Prod DB Admin", "pg_prod_admin", "HIGH"},
    {71, k_reader, k_postgres, k_jit, "pg_prod_read", "Reporting Reader", "pg_prod_read", "LOW"},
}};

/// The number in decimal digits, with zeros before it.
std::string padded(unsigned number, std::size_t digits) {
    const std::string text = std::to_string(number);
    return std::string(digits - text.size(), '0') + text;
}

/// An identifier as the service makes them, 32 hexadecimal digits; the prefix tells what it identifies.
std::string object_id(std::string_view prefix, unsigned number) {
    return concat({prefix, padded(number, 32 - prefix.size())});
}

Identity identity(unsigned number, std::string_view name, std::string_view alias,
                  std::vector<std::string> scopes) {
    constexpr std::size_t k_secret_length = 64;
    std::string secret = concat({"practice-only-not-a-secret-", alias, "-"});
    secret.resize(k_secret_length, '0');
    return {object_id("1d", number), std::string(name), std::string(alias),
            Pat{object_id("ca7", number), std::move(secret), std::move(scopes)}};
}

Uuid connection_id(unsigned number) {
    const std::optional<Uuid> id = Uuid::parse("c0ffee00-0000-4000-8000-" + padded(number, 12));
    if (!id) {
        std::abort(); // not with at most 12 digits
    }
    return *id;
}

/// The number of the first row with the same entitlement: that is one for all who have it.
unsigned entitlement_number(const Row& row) {
    const auto* const first = std::find_if(k_rows.begin(), k_rows.end(), [&row](const Row& other) {
        return other.source == row.source && other.value == row.value;
    });
    return first->number;
}

std::string_view attribute_of(SourceIndex source) {
    switch (source) {
    case k_postgres:
        return "role";
    case k_aws:
        return "roleArn";
    case k_directory:
        break;
    }
    return "memberOf";
}

Connection connection(const Row& row, const TenantData& tenant) {
    const auto source = static_cast<unsigned>(row.source);
    const auto owner = static_cast<unsigned>(row.identity);
    Entitlement entitlement{
        object_id("e7", entitlement_number(row)),
        std::string(row.name),
        std::string(row.display_name),
        concat({row.display_name, " on ", tenant.sources[row.source].name}),
        std::string(attribute_of(row.source)),
        std::string(row.value),
        "group",
        std::string(row.privilege),
    };
    Account account{object_id("acc", owner * 10 + source + 1), tenant.identities[row.identity].alias};
    return {connection_id(row.number),
            row.identity,
            row.source,
            std::move(account),
            std::move(entitlement),
            row.type,
            row.standalone,
            Course{row.frictions, std::string(row.provisioning_error)}};
}

} // namespace

TenantData builtin_data() {
    TenantData tenant;
    tenant.org = "practice";
    tenant.pod = "sandbox";
    tenant.identities = {
        identity(1, "Robin Ops", "robin.ops", {"sp:scopes:all"}),
        identity(2, "Pipeline", "pipeline",
                 {"idn:jit-activation-workflow:activate", "idn:jit-activation-workflow:deactivate",
                  "idn:jit-activation-workflow:extend"}),
        identity(3, "Sam Other", "sam.other", {"sp:scopes:all"}),
        identity(4, "Unscoped", "unscoped", {"idn:identity:read"}),
        identity(5, "Service", "service", {"sp:scopes:all"}),
        identity(6, "Alex Admin", "alex.admin", {"sp:scopes:all"}),
        identity(7, "Reader", "reader",
                 {"idn:jit-activation-workflow:activate", "idn:jit-activation-workflow:deactivate",
                  "idn:jit-activation-workflow:extend", "idn:entitlement-connections:read"}),
    };
    tenant.identities[k_alex].levels = {"USER", "ORG_ADMIN", "POLICY_ADMIN"};
    tenant.identities[k_service].pat.user_context = false;
    tenant.sources = {
        {object_id("50", 1), "Postgres Production"},
        {object_id("50", 2), "AWS Production"},
        {object_id("50", 3), "Active Directory"},
    };
    for (const Row& row : k_rows) {
        tenant.connections.push_back(connection(row, tenant));
    }
    return tenant;
}

} // namespace jit::sandbox
