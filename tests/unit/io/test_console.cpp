#include "io/console.hpp"

#include "io/log.hpp"
#include "support/fakes.hpp"

using namespace jit;
using test::variables;

TEST_CASE("io::redactor") {
    io::Redactor redactor;
    redactor.add(Secret("s3cret/with+signs"), "client secret");
    redactor.add(Secret("tokentoken"), "token");
    redactor.add(Secret("short"), "short");
    SECTION("a secret is replaced in any place, also percent-encoded") {
        CHECK(redactor.apply("a=s3cret/with+signs&b=s3cret%2Fwith%2Bsigns&tokentokentokentoken") ==
              "a=[client secret]&b=[client secret]&[token][token]");
    }
    SECTION("where one secret is part of another, nothing of the longer one is left") {
        redactor.add(Secret("tokentoken.and.more"), "longer");
        CHECK(redactor.apply("tokentoken.and.more tokentoken") == "[longer] [token]");
    }
    SECTION("also as JSON writes it") {
        redactor.add(Secret("quote\"back\\slash"), "quoted");
        CHECK(redactor.apply("{\"echo\":\"quote\\\"back\\\\slash\"} quote\"back\\slash") ==
              "{\"echo\":\"[quoted]\"} [quoted]");
    }
    SECTION("with any of its characters escaped, in every mixture") {
        for (const char* const text :
             {"s3cret\\/with+signs", "s3cret\\u002fwith\\u002Bsigns", "%733cret/with%2bsigns",
              "s3cret%2fwith+signs", "\\u0073%33cret\\/with%2Bsigns", "s3cret%2Fwith\\u002bsigns",
              "s3cret\\\\u002fwith+signs", "s3cret%252Fwith+signs"}) {
            CHECK(redactor.apply(std::string("a ") + text + " % \\ z") == "a [client secret] % \\ z");
        }
        CHECK(redactor.apply("\\u12 %4 %zz \\u002") == "\\u12 %4 %zz \\u002");
    }
    SECTION("percent-encoded or escaped, whatever stands just before it") {
        redactor.add(Secret("41%cdef\"gh"), "digits");
        CHECK(redactor.apply("%41%25cdef%22gh %41%cdef\"gh \\41%cdef\\\"gh") ==
              "%[digits] %[digits] \\[digits]");
    }
    SECTION("in base64, whatever stands before it and after it") {
        // base64 of "s3cret/with+signs", "a:s3cret/with+signs!", "ab:s3cret/with+signs",
        // "abcd:s3cret/with+signs"
        for (const char* const text : {"czNjcmV0L3dpdGgrc2lnbnM=", "YTpzM2NyZXQvd2l0aCtzaWducyE=",
                                       "YWI6czNjcmV0L3dpdGgrc2lnbnM=", "YWJjZDpzM2NyZXQvd2l0aCtzaWducw=="}) {
            const std::string shown = redactor.apply(std::string("Basic ") + text);
            CHECK(shown.find("[client secret]") != std::string::npos);
            CHECK(shown.size() < sizeof("Basic ") + 4 + sizeof("[client secret]") + 8);
        }
        redactor.add(Secret("\xFB\xEF\xBE\xFB\xEF\xBE\xFB\xEF\xBE"), "bytes");
        CHECK(redactor.apply("++++++++++++ ------------") == "[bytes] [bytes]");
    }
    SECTION("where it was cut short, if enough of it is left") {
        CHECK(redactor.apply("x s3cret/w… s3cret/with+sign…") == "x [client secret]… [client secret]…");
        CHECK(redactor.apply("s3cret/… s3cret/w. tokentoke") == "s3cret/… s3cret/w. tokentoke");
    }
    SECTION("where two overlap, all of both goes") {
        redactor.add(Secret("token-and-tail"), "tail");
        CHECK(redactor.apply("<tokentoken-and-tail>") == "<[token]>");
    }
    SECTION("a text too short to be a secret is not taken for one") {
        CHECK(redactor.apply("short") == "short");
    }
}

TEST_CASE("io::console") {
    test::FakeConsole fake;
    fake.console.redactor().add(Secret("tokentoken"), "token");
    SECTION("results go to stdout, messages to stderr, both without secrets") {
        REQUIRE(fake.console.result("{\"echo\":\"tokentoken\"}\n"));
        fake.console.message("Bearer tokentoken\n");
        CHECK(fake.out.text() == "{\"echo\":\"[token]\"}\n");
        CHECK(fake.err.text() == "Bearer [token]\n");
    }
    SECTION("a run of blanks cannot push what follows to where another line would begin") {
        CHECK(fake.console.safe("denied" + std::string(70, ' ') + "jit: done") == "denied  jit: done");
        CHECK(fake.console.safe("a\t\r\n\t\u00A0\u2003\u3000\u2800\u3164b") == "a  b");
        CHECK(fake.console.safe("ID  name") == "ID  name");
    }
    SECTION("a result that cannot be written is an error") {
        io::FdStream closed(-1);
        io::Console console(closed, fake.err, {}, {});
        const auto done = console.result("x");
        REQUIRE_FALSE(done);
        CHECK(done.error().kind == ErrorKind::internal);
        CHECK(done.error().message.find("Bad file descriptor") != std::string::npos);
    }
}

