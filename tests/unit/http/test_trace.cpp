#include "http/trace.hpp"

#include "support/fakes.hpp"
#include "util/text.hpp"

using namespace jit;

namespace {

std::string traced(const http::Request& request, int status, const std::string& body) {
    test::FakeConsole console;
    console.console.redactor().add(Secret("secretsecretsecret"), "secret");
    io::Log log(console.console);
    log.set_verbosity(io::Verbosity::debug);
    test::FakeTransport inner;
    inner.answer(status, body, {{"X-A", "1"}, {"Set-Cookie", "session=1"}});
    http::Trace trace(log);
    inner.observe(&trace);
    CHECK(inner.send(request));
    return console.err.text();
}

} // namespace

TEST_CASE("http::trace") {
    http::Request request{
        http::Method::post, "https://x/y", {{"Accept", "z"}}, Secret("tokentoken"), Secret("{}")};
    SECTION("the exchange is shown without the token") {
        CHECK(traced(request, 202, "{\"a\":1}") == "jit: debug: > POST https://x/y\n"
                                                   "jit: debug: > Accept: z\n"
                                                   "jit: debug: > Authorization: Bearer [token]\n"
                                                   "jit: debug: > {}\n"
                                                   "jit: debug: < HTTP 202\n"
                                                   "jit: debug: < X-A: 1\n"
                                                   "jit: debug: < Set-Cookie: [cookie]\n"
                                                   "jit: debug: < {\"a\":1}\n");
    }
    SECTION("an answer that holds a token is not shown") {
        request.confidential = true;
        const std::string text = traced(request, 200, R"({"access\u005ftoken":"newtokennewtoken"})");
        CHECK(text.find("newtoken") == std::string::npos);
        CHECK(text.find("< [40 bytes that hold the token]") != std::string::npos);
    }
    SECTION("but a refusal is") {
        request.confidential = true;
        CHECK(traced(request, 401, "no").find("< no\n") != std::string::npos);
    }
    SECTION("a large answer is cut, and a secret at the cut does not get out in part") {
        const std::string text = traced(
            request, 200, concat({std::string(4090, 'x'), "secretsecretsecret", std::string(900, 'y')}));
        CHECK(text.find(" bytes more]\n") != std::string::npos);
        CHECK(text.find("secretse") == std::string::npos);
    }
    SECTION("that there was no answer is shown, too") {
        test::FakeConsole console;
        io::Log log(console.console);
        log.set_verbosity(io::Verbosity::debug);
        http::Trace trace(log);
        trace.on_outcome(1, http::Failure{http::Failure::Kind::no_answer, true, "gone"});
        CHECK(console.err.text() == "jit: debug: < gone\n");
    }
}
