#include "config/base_url.hpp"

#include "support/catch.hpp"

using jit::config::parse_base_url;

namespace {

std::string parsed(const char* text) {
    const auto url = parse_base_url(text, "SAIL_BASE_URL");
    return url ? *url : url.error().message;
}

} // namespace

TEST_CASE("config::base_url") {
    SECTION("it is brought to one spelling") {
        CHECK(parsed("https://acme.api.identitynow.com") == "https://acme.api.identitynow.com");
        CHECK(parsed(" HTTPS://Acme.API.identitynow.com/ \n") == "https://acme.api.identitynow.com");
        CHECK(parsed("https://gateway.example/Sail/v1//") == "https://gateway.example/Sail/v1");
        CHECK(parsed("https://a.example:8443/") == "https://a.example:8443");
        CHECK(parsed("https://[2001:DB8::1]:443") == "https://[2001:db8::1]:443");
    }
    SECTION("what people have at hand is understood") {
        for (const char* text :
             {"acme", " Acme ", "acme.api.identitynow.com", "acme.identitynow.com",
              "https://acme.identitynow.com", "https://ACME.identitynow.com/ui/d/dashboard?x=1#top",
              "acme.identitynow.com/ui/", "https://acme.identitynow.com:443/", "acme.login.sailpoint.com",
              "https://acme.login.sailpoint.com/signin"}) {
            INFO(text);
            CHECK(parsed(text) == "https://acme.api.identitynow.com");
        }
        CHECK(parsed("acme.identitynow-demo.com") == "https://acme.api.identitynow-demo.com");
        CHECK(parsed("https://acme.api.identitynow-demo.com") == "https://acme.api.identitynow-demo.com");
        CHECK(parsed("https://acme.saas.sailpointfedramp.com/ui") ==
              "https://acme.api.saas.sailpointfedramp.com");
        CHECK(parsed("acme.idn.sailpointfedramp.com") == "https://acme.api.saas.sailpointfedramp.com");
        CHECK(parsed("acme.api.saas.sailpointfedramp.com") == "https://acme.api.saas.sailpointfedramp.com");
        CHECK(parsed("gateway.example/Sail/") == "https://gateway.example/Sail");
        CHECK(parsed("gateway.example:8443") == "https://gateway.example:8443");
    }
    SECTION("a host stays what it is") {
        CHECK(parsed("https://gateway") == "https://gateway"); // of a network of one's own
        CHECK(parsed("gateway:8443") == "https://gateway:8443");
        CHECK(parsed("localhost") == "https://localhost");
        CHECK(parsed("[::1]") == "https://[::1]");
        CHECK(parsed("https://acme.identitynow.com.evil.example") ==
              "https://acme.identitynow.com.evil.example");
        CHECK(parsed("https://a.b.identitynow.com") == "https://a.b.identitynow.com");
        CHECK(parsed("https://identitynow.com") == "https://identitynow.com");
        CHECK(parsed("https://acme.identitynow.com:8443") == "https://acme.identitynow.com:8443");
    }
    SECTION("plain http goes to this machine only") {
        CHECK(parsed("http://localhost:1") == "http://localhost:1");
        CHECK(parsed("http://127.0.0.1") == "http://127.0.0.1");
        CHECK(parsed("http://127.255.3.4:80/") == "http://127.255.3.4:80");
        CHECK(parsed("http://[::1]:8080") == "http://[::1]:8080");
        for (const char* text :
             {"http://acme.api.identitynow.com", "http://127.0.0.1.evil.example", "http://1270.0.0.1",
              "http://127.0.0", "http://localhost.evil.example", "http://10.0.0.1", "http://0.0.0.0",
              "http://[::ffff:10.0.0.1]", "http://127.0.0.1.", "http://127.0.0.1.1"}) {
            INFO(text);
            CHECK(parsed(text) ==
                  "SAIL_BASE_URL: plain http is only allowed to this machine (localhost, 127.0.0.1, "
                  "[::1]); use https");
        }
    }
    SECTION("a user part is refused and not repeated") {
        const std::string message = parsed("https://user:hunter22@acme.example");
        CHECK(message.find("user part") != std::string::npos);
        CHECK(message.find("hunter22") == std::string::npos);
        CHECK(parsed("https://acme.example@evil.example").find("user part") != std::string::npos);
    }
    SECTION("what is no URL is refused") {
        for (const char* text : {"",
                                 " ",
                                 "//acme.example",
                                 "robin@acme",
                                 "acme corp",
                                 "http://acme.identitynow.com",
                                 "0e2e0000c11e47000000000000001d01",
                                 "abcdefghijklmnopqrstuvwxyz0123456789abcdefghijklmnopqrstuvwxyz01",
                                 "abcdefghijklmnopqrstuvwxyz0123456789abcdefghijklmnopqrstuvwxyz01.b",
                                 "ftp://acme.example",
                                 "https://",
                                 "https:///path",
                                 "https://a b",
                                 "https://a.example:0",
                                 "https://a.example:65536",
                                 "https://a.example:",
                                 "https://a.example:8x",
                                 "https://a.example/?x=1",
                                 "https://a.example#f",
                                 "https://a.example/a b",
                                 "https://a_b.example",
                                 "https://\xC3\xA9.example",
                                 "https://a.example\\@evil.example",
                                 "https://[::1",
                                 "https://[g::1]",
                                 "https://[::::]",
                                 "https://[1]"}) {
            INFO(text);
            const auto url = parse_base_url(text, "--base-url");
            REQUIRE_FALSE(url);
            CHECK(url.error().kind == jit::ErrorKind::usage);
            CHECK(url.error().message.rfind("--base-url: ", 0) == 0);
        }
        CHECK_FALSE(parse_base_url(std::string_view("https://[::1\0x]", 15), "--base-url"));
    }
}

TEST_CASE("config::ui_address") {
    CHECK(jit::config::ui_address("https://acme.api.identitynow.com") == "https://acme.identitynow.com");
    CHECK(jit::config::ui_address("https://acme.api.identitynow-demo.com") ==
          "https://acme.identitynow-demo.com");
    CHECK(jit::config::ui_address("https://acme.api.saas.sailpointfedramp.com") ==
          "https://acme.saas.sailpointfedramp.com");
    for (const char* const other :
         {"https://api.acme.example", "http://127.0.0.1:80", "https://acme.example", ""}) {
        CHECK(jit::config::ui_address(other).empty());
    }
}
