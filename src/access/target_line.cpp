#include "access/target_line.hpp"

#include "util/text.hpp"

#include <utility>

namespace jit::access {

Result<std::optional<sailpoint::TargetLine>, std::string> read_target_line(std::string_view line) {
    using Line = std::optional<sailpoint::TargetLine>;
    line = trim(line);
    if (line.empty() || line.front() == '#') {
        return Line();
    }
    if (!is_utf8(line) || line.find('\0') != std::string_view::npos) {
        return std::string("it is not UTF-8");
    }
    if (line.front() != '{') {
        return Line(sailpoint::TargetLine{std::string(line)});
    }
    auto decoded = sailpoint::decode_target_line(line);
    return decoded ? Result<Line, std::string>(*std::move(decoded))
                   : Result<Line, std::string>(std::move(decoded).error());
}

} // namespace jit::access
