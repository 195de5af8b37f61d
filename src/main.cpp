#include "cli/run.hpp"
#include "io/console.hpp"
#include "io/stream.hpp"
#include "util/clock.hpp"
#include "util/environment.hpp"
#include "util/interrupt.hpp"
#include "util/process.hpp"
#include "util/program.hpp"

#include <csignal>
#include <string>
#include <unistd.h>
#include <vector>

int main(int argc, char** argv) {
    jit::forbid_core_dumps();
    jit::withhold_from_libraries("SSLKEYLOGFILE"); // libcurl would write there what opens our connections
    jit::ensure_std_fds_open();
    // Never destroyed: a signal that comes after the exit code was decided does not change it.
    jit::Interrupt& interrupt = *new jit::Interrupt; // NOLINT(cppcoreguidelines-owning-memory)
    interrupt.install();
    jit::SystemClock clock(interrupt);
    jit::io::FdStream out(STDOUT_FILENO);
    jit::io::FdStream err(STDERR_FILENO);
    const jit::Environment environment = jit::process_environment();
    jit::io::Console console(out, err, jit::io::inspect(STDOUT_FILENO, environment),
                             jit::io::inspect(STDERR_FILENO, environment), jit::io::charset_of(environment));
    jit::cli::ProcessContext process{environment, console, clock, interrupt};
    const int code = jit::cli::run(std::vector<std::string>(argv + 1, argv + argc), process);
    if (code == jit::cli::k_reader_gone && console.reader_gone()) {
        (void)std::signal(SIGPIPE, SIG_DFL); // end as other programs do that write to a pipe nobody reads
        (void)std::raise(SIGPIPE);
    }
    return code;
}
