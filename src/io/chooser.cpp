#include "io/chooser.hpp"

#include "io/prompt.hpp"
#include "io/terminal_mode.hpp"
#include "util/text.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <optional>
#include <poll.h>
#include <system_error>
#include <unistd.h>

namespace jit::io {
namespace {

using Places = std::vector<std::size_t>;

Error nothing_chosen() {
    return usage_error("nothing was chosen; nothing was sent");
}

/// What the person does.
struct Key {
    enum class Kind { text, up, down, page_up, page_down, mark, accept, leave, erase, clear, none };
    Kind kind = Kind::none;
    std::string text = {};
};

/// Reads keys from standard input, which hands over each at once.
class Keyboard {
public:
    explicit Keyboard(const Interrupt& interrupt) : interrupt_(interrupt) {}

    Result<Key> next() {
        JIT_TRY(const std::optional<char> first, read_byte(k_no_limit));
        if (!first) {
            return Key{Key::Kind::leave};
        }
        switch (*first) {
        case '\n':
        case '\r':
            return Key{Key::Kind::accept};
        case '\t':
            return Key{Key::Kind::mark};
        case '\x7f':
        case '\b':
            return Key{Key::Kind::erase};
        case '\x04': // Ctrl-D
            return Key{Key::Kind::leave};
        case '\x15': // Ctrl-U
            return Key{Key::Kind::clear};
        case '\x0e': // Ctrl-N
            return Key{Key::Kind::down};
        case '\x10': // Ctrl-P
            return Key{Key::Kind::up};
        case '\x1b':
            return escape_sequence();
        default:
            return character(*first);
        }
    }

private:
    static constexpr int k_no_limit = -1;
    static constexpr int k_same_key = 100; ///< milliseconds in which the rest of a key's bytes come

    /// Empty at the end of the input, or after so many milliseconds.
    Result<std::optional<char>> read_byte(int milliseconds) {
        for (;;) {
            if (interrupt_.signal() != 0) {
                return Error{ErrorKind::interrupted, "interrupted; nothing was changed"};
            }
            std::array<pollfd, 2> wait = {{{STDIN_FILENO, POLLIN, 0}, {interrupt_.wake_fd(), POLLIN, 0}}};
            const int ready = poll(wait.data(), wait.size(), milliseconds);
            if (ready == 0) {
                return std::optional<char>();
            }
            if (ready < 0 || wait[0].revents == 0) {
                continue;
            }
            char byte = '\0';
            const ssize_t size = read(STDIN_FILENO, &byte, 1);
            if (size == 1) {
                return std::optional(byte);
            }
            if (size == 0 || (errno != EINTR && errno != EAGAIN)) {
                return std::optional<char>();
            }
        }
    }

    /// "[A", "OA", "[5~": what follows Escape; Escape alone leaves.
    Result<Key> escape_sequence() {
        std::string sequence;
        for (;;) {
            JIT_TRY(const std::optional<char> byte, read_byte(k_same_key));
            if (!byte) {
                return sequence.empty() ? Key{Key::Kind::leave} : Key{};
            }
            sequence.push_back(*byte);
            const bool begins = sequence.size() == 1 && (*byte == '[' || *byte == 'O');
            const bool ends =
                (*byte >= 'A' && *byte <= 'Z') || (*byte >= 'a' && *byte <= 'z') || *byte == '~';
            if (!begins && (ends || sequence.size() == 1)) {
                break;
            }
        }
        if (sequence == "[A" || sequence == "OA") {
            return Key{Key::Kind::up};
        }
        if (sequence == "[B" || sequence == "OB") {
            return Key{Key::Kind::down};
        }
        if (sequence == "[5~") {
            return Key{Key::Kind::page_up};
        }
        return sequence == "[6~" ? Key{Key::Kind::page_down} : Key{};
    }

    /// One character of UTF-8; any other control character is nothing.
    Result<Key> character(char first) {
        const auto lead = static_cast<unsigned char>(first);
        if (lead < 0x20U) {
            return Key{};
        }
        std::string text(1, first);
        const std::size_t size = lead >= 0xF0U ? 4 : lead >= 0xE0U ? 3 : lead >= 0xC0U ? 2 : 1;
        while (text.size() < size) {
            JIT_TRY(const std::optional<char> byte, read_byte(k_same_key));
            if (!byte) {
                return Key{};
            }
            text.push_back(*byte);
        }
        return is_utf8(text) ? Key{Key::Kind::text, text} : Key{};
    }

