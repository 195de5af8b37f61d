#include "sandbox/shape.hpp"

#include "util/text.hpp"

#include <array>
#include <vector>

namespace jit::sandbox {
namespace {

struct Name {
    std::string_view name;
    Shape shape;
};

constexpr std::array<Name, 11> k_names = {{{"full", Shape::full},
                                           {"null", Shape::null},
                                           {"empty", Shape::empty},
                                           {"expiration", Shape::expiration},
                                           {"no-zone", Shape::no_zone},
                                           {"epoch", Shape::epoch},
                                           {"provision", Shape::provision},
                                           {"flat", Shape::flat},
                                           {"skewed", Shape::skewed},
                                           {"in-use", Shape::in_use},
                                           {"available", Shape::available}}};

} // namespace

std::optional<Shape> parse_shape(std::string_view name) {
    for (const Name& known : k_names) {
        if (known.name == name) {
            return known.shape;
        }
    }
    return std::nullopt;
}

std::string shape_names() {
    std::vector<std::string> names;
    names.reserve(k_names.size());
    for (const Name& known : k_names) {
        names.emplace_back(known.name);
    }
    return join(names);
}

} // namespace jit::sandbox
