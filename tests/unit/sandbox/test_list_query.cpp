#include "sandbox/list_query.hpp"
#include "support/catch.hpp"
#include "unit/sandbox/practice_client.hpp"

using namespace jit;
using namespace jit::sandbox;
using namespace jit::sandbox::test;

namespace {

const std::vector<Field> k_fields = {
    {"id", FieldKind::text, k_no_operator, true}, {"name", FieldKind::text, k_naming, true},
    {"state", FieldKind::word, k_naming, false},  {"on", FieldKind::boolean, k_identifying, true},
    {"at", FieldKind::time, k_ordering, true},
};

Result<ListQuery, Response> read(const std::string& query) {
    return read_list_query({"GET", "/", query, {}, "", 1}, k_fields, Sorter{4, true});
}

std::string fault(const std::string& query) {
    const auto read_query = read(query);
    if (read_query) {
        return "no fault";
    }
    CHECK(read_query.error().status == 400);
    return cause(read_query.error());
}

std::string filter_fault(const std::string& filter) {
    return fault("filters=" + percent_encode(filter));
}

/// Whether a value of the field meets the filter.
bool met(const std::string& filter, const FieldValue& value) {
    const auto query = read("filters=" + percent_encode(filter));
    REQUIRE(query);
    const Condition& condition = query->conditions.at(0);
    return meets(value, condition, k_fields[condition.field].kind);
}

FieldValue text(std::string_view value) {
    return value;
}

FieldValue time(std::string_view value) {
    return *parse_rfc3339(value);
}

} // namespace

TEST_CASE("sandbox::list_query numbers") {
    SECTION("without parameters it is the first 250 rows") {
        const auto query = read("unknown=1");
        REQUIRE(query);
        CHECK(query->limit == 250);
        CHECK(query->offset == 0);
        CHECK_FALSE(query->count);
        CHECK(query->conditions.empty());
        CHECK(query->after.empty());
        REQUIRE(query->sorters.size() == 1);
        CHECK(query->sorters[0].field == 4);
        CHECK(query->sorters[0].descending);
    }
    SECTION("limit, offset and count have their bounds") {
        CHECK(read("limit=0")->limit == 0);
        CHECK(read("limit=250&offset=9750")->offset == 9750);
        CHECK(read("limit=0&offset=10000")->offset == 10000);
        CHECK(read("count=true")->count);
        CHECK_FALSE(read("count=false")->count);
        CHECK(fault("limit=251") == "limit must be a whole number from 0 to 250, not \"251\".");
        CHECK(fault("limit=-1") == "limit must be a whole number from 0 to 250, not \"-1\".");
        CHECK(fault("limit=x") == "limit must be a whole number from 0 to 250, not \"x\".");
        CHECK(fault("offset=10001") == "offset must be a whole number from 0 to 10000, not \"10001\".");
        CHECK(fault("limit=1&limit=2") == "limit must not be repeated.");
        CHECK(fault("count=yes") == "count must be true or false, not \"yes\".");
    }
    SECTION("the window ends at row 10,000") {
        CHECK(fault("offset=9751") == "offset and limit reach beyond 10000 rows; go on with searchAfter.");
        CHECK(fault("limit=1&offset=10000") ==
              "offset and limit reach beyond 10000 rows; go on with searchAfter.");
    }
}

TEST_CASE("sandbox::list_query sorters") {
    SECTION("they name fields, with a minus for descending order") {
        const auto query = read("sorters=-name,id");
        REQUIRE(query);
        REQUIRE(query->sorters.size() == 2);
        CHECK(query->sorters[0].field == 1);
        CHECK(query->sorters[0].descending);
        CHECK(query->sorters[1].field == 0);
        CHECK_FALSE(query->sorters[1].descending);
    }
    SECTION("other fields are refused") {
        CHECK(fault("sorters=nam") == "sorters: \"nam\" is not a field to sort by.");
        CHECK(fault("sorters=state") == "sorters: \"state\" is not a field to sort by.");
        CHECK(fault("sorters=name,") == "sorters: \"\" is not a field to sort by.");
        CHECK(fault("sorters=--name") == "sorters: \"-name\" is not a field to sort by.");
        CHECK(fault("sorters=name%20desc") == "sorters: \"name desc\" is not a field to sort by.");
    }
    SECTION("searchAfter has a value for each, in one parameter or in several") {
        const auto once = read("sorters=name,id&searchAfter=a%20b,c");
        REQUIRE(once);
        CHECK(once->after == std::vector<OwnValue>{std::string("a b"), std::string("c")});
        const auto twice = read("sorters=name,id&searchAfter=a,b&searchAfter=c");
        REQUIRE(twice);
        CHECK(twice->after == std::vector<OwnValue>{std::string("a,b"), std::string("c")});
        const auto typed = read("sorters=on,at&searchAfter=true,2026-01-01T01:00:00%2B01:00");
        REQUIRE(typed);
        CHECK(typed->after == std::vector<OwnValue>{true, *parse_rfc3339("2026-01-01T00:00:00Z")});
        CHECK(read("sorters=at,id&searchAfter=,x")->after ==
              std::vector<OwnValue>{OwnValue(), std::string("x")});
    }
    SECTION("searchAfter that does not fit is refused") {
        CHECK(fault("sorters=name,id&searchAfter=a") == "searchAfter has 1 values, but there are 2 sorters.");
        CHECK(fault("searchAfter=a") == "searchAfter has 1 values, but there are 0 sorters.");
        CHECK(fault("sorters=at&searchAfter=yesterday") ==
              "searchAfter: \"at\" takes a date and time as RFC 3339 has them.");
        CHECK(fault("sorters=id&searchAfter=a&offset=1") == "offset must be 0 with searchAfter.");
    }
}

