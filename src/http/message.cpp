#include "http/message.hpp"

#include "util/text.hpp"

namespace jit::http {

std::optional<std::string_view> Response::header(std::string_view name) const {
    const std::string wanted = to_lower(name);
    for (const Header& header : headers) {
        if (to_lower(header.name) == wanted) {
            return header.value;
        }
    }
    return std::nullopt;
}

std::string_view method_name(Method method) {
    return method == Method::get ? "GET" : "POST";
}

} // namespace jit::http
