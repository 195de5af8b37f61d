#include "io/console.hpp"

#include "base/text.hpp"

#include <cerrno>
#include <cstring>
#include <sys/ioctl.h>
#include <system_error>
#include <unistd.h>

namespace jit::io {

Device inspect(int fd) {
    Device device;
    device.is_terminal = isatty(fd) == 1;
    winsize size = {};
    if (device.is_terminal && ioctl(fd, TIOCGWINSZ, &size) == 0) {
        device.width = size.ws_col;
    }
    return device;
}

bool use_color(ColorMode mode, const Device& device, const Environment& environment) {
    if (mode != ColorMode::automatic) {
        return mode == ColorMode::always;
    }
    if (environment("NO_COLOR")) {
        return false;
    }
    const auto force = environment("CLICOLOR_FORCE");
    if (force && *force != "0") {
        return true;
    }
    return device.is_terminal && environment("TERM").value_or("dumb") != "dumb";
}

Result<void> Console::result(std::string_view text) {
    if (!out_.write(text)) {
        const std::string reason = std::generic_category().message(errno);
        return Error{ExitCode::internal, cat({"cannot write the result to standard output: ", reason})};
    }
    return {};
}

void Console::message(std::string_view text) {
    (void)err_.write(redactor_.apply(text));
}

} // namespace jit::io
