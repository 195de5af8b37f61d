#include "sandbox/http_message.hpp"
#include "support/catch.hpp"
#include "unit/sandbox/practice_client.hpp"

using namespace jit;
using namespace jit::sandbox;
using namespace jit::sandbox::test;

TEST_CASE("sandbox::http_message") {
    SECTION("an answer is written with its length and the date") {
        CHECK(to_wire(json_response(202, "{}"), {}, noon()) == "HTTP/1.1 202 Accepted\r\n"
                                                               "Content-Type: application/json\r\n"
                                                               "Content-Length: 2\r\n"
                                                               "Date: Tue, 24 Nov 2026 12:00:00 GMT\r\n"
                                                               "Connection: keep-alive\r\n\r\n{}");
    }
    SECTION("the answer to HEAD has no body, a 204 not even a length") {
        CHECK(
            to_wire(json_response(200, "{}"), {false, true}, noon()).ends_with("Connection: close\r\n\r\n"));
        CHECK(to_wire(Response{204, {}, {}}, {}, noon()).find("Content-Length") == std::string::npos);
    }
    SECTION("a target is split at its first question mark") {
        Request request;
        request.set_target("/a?b?c");
        CHECK(request.path == "/a");
        CHECK(request.query == "b?c");
        request.set_target("http://localhost:1/x?y");
        CHECK(request.path == "/x");
        CHECK(request.query == "y");
        request.set_target("https://localhost");
        CHECK(request.path == "/");
        CHECK(request.query.empty());
    }
}
