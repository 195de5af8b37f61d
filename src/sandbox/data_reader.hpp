#pragma once

#include "sandbox/json.hpp"
#include "util/result.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace jit::sandbox {

/// A value of a data file, and its place in it for error messages.
class DataNode {
public:
    DataNode(const rapidjson::Value& value, std::string path, const std::string& file)
        : value_(&value), path_(std::move(path)), file_(&file) {}

    /// "FILE: PATH: MESSAGE", a usage error.
    [[nodiscard]] Error fault(std::string_view message) const;

    /// Fails unless this is an object with no other members than these, and none twice.
    [[nodiscard]] Result<void> expect_object(const std::vector<std::string>& names) const;

    /// A member of an object; nothing where it is missing.
    [[nodiscard]] std::optional<DataNode> optional_member(std::string_view name) const;
    /// Fails where it is missing.
    [[nodiscard]] Result<DataNode> member(std::string_view name) const;

    /// The items of an array.
    [[nodiscard]] Result<std::vector<DataNode>> items() const;

    /// A string of 1 to 1024 bytes without control characters.
    [[nodiscard]] Result<std::string> text() const;
    [[nodiscard]] Result<bool> boolean() const;

    /// Shorthands for members.
    [[nodiscard]] Result<std::string> text(std::string_view name) const;
    [[nodiscard]] Result<std::string> text_or(std::string_view name, std::string otherwise) const;
    [[nodiscard]] Result<bool> boolean_or(std::string_view name, bool otherwise) const;

private:
    const rapidjson::Value* value_;
    std::string path_; ///< empty: the whole file
    const std::string* file_;
};

} // namespace jit::sandbox
