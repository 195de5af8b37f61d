#pragma once

#include <memory>
#include <string_view>

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

    /// Whether `debug` would show anything: ask before building a costly text.
    [[nodiscard]] bool debugging() const;

    void debug(std::string_view text); ///< shown with --debug
    void info(std::string_view text);  ///< shown with --verbose
    void warn(std::string_view text);  ///< shown unless --quiet
    void note(std::string_view text);  ///< the same without the word "warning": no rows, what to do next

private:
    Console& console_;
    bool quiet_ = false;
    std::unique_ptr<spdlog::logger> logger_;
};

} // namespace jit::io
