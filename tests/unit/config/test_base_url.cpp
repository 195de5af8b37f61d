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
                                 "acme",
                                 "acme.api.identitynow.com",
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
            CHECK(url.error().code == jit::ExitCode::usage);
            CHECK(url.error().message.rfind("--base-url: ", 0) == 0);
        }
        CHECK_FALSE(parse_base_url(std::string_view("https://[::1\0x]", 15), "--base-url"));
    }
}
