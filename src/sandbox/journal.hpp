#pragma once

#include "sandbox/http_message.hpp"
#include "sandbox/tokens.hpp"
#include "util/time.hpp"
#include "util/uuid.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace jit::sandbox {

enum class Action { activate, extend, deactivate };

/// Remembers each request and what was applied: a witness for tests of clients. It holds no access token and
/// no client secret.
class Journal {
public:
    /// Names a recorded request for as long as the process lives.
    using Ticket = std::uint64_t;

    /// Records a request as it was read. `tokens` tells which access token it carries; `fault` what goes
    /// wrong with it, and is empty where nothing does.
    [[nodiscard]] Ticket record(const Request& request, const Tokens& tokens, std::string fault,
                                TimePoint now);

    /// Notes the status of the answer, 0 if there never is one; does nothing for a request that was cleared
    /// away meanwhile.
    void answered(Ticket ticket, int status);

    void applied(const Uuid& connection, Action action);

    /// Forgets everything: requests and connections are numbered from 1 again. Tokens keep their numbers.
    void clear();

    /// All of it as one JSON object. Bytes that are not UTF-8 are shown as U+FFFD.
    [[nodiscard]] std::string json() const;

private:
    struct Entry {
        TimePoint time;
        std::size_t connection;
        Request request;
        std::string fault;
        std::optional<int> status = {}; ///< once it is known
    };
    struct Counts {
        std::uint64_t activate = 0;
        std::uint64_t extend = 0;
        std::uint64_t deactivate = 0;
    };

    std::deque<Entry> entries_;
    Ticket first_ticket_ = 0; ///< of the first of entries_
    std::unordered_map<std::uint64_t, std::size_t> connection_numbers_;
    std::map<std::string, Counts> applied_;
};

} // namespace jit::sandbox
