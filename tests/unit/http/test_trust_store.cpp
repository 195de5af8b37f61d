#include "http/trust_store.hpp"

#include "support/fakes.hpp"

using namespace jit;
using http::TrustStore;
using test::variables;

TEST_CASE("http::trust_store") {
    const test::TemporaryDirectory directory;
    const TrustStore system{"/bundle.pem", directory.path()};
    SECTION("the hashed directory of the system is preferred to its bundle") {
        directory.write("02265526.0", "");
        CHECK(http::find_trust_store({}, variables({}), system) == TrustStore{"", directory.path()});
    }
    SECTION("a directory without hashed names is of no use to OpenSSL") {
        directory.write("README", "");
        directory.write("02265526.pem", "");
        CHECK(http::find_trust_store({}, variables({}), system) == system);
    }
    SECTION("a directory that is not there") {
        const TrustStore other{"/bundle.pem", directory.path() + "/none"};
        CHECK(http::find_trust_store({}, variables({}), other) == other);
    }
    SECTION("the environment overrides the system, the option both") {
        directory.write("02265526.0", "");
        CHECK(http::find_trust_store({}, variables({{"SSL_CERT_FILE", "/f"}}), system) ==
              TrustStore{"/f", ""});
        CHECK(http::find_trust_store({}, variables({{"SSL_CERT_DIR", "/d"}}), system) ==
              TrustStore{"", "/d"});
        CHECK(http::find_trust_store({}, variables({{"SSL_CERT_FILE", "/f"}, {"SSL_CERT_DIR", "/d"}}),
                                     system) == TrustStore{"/f", "/d"});
        CHECK(http::find_trust_store("/o", variables({{"SSL_CERT_FILE", "/f"}, {"SSL_CERT_DIR", "/d"}}),
                                     system) == TrustStore{"/o", ""});
    }
}

TEST_CASE("http::response_header") {
    const http::Response response{200, {{"Content-Type", "a"}, {"content-type", "b"}}, ""};
    CHECK(response.header("CONTENT-TYPE") == "a");
    CHECK_FALSE(response.header("Content"));
}
