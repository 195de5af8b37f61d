#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace spdlog {
class logger;
} // namespace spdlog

namespace jit::io {

class Console;

enum class Verbosity { quiet, normal, verbose, debug };

/// What `jit` tells about its work, on stderr and through the redactor, one line an entry: "jit: warning: …".
class Log {
public:
    explicit Log(Console& console);
    Log(const Log&) = delete;
    Log& operator=(const Log&) = delete;
    Log(Log&&) = delete;
    Log& operator=(Log&&) = delete;
    ~Log();

    void set_verbosity(Verbosity verbosity);

    /// Keeps warnings and notes back from now on: a script that reads an error gets them in it.
    void hold() { holds_ = true; }

    /// Shows what was kept back, and keeps nothing back any more.
    void release();

    /// What was kept back and is not shown then, one line each; safe to show.
    [[nodiscard]] std::vector<std::string> take_held();

    /// Whether `debug` would show anything: ask before building a costly text.
    [[nodiscard]] bool debugging() const;

    void debug(std::string_view text); ///< shown with --debug
    void info(std::string_view text);  ///< shown with --verbose
    void warn(std::string_view text);  ///< shown unless --quiet
    void note(std::string_view text);  ///< the same without the word "warning": no rows, what to do next

private:
    struct Held {
        std::string text;
        bool is_warning;
    };

    void tell(std::string text, bool is_warning);

    Console& console_;
    bool quiet_ = false;
    bool holds_ = false;
    std::vector<Held> held_;
    std::unique_ptr<spdlog::logger> logger_;
};

} // namespace jit::io
