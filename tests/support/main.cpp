#if __has_include(<catch2/catch_session.hpp>)
#include <catch2/catch_session.hpp>
#else
#define CATCH_CONFIG_RUNNER
#include <catch2/catch.hpp>
#endif

int main(int argc, char** argv) {
    Catch::Session session;
#ifdef CATCH_VERSION_MAJOR
#if CATCH_VERSION_MAJOR == 2
    // A run that runs nothing fails. Catch2 3 does so by itself.
    session.configData().warnings = Catch::WarnAbout::NoTests;
#endif
#endif
    return session.run(argc, argv);
}