    const Interrupt& interrupt_;
};

/// The rows that are shown, the one that the person has moved to, and those that are marked.
class Chooser {
public:
    Chooser(Console& console, std::string_view question, const Choices& choices)
        : console_(console), question_(question), choices_(choices), marked_(choices.rows.size(), false) {
        for (const auto& row : choices.rows) {
            std::string text;
            for (const std::string& cell : row) {
                text += fold_case(cell) + "\n";
            }
            texts_.push_back(std::move(text));
        }
        narrow();
    }

    Result<Places> run(const Interrupt& interrupt) {
        Keyboard keyboard(interrupt);
        for (;;) {
            draw();
            auto key = keyboard.next();
            if (!key) {
                erase();
                return std::move(key).error();
            }
            note_.clear();
            switch (key->kind) {
            case Key::Kind::text:
                filter_ += key->text;
                narrow();
                break;
            case Key::Kind::erase:
                erase_character();
                narrow();
                break;
            case Key::Kind::clear:
                filter_.clear();
                narrow();
                break;
            case Key::Kind::down:
                move(1);
                break;
            case Key::Kind::up:
                move(-1);
                break;
            case Key::Kind::page_down:
                move(room());
                break;
            case Key::Kind::page_up:
                move(-room());
                break;
            case Key::Kind::mark:
                mark();
                break;
            case Key::Kind::leave:
                erase();
                return nothing_chosen();
            case Key::Kind::accept:
                if (Places chosen = accepted(); !chosen.empty()) {
                    erase();
                    return chosen;
                }
                note_ = "nothing is chosen yet: move to a row with the arrow keys, or mark rows with Tab";
                break;
            case Key::Kind::none:
                break;
            }
        }
    }

private:
    /// How many rows have room on the screen.
    [[nodiscard]] int room() const {
        constexpr int k_most = 12;
        constexpr int k_other_lines = 4; // titles, help, question, and one to spare
        const int height = console_.err_device().height;
        return height == 0 ? k_most : std::clamp(height - k_other_lines, 1, k_most);
    }

    /// Shows the rows that have every word of the filter. None of them is chosen by that.
    void narrow() {
        std::vector<std::string> words;
        const std::string folded = fold_case(filter_);
        for (std::string_view rest = folded; !rest.empty();) {
            if (const std::string_view word = split_first(rest, ' '); !word.empty()) {
                words.emplace_back(word);
            }
        }
        shown_.clear();
        for (std::size_t i = 0; i < texts_.size(); ++i) {
            if (std::all_of(words.begin(), words.end(), [&](const std::string& word) {
                    return texts_[i].find(word) != std::string::npos;
                })) {
                shown_.push_back(i);
            }
        }
        current_.reset();
        first_ = 0;
    }

    void erase_character() {
        while (!filter_.empty()) {
            const auto byte = static_cast<unsigned char>(filter_.back());
            filter_.pop_back();
            if ((byte & 0xC0U) != 0x80U) {
                break; // the first byte of the character
            }
        }
    }

    void move(int rows) {
        if (shown_.empty()) {
            return;
        }
        const auto last = static_cast<long>(shown_.size()) - 1;
        const long from = current_ ? static_cast<long>(*current_) : rows > 0 ? -1 : last + 1;
        const long to = std::clamp(from + rows, 0L, last);
        current_ = static_cast<std::size_t>(to);
        const auto most = static_cast<std::size_t>(room());
        first_ = std::clamp(first_, *current_ + 1 > most ? *current_ + 1 - most : 0, *current_);
    }

    void mark() {
        if (!current_) {
            note_ = "move to a row with the arrow keys first";
            return;
        }
        marked_[shown_[*current_]] = !marked_[shown_[*current_]];
        if (*current_ + 1 < shown_.size()) {
            move(1);
        }
    }

    /// Those that are marked, else the one that the person has moved to.
    [[nodiscard]] Places accepted() const {
        Places chosen;
        for (std::size_t i = 0; i < marked_.size(); ++i) {
            if (marked_[i]) {
                chosen.push_back(i);
            }
        }
        if (chosen.empty() && current_) {
            chosen.push_back(shown_[*current_]);
        }
        return chosen;
    }

