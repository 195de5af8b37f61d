#include "sandbox/generated_data.hpp"
#include "support/catch.hpp"
#include "support/thorough.hpp"
#include "unit/sandbox/practice_client.hpp"

#include <algorithm>
#include <set>

using namespace jit;
using namespace jit::sandbox;
using namespace jit::sandbox::test;
using namespace std::chrono_literals;

TEST_CASE("sandbox::connection_list of many") {
    SECTION("searchAfter leads to the end, and to each connection once") {
        const std::size_t many = jit::test::is_thorough() ? 10'500 : 1'100; // pages of 250
        PracticeClient client(with_generated_connections(builtin_data(), many), {}, 0);
        for (const std::string sorters : {"id", "-id", "source.name,id"}) {
            std::set<std::string> seen;
            std::string previous;
            std::vector<std::pair<std::string, std::string>> parameters = {{"sorters", sorters}};
            for (;;) {
                const auto response = client.list(k_my_connections, parameters);
                const auto ids = column(response, "/id");
                client.now += 1s;
                if (ids.empty()) {
                    break;
                }
                seen.insert(ids.begin(), ids.end());
                const std::string last = ids.back();
                CHECK(last != previous);
                previous = last;
                parameters = {{"sorters", sorters}};
                if (sorters.starts_with("source")) {
                    parameters.emplace_back("searchAfter", column(response, "/source/name").back());
                }
                parameters.emplace_back("searchAfter", last);
            }
            CHECK(seen.size() == many);
        }
    }
    SECTION("an offset does not lead beyond 10,000") {
        PracticeClient client(with_generated_connections(builtin_data(), 10'500), {}, 0);
        CHECK(column(client.list(k_my_connections, {{"offset", "9750"}}), "/id").size() == 250);
        const auto beyond = client.list(k_my_connections, {{"offset", "9751"}});
        CHECK(beyond.status == 400);
        CHECK(cause(beyond) == "offset and limit reach beyond 10000 rows; go on with searchAfter.");
        CHECK(header_of(client.list(k_my_connections, {{"limit", "0"}, {"count", "true"}}),
                        "X-Total-Count") == "10500");
    }
}

TEST_CASE("sandbox::generated_data") {
    const TenantData small = with_generated_connections(builtin_data(), 10);
    const std::ptrdiff_t many = jit::test::is_thorough() ? 100'000 : 5'000;
    const TenantData large = with_generated_connections(builtin_data(), static_cast<std::size_t>(many));

    SECTION("the main identity has that many, and the others what they had") {
        const auto own = [](const TenantData& data) {
            return std::count_if(data.connections.begin(), data.connections.end(),
                                 [](const Connection& connection) { return connection.identity == 0; });
        };
        CHECK(own(small) == 10);
        CHECK(own(large) == many);
        CHECK(small.connections.size() - 10 == large.connections.size() - static_cast<std::size_t>(many));
    }
    SECTION("IDs are unique, the same each time, and in no order") {
        std::set<std::string> ids;
        for (const Connection& connection : large.connections) {
            ids.insert(connection.id.str());
        }
        CHECK(ids.size() == large.connections.size());
        CHECK(small.connections.back().id == large.connections[small.connections.size() - 1].id);
        std::vector<std::string> in_order;
        for (const Connection& connection : small.connections) {
            if (connection.identity == 0) {
                in_order.push_back(connection.id.str());
            }
        }
        CHECK_FALSE(std::is_sorted(in_order.begin(), in_order.end()));
    }
    SECTION("they can be activated") {
        PracticeClient client(small, {}, 0);
        CHECK(client.activate(small.connections.back().id.str(), 60).status == 202);
    }
}
