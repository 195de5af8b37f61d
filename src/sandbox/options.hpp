#pragma once

#include "sandbox/state.hpp"
#include "util/result.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace jit::sandbox {

struct Options {
    enum class Mode {
        serve, ///< until a signal, or while `command` runs
        list_data,
        print, ///< `text`: the help or the version
    };

    Mode mode = Mode::serve;
    std::string text;
    std::vector<std::string> command; ///< what follows `--`; empty: none
    Behaviour behaviour;
    std::vector<FaultRule> faults;
    std::optional<std::uint32_t> seed;     ///< of faults by chance
    std::string data_file;                 ///< empty: the built-in data
    std::size_t generated_connections = 0; ///< of the main identity; 0: those of the data
    std::string identity;                  ///< name or alias; empty: the first
    std::uint16_t port = 0;
    std::string tls_certificate; ///< both or neither are empty
    std::string tls_key;
    bool verbose = false;
};

/// Reads the command line, `arguments` being without the program's name. Everything behind the first `--` is
/// the command, untouched.
[[nodiscard]] Result<Options> parse_options(const std::vector<std::string>& arguments);

} // namespace jit::sandbox
