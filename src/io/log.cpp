#include "io/log.hpp"

#include "io/console.hpp"

#include <spdlog/details/null_mutex.h>
#include <spdlog/logger.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/base_sink.h>
#include <utility>

namespace jit::io {
namespace {

class ConsoleSink final : public spdlog::sinks::base_sink<spdlog::details::null_mutex> {
public:
    explicit ConsoleSink(Console& console) : console_(console) { set_pattern_("jit: %l: %v"); }

protected:
    void sink_it_(const spdlog::details::log_msg& message) override {
        spdlog::memory_buf_t line;
        formatter_->format(message, line);
        console_.message(std::string_view(line.data(), line.size()));
    }
    void flush_() override {}

private:
    Console& console_;
};

} // namespace

Log::Log(Console& console)
    : console_(console),
      logger_(std::make_unique<spdlog::logger>("jit", std::make_shared<ConsoleSink>(console))) {
    set_verbosity(Verbosity::normal);
}

Log::~Log() = default;

void Log::set_verbosity(Verbosity verbosity) {
    quiet_ = verbosity == Verbosity::quiet;
    switch (verbosity) {
    case Verbosity::quiet:
        logger_->set_level(spdlog::level::err);
        return;
    case Verbosity::normal:
        logger_->set_level(spdlog::level::warn);
        return;
    case Verbosity::verbose:
        logger_->set_level(spdlog::level::info);
        return;
    case Verbosity::debug:
        logger_->set_level(spdlog::level::debug);
        return;
    }
}

bool Log::debugging() const {
    return logger_->should_log(spdlog::level::debug);
}

// What is logged may quote the server or a file, so each entry is made safe here.
void Log::debug(std::string_view text) {
    logger_->debug("{}", console_.safe(text));
}
void Log::info(std::string_view text) {
    logger_->info("{}", console_.safe(text));
}
void Log::warn(std::string_view text) {
    tell(console_.safe(text), true);
}
void Log::note(std::string_view text) {
    tell(console_.safe(text), false);
}

void Log::tell(std::string text, bool is_warning) {
    if (quiet_) {
        return;
    }
    if (holds_) {
        held_.push_back({std::move(text), is_warning});
    } else if (is_warning) {
        logger_->warn("{}", text);
    } else {
        console_.message("jit: " + text + "\n");
    }
}

void Log::release() {
    holds_ = false;
    for (Held& held : std::exchange(held_, {})) {
        tell(std::move(held.text), held.is_warning);
    }
}

std::vector<std::string> Log::take_held() {
    std::vector<std::string> texts;
    for (Held& held : std::exchange(held_, {})) {
        texts.push_back(std::move(held.text));
    }
    return texts;
}

} // namespace jit::io
