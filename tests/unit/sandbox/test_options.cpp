#include "sandbox/launcher.hpp"
#include "sandbox/options.hpp"
#include "support/catch.hpp"

using namespace jit;
using namespace jit::sandbox;

namespace {

using Words = std::vector<std::string>;

std::string fault_of(const Words& words) {
    const auto options = parse_options(words);
    return options ? "no fault" : options.error().message;
}

std::string hint_of(const Words& words) {
    const auto options = parse_options(words);
    return options ? "no fault" : options.error().hint;
}

} // namespace

TEST_CASE("sandbox::options") {
    SECTION("without options all is as documented") {
        const auto options = parse_options({});
        REQUIRE(options);
        CHECK(options->mode == Options::Mode::serve);
        CHECK(options->command.empty());
        CHECK(options->port == 0);
        CHECK(options->behaviour.token_lifetime == std::chrono::hours(12));
        CHECK(options->behaviour.max_minutes == 480);
        CHECK(options->behaviour.rate_limit == 100);
        CHECK(options->behaviour.pace.provision_delay.count() == 2);
        CHECK(options->behaviour.pace.time_scale == 1);
        CHECK(options->behaviour.pace.friction_timeout == std::chrono::minutes(15));
        CHECK(options->behaviour.list_lag.count() == 0);
        CHECK(options->behaviour.policy);
        CHECK(options->behaviour.connections_feature);
        CHECK(options->behaviour.history_feature);
        CHECK(options->generated_connections == 0);
    }
    SECTION("each option arrives") {
        const auto options = parse_options({"--token-lifetime",
                                            "60",
                                            "--max-minutes=30",
                                            "--rate-limit",
                                            "0",
                                            "--provision-delay",
                                            "0.5",
                                            "--time-scale",
                                            "3600",
                                            "--port",
                                            "8080",
                                            "--data",
                                            "d.json",
                                            "--identity",
                                            "Sam Other",
                                            "--tls-cert",
                                            "c.pem",
                                            "--tls-key",
                                            "k.pem",
                                            "--verbose"});
        REQUIRE(options);
        CHECK(options->behaviour.token_lifetime == std::chrono::minutes(1));
        CHECK(options->behaviour.max_minutes == 30);
        CHECK(options->behaviour.rate_limit == 0);
        CHECK(options->behaviour.pace.provision_delay.count() == 0.5);
        CHECK(options->behaviour.pace.time_scale == 3600);
        CHECK(options->port == 8080);
        CHECK(options->data_file == "d.json");
        CHECK(options->identity == "Sam Other");
        CHECK(options->tls_certificate == "c.pem");
        CHECK(options->tls_key == "k.pem");
        CHECK(options->verbose);
    }
    SECTION("each option of the lists arrives") {
        const auto options =
            parse_options({"--friction-timeout", "1.5", "--list-lag=0.25", "--no-policy", "--without-feature",
                           "connections", "--without-feature", "history", "--connections", "100000"});
        REQUIRE(options);
        CHECK(options->behaviour.pace.friction_timeout.count() == 1.5);
        CHECK(options->behaviour.list_lag.count() == 0.25);
        CHECK_FALSE(options->behaviour.policy);
        CHECK_FALSE(options->behaviour.connections_feature);
        CHECK_FALSE(options->behaviour.history_feature);
        CHECK(options->generated_connections == 100'000);
        CHECK_FALSE(parse_options({"--without-feature", "history"})->behaviour.history_feature);
        CHECK(parse_options({"--without-feature", "history"})->behaviour.connections_feature);
    }
    SECTION("faults arrive in their order, with their seed") {
        const auto options =
            parse_options({"--fault", "any@1:reset", "--fault=token:401", "--seed", "4294967295"});
        REQUIRE(options);
        REQUIRE(options->faults.size() == 2);
        CHECK(options->faults[0].text == "any@1:reset");
        CHECK(options->faults[1].text == "token:401");
        CHECK(options->seed == std::optional<std::uint32_t>(4294967295));
        CHECK_FALSE(parse_options({})->seed);
        CHECK(fault_of({"--fault", "any:rst"}) ==
              "cannot use the fault \"any:rst\": \"rst\" is nothing that can go wrong with a request");
        CHECK(fault_of({"--seed", "4294967296"}) ==
              "--seed takes a whole number from 0 to 4294967295, not \"4294967296\"");
    }
    SECTION("what makes no sense together is refused") {
        CHECK(fault_of({"--no-policy", "--max-minutes", "5"}) ==
              "--no-policy leaves nothing for --max-minutes to set");
        CHECK(fault_of({"--connections", "5", "--data", "d.json"}) ==
              "--connections changes the built-in data, and does not go with --data");
        CHECK(fault_of({"--without-feature", "lists"}) ==
              "--without-feature takes connections or history, not \"lists\"");
    }
    SECTION("the command is taken as it is, with options and dashes of its own") {
        const auto options = parse_options({"--port", "1", "--", "jit", "--help", "--", "-x"});
        REQUIRE(options);
        CHECK(options->mode == Options::Mode::serve);
        CHECK(options->command == Words{"jit", "--help", "--", "-x"});
        CHECK(fault_of({"--"}) == "there is no command behind --");
    }
    SECTION("numbers must be numbers, and in range") {
        CHECK(fault_of({"--port", "65536"}) == "--port takes a whole number from 0 to 65535, not \"65536\"");
        CHECK(fault_of({"--max-minutes", "0"}) ==
              "--max-minutes takes a whole number from 1 to 2147483647, not \"0\"");
        CHECK(fault_of({"--rate-limit", "0x10"}) ==
              "--rate-limit takes a whole number from 0 to 1000000, not \"0x10\"");
        CHECK(fault_of({"--token-lifetime", "1.5"}) ==
              "--token-lifetime takes a whole number from 1 to 2147483647, not \"1.5\"");
        for (const std::string scale : {"0", "nan", "inf", "1e3", "2x", "-1", "1000001"}) {
            CHECK(fault_of({"--time-scale", scale}) ==
                  "--time-scale takes a number from 0.001 to 1000000, not \"" + scale + "\"");
        }
        CHECK(fault_of({"--list-lag", "86401"}) ==
              "--list-lag takes a number from 0 to 86400, not \"86401\"");
        CHECK(fault_of({"--friction-timeout", "x"}) ==
              "--friction-timeout takes a number from 0 to 86400, not \"x\"");
        CHECK(fault_of({"--connections", "0"}) ==
              "--connections takes a whole number from 1 to 1000000, not \"0\"");
        CHECK(fault_of({"--provision-delay=-1"}) ==
              "--provision-delay takes a number from 0 to 86400, not \"-1\"");
    }
    SECTION("a mistake comes with advice") {
        CHECK(fault_of({"--prot", "1"}) == "unexpected argument \"--prot\"");
        CHECK(hint_of({"--prot", "1"}) == "did you mean --port?");
        CHECK(fault_of({"jit", "list"}) == "unexpected argument \"jit\"");
        CHECK(hint_of({"jit", "list"}) == "put -- before the command: jit-sandbox [OPTIONS] -- COMMAND");
        CHECK(fault_of({"--tls-cert", "c.pem"}) == "--tls-cert and --tls-key are needed together");
        CHECK(fault_of({"--port"}).find("--port") != std::string::npos);
    }
    SECTION("help, version and data are modes") {
        const auto help = parse_options({"-h"});
        REQUIRE(help);
        CHECK(help->mode == Options::Mode::print);
        CHECK(help->text.starts_with("Usage: jit-sandbox [OPTIONS] [-- COMMAND [ARGUMENT...]]\n"));
        CHECK(help->text.find("c0ffee00-0000-4000-8000-000000000001") != std::string::npos);
        const auto version = parse_options({"--version"});
        REQUIRE(version);
        CHECK(version->text.starts_with("jit-sandbox "));
        const auto list = parse_options({"--list-data"});
        REQUIRE(list);
        CHECK(list->mode == Options::Mode::list_data);
    }
}

TEST_CASE("sandbox::launcher") {
    const Variables variables = client_variables("http://127.0.0.1:1", "id", "it's");

    SECTION("a command finds the practice tenant and nothing that leads elsewhere") {
        CHECK(child_environment({"PATH=/bin", "SAIL_BASE_URL=https://real", "SAIL_ACCESS_TOKEN=t",
                                 "SAIL_ACTIVEENVIRONMENT=prod", "SAIL_CLIENT_IDS=x"},
                                variables) ==
              std::vector<std::string>{"PATH=/bin", "SAIL_CLIENT_IDS=x", "SAIL_BASE_URL=http://127.0.0.1:1",
                                       "SAIL_CLIENT_ID=id", "SAIL_CLIENT_SECRET=it's"});
    }
    SECTION("the lines for a shell are quoted") {
        CHECK(shell_lines(variables, 42) == "export SAIL_BASE_URL='http://127.0.0.1:1'\n"
                                            "export SAIL_CLIENT_ID='id'\n"
                                            "export SAIL_CLIENT_SECRET='it'\\''s'\n"
                                            "export JIT_SANDBOX_PID='42'\n"
                                            "unset SAIL_ACCESS_TOKEN SAIL_ACTIVEENVIRONMENT\n");
    }
    SECTION("exit codes are those of a shell") {
        CHECK(exit_code_of(0) == 0);
        CHECK(exit_code_of(7 << 8) == 7);
        CHECK(exit_code_of(15) == 143);
    }
}
