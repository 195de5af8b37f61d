#include "base/clock.hpp"
#include "base/environment.hpp"
#include "base/interrupt.hpp"
#include "base/process.hpp"
#include "cli/run.hpp"
#include "io/console.hpp"
#include "io/stream.hpp"

#include <string>
#include <unistd.h>
#include <vector>

int main(int argc, char** argv) {
    jit::forbid_core_dumps();
    jit::occupy_standard_streams();
    jit::Interrupt interrupt;
    interrupt.install();
    jit::SystemClock clock(interrupt);
    jit::io::FdStream out(STDOUT_FILENO);
    jit::io::FdStream err(STDERR_FILENO);
    jit::io::Console console(out, err, jit::io::inspect(STDOUT_FILENO), jit::io::inspect(STDERR_FILENO));
    jit::cli::World world{jit::process_environment(), console, clock, interrupt};
    return jit::cli::run(std::vector<std::string>(argv + 1, argv + argc), world);
}
