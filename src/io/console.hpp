#pragma once

#include "base/environment.hpp"
#include "base/error.hpp"
#include "base/result.hpp"
#include "io/redactor.hpp"
#include "io/stream.hpp"

#include <string>
#include <string_view>

namespace jit::io {

enum class ColorMode { automatic, always, never };

/// What is known of the device behind a stream.
struct Device {
    bool is_terminal = false;
    int width = 0;  ///< columns; 0: no limit (not a terminal, or it does not say)
    int height = 0; ///< lines; 0: the same
};

/// Asks the system about a descriptor.
[[nodiscard]] Device inspect(int fd);

/// Whether to colour what goes to `device`: `--color` first, then NO_COLOR, CLICOLOR_FORCE, and TERM=dumb.
[[nodiscard]] bool use_color(ColorMode mode, const Device& device, const Environment& environment);

/// The one place that writes to the person or the script. Results go to stdout, all else to stderr; what goes
/// to stderr passes the redactor. Callers make text of the server safe before they hand it over.
class Console {
public:
    Console(Stream& out, Stream& err, Device out_device, Device err_device)
        : out_(out), err_(err), out_device_(out_device), err_device_(err_device) {}

    /// Writes a result to stdout. Fails with code 1 where that cannot be done: disk full, reader gone.
    [[nodiscard]] Result<void> result(std::string_view text);

    /// Text from outside as it may be shown on stderr: one line, secrets replaced, nothing that steers a
    /// terminal, and cut after 4 KiB.
    [[nodiscard]] std::string safe(std::string_view text) const;

    /// Writes to stderr; there is nobody left to tell when that fails.
    void message(std::string_view text);

    /// Shows one line of progress on stderr, in place of the last one, cut to the terminal's width. Does
    /// nothing where stderr is no terminal. Whatever is written next, and an empty text, takes it away.
    void progress(std::string_view text);

    [[nodiscard]] Redactor& redactor() { return redactor_; }
    /// Looks again how large the terminals are: a person may have changed that.
    void measure();

    [[nodiscard]] const Device& out_device() const { return out_device_; }
    [[nodiscard]] const Device& err_device() const { return err_device_; }

private:
    void end_progress();

    Stream& out_;
    Stream& err_;
    Device out_device_;
    Device err_device_;
    std::string progress_; ///< what is shown; empty: nothing
    Redactor redactor_;
};

} // namespace jit::io
