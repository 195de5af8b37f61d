#pragma once

#include "io/redactor.hpp"
#include "io/stream.hpp"
#include "util/environment.hpp"
#include "util/error.hpp"
#include "util/result.hpp"

#include <string>
#include <string_view>

namespace jit::io {

enum class ColorMode { automatic, always, never };

/// What is known of the device behind a stream.
struct Device {
    bool is_terminal = false;
    int width = 0;           ///< columns; 0: no limit (not a terminal, or it does not say)
    int height = 0;          ///< lines; 0: the same
    bool can_redraw = false; ///< a terminal that understands escape sequences
};

/// Asks the system about a descriptor, and TERM about the terminal that it may be.
[[nodiscard]] Device inspect(int fd, const Environment& environment);

/// What the characters of the locale are.
enum class Charset { utf8, ascii };

/// By LC_ALL, LC_CTYPE and LANG, the first that is set: ASCII unless it names UTF-8. Whether that locale is
/// installed does not matter, since the terminal is somewhere else as often as not.
[[nodiscard]] Charset charset_of(const Environment& environment);

/// What becomes of characters that the locale does not have: in text for people they are replaced
/// (`to_ascii`), in JSON escaped; what programs read as it is (CSV, words for a shell) stays so.
enum class Form { text, json, raw };

/// Whether to colour what goes to `device`: `--color` first, then NO_COLOR, CLICOLOR_FORCE, and a TERM that
/// is not set or "dumb".
[[nodiscard]] bool use_color(ColorMode mode, const Device& device, const Environment& environment);

/// The one place that writes to the person or the script. Results go to stdout, all else to stderr, and every
/// byte of both passes the redactor. Callers make text of the server safe before they hand it over, and hand
/// over what may hold a secret as a whole: at least a line, or an object of JSON.
class Console {
public:
    Console(Stream& out, Stream& err, Device out_device, Device err_device, Charset charset = Charset::utf8)
        : out_(out), err_(err), out_device_(out_device), err_device_(err_device), charset_(charset) {}

    /// Writes a result to stdout. Fails with code 1 where that cannot be done: disk full, reader gone.
    [[nodiscard]] Result<void> result(std::string_view text, Form form = Form::text);

    /// Whether a result could not be written because nobody reads stdout any more.
    [[nodiscard]] bool reader_gone() const { return reader_gone_; }

    /// Whether results are dropped from now on.
    void mute(bool muted) { muted_ = muted; }

    /// Text from outside as it may be shown on stderr: one line, secrets replaced, nothing that steers a
    /// terminal, no run of blanks that looks like another line, and cut after 4 KiB.
    [[nodiscard]] std::string safe(std::string_view text) const;

    /// Writes to stderr; there is nobody left to tell when that fails.
    void message(std::string_view text, Form form = Form::text);

    /// Shows one line of progress on stderr, in place of the last one, cut to the terminal's width; whatever
    /// is written next takes it away. On a terminal that cannot redraw it writes `plain`, where that is a new
    /// one, and lets it stand. Does nothing where stderr is no terminal.
    void progress(std::string_view text, std::string_view plain);
    /// Takes it away.
    void end_progress();

    [[nodiscard]] Redactor& redactor() { return redactor_; }
    /// Looks again how large the terminals are: a person may have changed that.
    void measure();

    [[nodiscard]] const Device& out_device() const { return out_device_; }
    [[nodiscard]] const Device& err_device() const { return err_device_; }
    [[nodiscard]] Charset charset() const { return charset_; }

private:
    [[nodiscard]] std::string in_charset(std::string_view text, Form form) const;

    Stream& out_;
    Stream& err_;
    Device out_device_;
    Device err_device_;
    Charset charset_;
    bool reader_gone_ = false;
    bool muted_ = false;
    std::string progress_; ///< what was shown last; empty: nothing
    Redactor redactor_;
};

} // namespace jit::io
