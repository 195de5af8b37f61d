#include "sandbox/run.hpp"

#include "sandbox/builtin_data.hpp"
#include "sandbox/data_file.hpp"
#include "sandbox/generated_data.hpp"
#include "sandbox/launcher.hpp"
#include "sandbox/options.hpp"
#include "sandbox/random.hpp"
#include "sandbox/server.hpp"
#include "util/exit_code.hpp"
#include "util/text.hpp"

#include <csignal>
#include <cstdio>
#include <exception>
#include <fcntl.h>
#include <string>
#include <sys/wait.h>
#include <unistd.h>
#include <utility>
#include <vector>

extern char** environ; // NOLINT: POSIX names it

namespace jit::sandbox {
namespace {

int complain(std::string_view message, std::string_view hint, int exit_code) {
    std::string text = concat({"jit-sandbox: ", sanitize(message), "\n"});
    if (!hint.empty()) {
        text += concat({"  ", sanitize(hint), "\n"});
    }
    (void)std::fputs(text.c_str(), stderr);
    return exit_code;
}

int complain(const Error& error) {
    return complain(error.message, error.hint, static_cast<int>(exit_code_of(error.kind)));
}

int print(const std::string& text) {
    const bool written = std::fwrite(text.data(), 1, text.size(), stdout) == text.size();
    if (std::fflush(stdout) != 0 || !written) {
        return complain("cannot write to stdout", {}, static_cast<int>(ExitCode::internal));
    }
    return static_cast<int>(ExitCode::done);
}

/// Lets go of stdout, so that a shell's $(…) does not wait for the server's end.
void release_stdout() {
    const int null = open("/dev/null", O_WRONLY | O_CLOEXEC);
    if (null >= 0) {
        (void)dup2(null, STDOUT_FILENO);
        (void)close(null);
    }
}

Result<std::size_t> chosen_identity(const TenantData& data, const std::string& name) {
    if (name.empty()) {
        return std::size_t{0};
    }
    if (const auto index = find_identity(data, name)) {
        return *index;
    }
    std::vector<std::string> names;
    std::string all;
    for (const Identity& identity : data.identities) {
        names.push_back(identity.alias);
        names.push_back(identity.name);
        all += (all.empty() ? "" : ", ") + identity.alias;
    }
    const auto meant = nearest(name, names);
    return usage_error(concat({"there is no identity \"", name, "\""}),
                       meant ? concat({"did you mean \"", *meant, "\"?"}) : concat({"there are ", all}));
}

std::vector<std::string> own_environment() {
    std::vector<std::string> entries;
    for (char** entry = environ; *entry != nullptr; ++entry) {
        entries.emplace_back(*entry);
    }
    return entries;
}

int run_command(Server& server, const std::vector<std::string>& command, const Variables& variables) {
    const auto child = launch(command, child_environment(own_environment(), variables));
    if (!child) {
        return complain(child.error().message, {}, child.error().exit_code);
    }
    const pid_t pid = *child;
    return server.run({SIGCHLD, SIGINT, SIGTERM, SIGHUP}, [pid](int number) -> std::optional<int> {
        int status = 0;
        if (number == SIGCHLD) {
            return waitpid(pid, &status, WNOHANG) == pid ? std::optional(exit_code_of(status)) : std::nullopt;
        }
        if (number != SIGINT) { // the terminal sends that one to the command as well
            (void)kill(pid, number);
        }
        return std::nullopt;
    });
}

int serve(Server& server, const Variables& variables) {
    const std::vector<int> signals = {SIGINT, SIGTERM};
    // The reader of the lines may end the server at once: the signal waits until `run` listens to it.
    sigset_t held;
    sigemptyset(&held);
    for (const int number : signals) {
        sigaddset(&held, number);
    }
    (void)pthread_sigmask(SIG_BLOCK, &held, nullptr);
    if (const int code = print(shell_lines(variables, getpid())); code != 0) {
        return code;
    }
    release_stdout();
    return server.run(signals, [](int) { return std::optional(0); });
}

Result<TenantData> data_of(const Options& options) {
    if (!options.data_file.empty()) {
        return read_tenant_file(options.data_file);
    }
    return options.generated_connections == 0
               ? builtin_data()
               : with_generated_connections(builtin_data(), options.generated_connections);
}

int run_options(const Options& options) {
    if (options.mode == Options::Mode::print) {
        return print(options.text);
    }
    auto data = data_of(options);
    if (!data) {
        return complain(data.error());
    }
    if (options.mode == Options::Mode::list_data) {
        return print(write_tenant(*data));
    }
    const auto identity = chosen_identity(*data, options.identity);
    if (!identity) {
        return complain(identity.error());
    }
    const Pat pat = data->identities[*identity].pat;
    FaultRules faults(options.seed ? *options.seed : random_seed(), options.faults);
    if (!options.seed && faults.by_chance()) {
        (void)std::fprintf(stderr, "jit-sandbox: --seed %u repeats these faults\n", faults.seed());
    }
    Api api(*std::move(data), options.behaviour, std::move(faults));
    auto server =
        Server::listen({options.port, options.tls_certificate, options.tls_key, options.verbose}, api);
    if (!server) {
        return complain(server.error());
    }
    const Variables variables = client_variables(server->base_url(), pat.client_id, pat.client_secret);
    return options.command.empty() ? serve(*server, variables)
                                   : run_command(*server, options.command, variables);
}

} // namespace

int run(int argc, const char* const* argv) {
    try {
        const auto options = parse_options({argv + (argc > 0 ? 1 : 0), argv + argc});
        return options ? run_options(*options) : complain(options.error());
    } catch (const std::exception& fault) {
        return complain(fault.what(), {}, static_cast<int>(ExitCode::internal));
    }
}

} // namespace jit::sandbox
