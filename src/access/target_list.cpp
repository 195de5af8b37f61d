#include "access/target_list.hpp"

#include "access/target_line.hpp"
#include "io/line_reader.hpp"
#include "util/regular_file.hpp"
#include "util/text.hpp"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <iterator>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace jit::access {
namespace {

/// A file of targets, open for reading. It may be a pipe whose other end comes later: that is waited for
/// where an interrupt ends the wait, and so not here.
class Input {
public:
    explicit Input(const std::string& path)
        : own_(path == "-" ? -1 : open(path.c_str(), O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)),
          fd_(path == "-" ? STDIN_FILENO : own_.get()) {}
    [[nodiscard]] int fd() const { return fd_; }

private:
    Descriptor own_;
    int fd_;
};

/// What is wrong with the lines of a file.
class Faults {
public:
    void add(const std::string& where, std::string_view what) {
        constexpr std::size_t k_shown = 20;
        ++count_;
        if (first_.empty()) {
            first_ = concat({where, ": ", what});
        } else if (count_ <= k_shown) {
            rest_ += concat({rest_.empty() ? "" : "\n", where, ": ", what});
        }
    }
    [[nodiscard]] bool any() const { return count_ > 0; }
    /// Whether there are so many that this is no list of targets.
    [[nodiscard]] bool too_many() const {
        constexpr std::size_t k_max = 10000;
        return count_ >= k_max;
    }
    [[nodiscard]] Error error() const {
        return usage_error(
            concat({first_, count_ > 1 ? concat({" (and ", std::to_string(count_ - 1), " more)"}) : "",
                    "; nothing was sent"}),
            rest_);
    }

private:
    std::size_t count_ = 0;
    std::string first_;
    std::string rest_;
};

} // namespace

TargetList::TargetList(std::vector<Target> targets) : known_(std::move(targets)) {
    for (std::uint32_t i = 0; i < known_.size(); ++i) {
        items_.push_back({known_[i].connection.bits(), 0, i + 1});
    }
}

std::vector<Target> TargetList::all() const {
    std::vector<Target> targets;
    for (std::size_t place = 0; place < size(); ++place) {
        targets.push_back(at(place));
    }
    return targets;
}

bool TargetList::any_ready_command() const {
    return std::any_of(known_.begin(), known_.end(),
                       [](const Target& target) { return !target.ready.empty(); });
}

Target TargetList::at(std::size_t place) const {
    const Item& item = items_[place];
    if (item.known != 0) {
        return known_[item.known - 1];
    }
    const Uuid id = Uuid::of(item.connection);
    Target target{id.str(), id, {}, {}, {}, true};
    if (item.minutes != 0) {
        target.minutes_from_file = item.minutes;
    }
    return target;
}

Result<TargetList> TargetList::read(Context& context, const std::vector<std::string>& words,
                                    const std::optional<std::string>& file, const ResolveOptions& wanted) {
    if (!file) {
        JIT_TRY(auto targets, resolve_targets(context, words, wanted));
        return TargetList(std::move(targets));
    }
    // An item whose `known` is not 0 stands for that word, until the words are resolved.
    TargetList list;
    std::vector<TargetSpec> unresolved;
    const auto add_word = [&list, &unresolved](TargetSpec word) {
        unresolved.push_back(std::move(word));
        list.items_.push_back({{}, 0, static_cast<std::uint32_t>(unresolved.size())});
    };
    for (const std::string& word : words) {
        add_word({word});
    }
    const std::string name = *file == "-" ? "standard input" : *file;
    const Input input(*file);
    if (input.fd() < 0) {
        return usage_error(
            concat({"--from-file: cannot read ", name, ": ", std::generic_category().message(errno)}));
    }
    io::LineReader lines(input.fd(), context.interrupt());
    Faults faults;
    std::string line;
    for (std::size_t number = 1;; ++number) {
        const auto where = [&name, &number] { return concat({name, ", line ", std::to_string(number)}); };
        auto more = lines.next(line);
        if (!more) {
            Error error = std::move(more).error();
            error.message = error.kind == ErrorKind::usage
                                ? concat({where(), ": ", error.message, "; nothing was sent"})
                                : error.message;
            return error;
        }
        if (!*more) {
            break;
        }
        if (number == 1 && line.rfind("\xEF\xBB\xBF", 0) == 0) {
            line.erase(0, 3); // a byte order mark
        }
        auto read = read_target_line(line);
        if (!read) {
            faults.add(where(), read.error());
            if (faults.too_many()) {
                return faults.error();
            }
            continue;
        }
        if (!*read) {
            continue;
        }
        sailpoint::TargetLine& target = **read;
        const auto id = Uuid::parse(trim(target.entitlement));
        if (id && id->str() == target.entitlement && !wanted.entries) {
            list.items_.push_back({id->bits(), target.minutes.value_or(0), 0});
        } else {
            add_word({std::move(target.entitlement), where(), target.minutes});
        }
    }
    if (faults.any()) {
        return faults.error();
    }
    if (list.items_.empty()) {
        return usage_error(concat({"--from-file: there is no target in ", name}));
    }
    if (!unresolved.empty()) {
        JIT_TRY(auto resolved, resolve_words(context, unresolved, wanted));
        list.put_in(std::move(resolved));
    }
    if (auto dropped = list.drop_duplicates(); !dropped) {
        return std::move(dropped).error();
    }
    return list;
}

/// Puts what the words mean in the place of each.
void TargetList::put_in(std::vector<std::vector<Target>> resolved) {
    std::vector<Item> items;
    for (const Item& item : items_) {
        if (item.known == 0) {
            items.push_back(item);
            continue;
        }
        for (Target& target : resolved[item.known - 1]) {
            known_.push_back(std::move(target));
            const Target& known = known_.back();
            items.push_back({known.connection.bits(), known.minutes_from_file.value_or(0),
                             static_cast<std::uint32_t>(known_.size())});
        }
    }
    items_ = std::move(items);
}

Result<void> TargetList::drop_duplicates() {
    std::vector<std::uint32_t> order(items_.size());
    for (std::uint32_t i = 0; i < order.size(); ++i) {
        order[i] = i;
    }
    std::sort(order.begin(), order.end(), [this](std::uint32_t a, std::uint32_t b) {
        return std::pair(items_[a].connection, a) < std::pair(items_[b].connection, b);
    });
    std::vector<bool> again(items_.size());
    bool any = false;
    std::size_t kept = 0;
    for (std::size_t i = 1; i < order.size(); ++i) {
        Item& first = items_[order[kept]];
        const Item& second = items_[order[i]];
        if (first.connection != second.connection) {
            kept = i;
            continue;
        }
        if (first.minutes != second.minutes) {
            return usage_error(concat({"--from-file: ", Uuid::of(first.connection).str(),
                                       " comes twice, with different minutes; nothing was sent"}));
        }
        if (second.known != 0 && asks_more(known_[second.known - 1])) {
            first.known = first.known == 0 ? second.known : first.known;
            merge_into(known_[first.known - 1], known_[second.known - 1]);
        }
        again[order[i]] = any = true;
    }
    if (any) {
        std::vector<Item> once;
        for (std::size_t i = 0; i < items_.size(); ++i) {
            if (!again[i]) {
                once.push_back(items_[i]);
            }
        }
        items_ = std::move(once);
    }
    return {};
}

} // namespace jit::access