TEST_CASE("io::log keeps back what a script gets in an error") {
    test::FakeConsole fake;
    io::Log log(fake.console);
    SECTION("what is kept back is shown when it is released, and later lines at once") {
        log.hold();
        log.warn("first");
        log.note("second");
        CHECK(fake.err.text().empty());
        log.release();
        CHECK(fake.err.text() == "jit: warning: first\njit: second\n");
        log.warn("third");
        CHECK(fake.err.text() == "jit: warning: first\njit: second\njit: warning: third\n");
    }
    SECTION("or handed over, and then it is not shown") {
        log.hold();
        log.warn("first");
        CHECK(log.take_held() == std::vector<std::string>{"first"});
        log.release();
        CHECK(fake.err.text().empty());
    }
    SECTION("what nobody wants to hear is not kept") {
        log.set_verbosity(io::Verbosity::quiet);
        log.hold();
        log.warn("first");
        CHECK(log.take_held().empty());
    }
}

TEST_CASE("io::console shows progress") {
    const io::Device good{true, 80, 24, true};
    const io::Device dumb{true, 80, 24, false};
    const auto show = [](test::FakeConsole& fake) {
        for (const char* const text : {"| work, 1 s", "/ work, 2 s", "/ work, 2 s"}) {
            fake.console.progress(text, "work");
        }
        fake.console.progress("- more, 3 s", "more");
        fake.console.message("done\n");
        return fake.err.text();
    };
    SECTION("in place, where the terminal can") {
        test::FakeConsole fake({}, good);
        CHECK(show(fake) == "\r\x1b[K| work, 1 s\r\x1b[K/ work, 2 s\r\x1b[K- more, 3 s\r\x1b[Kdone\n");
    }
    SECTION("a line for each new thing, where it cannot") {
        test::FakeConsole fake({}, dumb);
        CHECK(show(fake) == "work\nmore\ndone\n");
    }
    SECTION("not at all away from terminals") {
        test::FakeConsole fake;
        CHECK(show(fake) == "done\n");
    }
}

TEST_CASE("io::console keeps to the characters of the locale") {
    test::FakeConsole fake;
    io::Console console(fake.out, fake.err, {}, {}, io::Charset::ascii);
    REQUIRE(console.result("Caf\u00e9\n"));
    REQUIRE(console.result("\"Caf\u00e9\"\n", io::Form::json));
    REQUIRE(console.result("Caf\u00e9\n", io::Form::raw));
    console.message("Caf\u00e9\n");
    CHECK(fake.out.text() == "Cafe\n\"Caf\\u00e9\"\nCaf\u00e9\n");
    CHECK(fake.err.text() == "Cafe\n");
    using io::Charset;
    CHECK(io::charset_of(variables({{"LANG", "en_US.UTF-8"}})) == Charset::utf8);
    CHECK(io::charset_of(variables({{"LC_CTYPE", "C.utf8"}, {"LANG", "C"}})) == Charset::utf8);
    CHECK(io::charset_of(variables({{"LC_ALL", ""}, {"LANG", "de_DE.UTF-8@euro"}})) == Charset::utf8);
    CHECK(io::charset_of(variables({{"LC_ALL", "C"}, {"LANG", "en_US.UTF-8"}})) == Charset::ascii);
    CHECK(io::charset_of(variables({{"LANG", "de_DE.ISO-8859-1"}})) == Charset::ascii);
    CHECK(io::charset_of(variables({})) == Charset::ascii);
}

TEST_CASE("io::use_color") {
    const io::Device terminal{true, 80};
    const io::Device pipe{};
    using io::ColorMode;
    CHECK(io::use_color(ColorMode::automatic, terminal, variables({{"TERM", "xterm"}})));
    CHECK_FALSE(io::use_color(ColorMode::automatic, pipe, variables({{"TERM", "xterm"}})));
    CHECK_FALSE(io::use_color(ColorMode::automatic, terminal, variables({{"TERM", "dumb"}})));
    CHECK_FALSE(io::use_color(ColorMode::automatic, terminal, variables({})));
    CHECK_FALSE(io::use_color(ColorMode::automatic, terminal, variables({{"TERM", ""}})));
    CHECK_FALSE(
        io::use_color(ColorMode::automatic, terminal, variables({{"TERM", "xterm"}, {"NO_COLOR", "1"}})));
    CHECK(io::use_color(ColorMode::automatic, pipe, variables({{"CLICOLOR_FORCE", "1"}})));
    CHECK_FALSE(io::use_color(ColorMode::automatic, pipe, variables({{"CLICOLOR_FORCE", "0"}})));
    CHECK(io::use_color(ColorMode::always, pipe, variables({{"NO_COLOR", "1"}})));
    CHECK_FALSE(io::use_color(ColorMode::never, terminal, variables({{"CLICOLOR_FORCE", "1"}})));
}

TEST_CASE("io::log") {
    test::FakeConsole fake;
    fake.console.redactor().add(Secret("tokentoken"), "token");
    io::Log log(fake.console);
    const auto tell = [&log] {
        log.debug("d");
        log.info("i");
        log.warn("w");
    };
    SECTION("warnings only, unless more is asked for") {
        tell();
        CHECK(fake.err.text() == "jit: warning: w\n");
        CHECK_FALSE(log.debugging());
    }
    SECTION("quiet") {
        log.set_verbosity(io::Verbosity::quiet);
        tell();
        CHECK(fake.err.text().empty());
    }
    SECTION("verbose") {
        log.set_verbosity(io::Verbosity::verbose);
        tell();
        CHECK(fake.err.text() == "jit: info: i\njit: warning: w\n");
    }
    SECTION("debug, with secrets and control characters replaced") {
        log.set_verbosity(io::Verbosity::debug);
        CHECK(log.debugging());
        log.debug("Bearer tokentoken\x1b[0m {}");
        CHECK(fake.err.text() == "jit: debug: Bearer [token]�[0m {}\n");
    }
}