TEST_CASE("sandbox::list_query filters") {
    SECTION("only the fields and operators of the list") {
        CHECK(filter_fault(R"(id eq "a")") == "filters: \"id\" is not a field to filter by.");
        CHECK(filter_fault(R"(nonsense eq "a")") == "filters: \"nonsense\" is not a field to filter by.");
        CHECK(filter_fault(R"(name gt "a")") == "filters: \"name\" does not take the operator \"gt\".");
        CHECK(filter_fault(R"(name sw "a")") == "filters: \"name\" does not take the operator \"sw\".");
        CHECK(filter_fault(R"(name EQ "a")") == "filters: \"name\" does not take the operator \"EQ\".");
        CHECK(filter_fault(R"(at eq "2026-01-01T00:00:00Z")") ==
              "filters: \"at\" does not take the operator \"eq\".");
        CHECK(filter_fault(R"(name eq a)") == "filters: \"name\" takes a text in double quotes.");
        CHECK(filter_fault(R"(on eq "true")") == "filters: \"on\" takes true or false, without quotes.");
        CHECK(filter_fault(R"(on eq yes)") == "filters: \"on\" takes true or false, without quotes.");
        CHECK(filter_fault(R"(at gt "today")") ==
              "filters: \"at\" takes a date and time as RFC 3339 has them.");
        CHECK(fault("filters=name%20eq%20%22a%22&filters=x") == "filters must not be repeated.");
    }
    SECTION("bad syntax is told with its place") {
        const auto query = read("filters=name%20eq");
        REQUIRE_FALSE(query);
        CHECK(json_at(query.error().body, "/detailCode") == "400.0 Bad Request Syntax");
        CHECK(cause(query.error()) == "filters: expected a value at character 8.");
    }
    SECTION("eq and in are exact") {
        CHECK(met(R"(name eq "Backup")", text("Backup")));
        CHECK_FALSE(met(R"(name eq "Backup")", text("BACKUP")));
        CHECK(met(R"(name in ("a","b"))", text("b")));
        CHECK_FALSE(met(R"(name in ("a","b"))", text("B")));
        CHECK(met("on eq true", true));
        CHECK_FALSE(met("on in (true)", false));
    }
    SECTION("words and parts compare without regard to case") {
        CHECK(met(R"(state eq "available")", text("Available")));
        CHECK(met(R"(state in ("x","AVAILABLE"))", text("Available")));
        CHECK(met(R"(name co "CKUP")", text("Backup")));
        CHECK(met(R"(name co "")", text("Backup")));
        CHECK_FALSE(met(R"(name co "cku p")", text("Backup")));
    }
    SECTION("times compare as instants") {
        CHECK(met(R"(at gt "2026-01-01T00:00:00Z")", time("2026-01-01T00:00:00.001Z")));
        CHECK_FALSE(met(R"(at gt "2026-01-01T01:00:00+01:00")", time("2026-01-01T00:00:00Z")));
        CHECK(met(R"(at ge "2026-01-01T01:00:00+01:00")", time("2026-01-01T00:00:00Z")));
        CHECK(met("at lt 2026-01-01T00:00:00-01:00", time("2026-01-01T00:59:59Z")));
        CHECK(met(R"(at le "2026-01-01T00:00:00Z")", time("2026-01-01T00:00:00Z")));
        CHECK_FALSE(met(R"(at lt "2026-01-01T00:00:00Z")", time("2026-01-01T00:00:00Z")));
    }
    SECTION("null meets nothing") {
        CHECK_FALSE(met(R"(at lt "2026-01-01T00:00:00Z")", FieldValue()));
        CHECK_FALSE(met(R"(at ge "2026-01-01T00:00:00Z")", FieldValue()));
        CHECK_FALSE(met(R"(name co "")", FieldValue()));
    }
}

TEST_CASE("sandbox::list_query order") {
    CHECK(compare(text("a"), text("b"), false) < 0);
    CHECK(compare(text("a"), text("b"), true) > 0);
    CHECK(compare(text("a"), text("a"), true) == 0);
    CHECK(compare(text("B"), text("a"), false) < 0);
    CHECK(compare(false, true, false) < 0);
    SECTION("null comes last, in either direction") {
        CHECK(compare(FieldValue(), text("a"), false) > 0);
        CHECK(compare(FieldValue(), text("a"), true) > 0);
        CHECK(compare(text("a"), FieldValue(), true) < 0);
        CHECK(compare(FieldValue(), FieldValue(), true) == 0);
    }
}