    [[nodiscard]] std::vector<std::string> lines() const {
        constexpr int k_margin = 6; // "> [x] "
        const int width = console_.err_device().width;
        const std::size_t end = std::min(shown_.size(), first_ + static_cast<std::size_t>(room()));
        std::vector<std::vector<std::string>> rows;
        for (std::size_t i = first_; i < end; ++i) {
            rows.push_back(choices_.rows[shown_[i]]);
        }
        const std::string table = render_table(
            choices_.columns, rows, {width == 0 ? 0 : std::max(1, width - k_margin), false, true, true});
        std::vector<std::string> lines;
        std::string_view rest = table;
        lines.push_back(concat({"      ", split_first(rest, '\n')}));
        for (std::size_t i = first_; i < end; ++i) {
            lines.push_back(concat({current_ == i ? "> " : "  ", marked_[shown_[i]] ? "[x] " : "[ ] ",
                                    split_first(rest, '\n')}));
        }
        const auto marks = std::count(marked_.begin(), marked_.end(), true);
        const std::string counts =
            concat({std::to_string(shown_.size()), " of ", std::to_string(choices_.rows.size()),
                    marks == 0 ? "" : concat({", ", std::to_string(marks), " marked"})});
        lines.push_back(note_.empty()
                            ? concat({counts, "; type to filter, arrows move, Tab marks, Enter takes, "
                                              "Esc leaves"})
                            : note_);
        lines.push_back(concat({question_, " ", filter_}));
        for (std::string& line : lines) {
            line = width == 0 ? line : shorten(line, std::max(1, width - 1));
        }
        return lines;
    }

    /// Draws over what was drawn before; the cursor stays behind what is typed.
    void draw() {
        console_.measure();
        std::string text = back();
        const std::vector<std::string> now = lines();
        for (std::size_t i = 0; i < now.size(); ++i) {
            text += concat({i == 0 ? "" : "\n", now[i]});
        }
        drawn_ = static_cast<int>(now.size());
        console_.message(text);
    }

    void erase() {
        console_.message(back());
        drawn_ = 0;
    }

    /// The way back to the first line, with everything from there on erased.
    [[nodiscard]] std::string back() const {
        const std::string up = drawn_ > 1 ? concat({"\x1b[", std::to_string(drawn_ - 1), "A"}) : "";
        return drawn_ == 0 ? "" : concat({up, "\r\x1b[J"});
    }

    Console& console_;
    std::string_view question_;
    const Choices& choices_;
    std::vector<std::string> texts_; ///< of the rows, as the filter reads them
    std::vector<bool> marked_;
    std::string filter_;
    Places shown_;                       ///< places of the rows that fit the filter
    std::optional<std::size_t> current_; ///< place in `shown_` that the person has moved to
    std::size_t first_ = 0;              ///< place in `shown_` of the row at the top
    std::string note_;                   ///< in place of the help
    int drawn_ = 0;                      ///< lines on the screen
};

/// Reads "2", "1 3" or "2,5": numbers of rows. Empty where it is something else.
Places read_numbers(std::string_view answer, std::size_t count) {
    std::string text(answer);
    std::replace(text.begin(), text.end(), ',', ' ');
    Places places;
    for (std::string_view rest = text; !rest.empty();) {
        const std::string_view word = split_first(rest, ' ');
        if (word.empty()) {
            continue;
        }
        const auto number = parse_int(word, 1, static_cast<long>(count));
        if (!number) {
            return {};
        }
        places.push_back(static_cast<std::size_t>(*number) - 1);
    }
    std::sort(places.begin(), places.end());
    places.erase(std::unique(places.begin(), places.end()), places.end());
    return places;
}

Result<Places> choose_by_number(Console& console, const Interrupt& interrupt, std::string_view question,
                                const Choices& choices) {
    std::vector<Column> columns = choices.columns;
    columns.insert(columns.begin(), Column{"#"});
    std::vector<std::vector<std::string>> rows = choices.rows;
    for (std::size_t i = 0; i < rows.size(); ++i) {
        rows[i].insert(rows[i].begin(), std::to_string(i + 1));
    }
    console.message(render_table(columns, rows, {console.err_device().width}));
    for (;;) {
        JIT_TRY(const Secret answer,
                ask(console, interrupt,
                    concat({question, " [1-", std::to_string(rows.size()), "; several: 1 3] "})));
        if (trim(answer.reveal()).empty()) {
            return nothing_chosen();
        }
        if (Places places = read_numbers(trim(answer.reveal()), rows.size()); !places.empty()) {
            return places;
        }
    }
}

} // namespace

Result<std::vector<std::size_t>> choose(Console& console, const Interrupt& interrupt,
                                        std::string_view question, const Choices& choices) {
    if (console.err_device().can_redraw) {
        const TerminalMode mode(Input::keys);
        if (mode.is_set()) {
            auto chosen = Chooser(console, question, choices).run(interrupt);
            if (chosen) {
                std::vector<std::string> names;
                for (const std::size_t place : *chosen) {
                    names.push_back(sanitize_line(choices.rows[place].front()));
                }
                console.message(concat({question, " ", join(names), "\n"}));
            }
            return chosen;
        }
    }
    return choose_by_number(console, interrupt, question, choices);
}

} // namespace jit::io
