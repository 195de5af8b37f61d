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
        device.height = size.ws_row;
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
    end_progress();
    if (!out_.write(text)) {
        const std::string reason = std::generic_category().message(errno);
        return Error{ExitCode::internal, cat({"cannot write the result to standard output: ", reason})};
    }
    return {};
}

void Console::measure() {
    if (out_device_.is_terminal) {
        out_device_ = inspect(STDOUT_FILENO);
    }
    if (err_device_.is_terminal) {
        err_device_ = inspect(STDERR_FILENO);
    }
}

std::string Console::safe(std::string_view text) const {
    constexpr std::size_t k_most = 4096;
    // Secrets are replaced before the text is cut: half of one would not be known again.
    std::string shown = printable(redactor_.apply(text));
    if (shown.size() > k_most) {
        std::size_t end = k_most;
        while ((static_cast<unsigned char>(shown[end]) & 0xC0U) == 0x80U) {
            --end; // not within a character
        }
        const std::string left_out = std::to_string(shown.size() - end);
        shown.resize(end);
        shown += cat({" [and ", left_out, " bytes more]"});
    }
    return shown;
}

void Console::message(std::string_view text) {
    end_progress();
    (void)err_.write(redactor_.apply(text));
}

void Console::progress(std::string_view text) {
    if (!err_device_.is_terminal || text == progress_) {
        return;
    }
    if (text.empty()) {
        end_progress();
        return;
    }
    progress_ = text;
    // The last column stays free: some terminals wrap when it is written to.
    const int width = err_device_.width > 1 ? err_device_.width - 1 : 79;
    (void)err_.write(cat({"\r\x1b[K", shorten(safe(text), width)}));
}

void Console::end_progress() {
    if (!progress_.empty()) {
        progress_.clear();
        (void)err_.write("\r\x1b[K");
    }
}

} // namespace jit::io
