#include "sandbox/data_reader.hpp"

#include "util/text.hpp"

#include <algorithm>
#include <set>

namespace jit::sandbox {
namespace {

constexpr std::size_t k_longest_text = 1024;

bool is_control(char c) {
    return static_cast<unsigned char>(c) < 0x20U || c == '\x7f';
}

} // namespace

Error DataNode::fault(std::string_view message) const {
    return usage_error(path_.empty() ? concat({*file_, ": ", message})
                                     : concat({*file_, ": ", path_, ": ", message}),
                       "jit-sandbox --list-data prints a data set to start from");
}

Result<void> DataNode::expect_object(const std::vector<std::string>& names) const {
    if (!value_->IsObject()) {
        return fault("must be an object");
    }
    std::set<std::string_view> seen;
    for (auto it = value_->MemberBegin(); it != value_->MemberEnd(); ++it) {
        const std::string_view name = view(it->name);
        if (std::find(names.begin(), names.end(), name) == names.end()) {
            const std::optional<std::string> meant = nearest(name, names);
            return fault(meant ? concat({"unknown member \"", name, "\"; did you mean \"", *meant, "\"?"})
                               : concat({"unknown member \"", name, "\""}));
        }
        if (!seen.insert(name).second) {
            return fault(concat({"member \"", name, "\" is there twice"}));
        }
    }
    return {};
}

std::optional<DataNode> DataNode::optional_member(std::string_view name) const {
    for (auto it = value_->MemberBegin(); it != value_->MemberEnd(); ++it) {
        if (view(it->name) == name) {
            return DataNode(it->value, concat({path_, path_.empty() ? "" : ".", name}), *file_);
        }
    }
    return std::nullopt;
}

Result<DataNode> DataNode::member(std::string_view name) const {
    if (auto found = optional_member(name)) {
        return *std::move(found);
    }
    return fault(concat({"member \"", name, "\" is missing"}));
}

Result<std::vector<DataNode>> DataNode::items() const {
    if (!value_->IsArray()) {
        return fault("must be an array");
    }
    std::vector<DataNode> nodes;
    for (auto it = value_->Begin(); it != value_->End(); ++it) {
        nodes.emplace_back(*it, concat({path_, "[", std::to_string(nodes.size()), "]"}), *file_);
    }
    return nodes;
}

Result<std::string> DataNode::text() const {
    if (!value_->IsString()) {
        return fault("must be a string");
    }
    const std::string_view content = view(*value_);
    if (content.empty() || content.size() > k_longest_text) {
        return fault("must have 1 to 1024 bytes");
    }
    if (std::any_of(content.begin(), content.end(), is_control)) {
        return fault("must not hold control characters");
    }
    return std::string(content);
}

Result<bool> DataNode::boolean() const {
    if (!value_->IsBool()) {
        return fault("must be true or false");
    }
    return value_->GetBool();
}

Result<std::string> DataNode::text(std::string_view name) const {
    JIT_TRY(const DataNode node, member(name));
    return node.text();
}

Result<std::string> DataNode::text_or(std::string_view name, std::string otherwise) const {
    const std::optional<DataNode> node = optional_member(name);
    return node ? node->text() : Result<std::string>(std::move(otherwise));
}

Result<bool> DataNode::boolean_or(std::string_view name, bool otherwise) const {
    const std::optional<DataNode> node = optional_member(name);
    return node ? node->boolean() : Result<bool>(otherwise);
}

} // namespace jit::sandbox
