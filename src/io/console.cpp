#include "io/console.hpp"

#include "util/text.hpp"

#include <cerrno>
#include <cstring>
#include <sys/ioctl.h>
#include <system_error>
#include <unistd.h>

namespace jit::io {
namespace {

bool understands_escapes(const Environment& environment) {
    const std::string kind = environment("TERM").value_or("");
    return !kind.empty() && kind != "dumb";
}

/// How large the terminal is, where it says so.
void measure_device(int fd, Device& device) {
    winsize size = {};
    if (device.is_terminal && ioctl(fd, TIOCGWINSZ, &size) == 0) {
        device.width = size.ws_col;
        device.height = size.ws_row;
    }
}

} // namespace

Device inspect(int fd, const Environment& environment) {
    Device device;
    device.is_terminal = isatty(fd) == 1;
    device.can_redraw = device.is_terminal && understands_escapes(environment);
    measure_device(fd, device);
    return device;
}

Charset charset_of(const Environment& environment) {
    for (const char* const name : {"LC_ALL", "LC_CTYPE", "LANG"}) {
        const std::string locale = to_lower(environment(name).value_or(""));
        if (!locale.empty()) {
            const bool utf8 =
                locale.find("utf-8") != std::string::npos || locale.find("utf8") != std::string::npos;
            return utf8 ? Charset::utf8 : Charset::ascii;
        }
    }
    return Charset::ascii;
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
    return device.is_terminal && understands_escapes(environment);
}

std::string Console::in_charset(std::string_view text, Form form) const {
    if (charset_ == Charset::utf8 || form == Form::raw) {
        return std::string(text);
    }
    return form == Form::json ? ascii_json(text) : to_ascii(text);
}

Result<void> Console::result(std::string_view text, Form form) {
    if (muted_) {
        return {};
    }
    end_progress();
    if (!out_.write(in_charset(redactor_.apply(text), form))) {
        reader_gone_ = errno == EPIPE;
        const std::string reason = std::generic_category().message(errno);
        return Error{ErrorKind::internal, concat({"cannot write the result to standard output: ", reason})};
    }
    return {};
}

void Console::measure() {
    if (out_device_.is_terminal) {
        measure_device(STDOUT_FILENO, out_device_);
    }
    if (err_device_.is_terminal) {
        measure_device(STDERR_FILENO, err_device_);
    }
}

std::string Console::safe(std::string_view text) const {
    constexpr std::size_t k_max = 4096;
    // Secrets are replaced before the text is cut: half of one would not be known again.
    std::string shown = sanitize_line(redactor_.apply(text), 2); // our own lists have two
    if (shown.size() > k_max) {
        std::size_t end = k_max;
        while ((static_cast<unsigned char>(shown[end]) & 0xC0U) == 0x80U) {
            --end; // not within a character
        }
        const std::string left_out = std::to_string(shown.size() - end);
        shown.resize(end);
        shown += concat({" [and ", left_out, " bytes more]"});
    }
    return shown;
}

void Console::message(std::string_view text, Form form) {
    end_progress();
    (void)err_.write(in_charset(redactor_.apply(text), form));
}

void Console::progress(std::string_view text, std::string_view plain) {
    const std::string_view shown = err_device_.can_redraw ? text : plain;
    if (!err_device_.is_terminal || shown == progress_) {
        return;
    }
    progress_ = shown;
    if (!err_device_.can_redraw) {
        (void)err_.write(in_charset(concat({safe(plain), "\n"}), Form::text));
        return;
    }
    // The last column stays free: some terminals wrap when it is written to.
    const int width = err_device_.width > 1 ? err_device_.width - 1 : 79;
    (void)err_.write(concat({"\r\x1b[K", in_charset(shorten(safe(text), width), Form::text)}));
}

void Console::end_progress() {
    if (err_device_.can_redraw && !progress_.empty()) {
        progress_.clear();
        (void)err_.write("\r\x1b[K");
    }
}

} // namespace jit::io
