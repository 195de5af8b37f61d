#pragma once

#include "sandbox/fault.hpp"
#include "sandbox/http_message.hpp"

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace jit::sandbox {

/// Bytes to write one after the other.
struct Piece {
    std::string bytes;
    std::uint64_t times = 1;                ///< written so many times
    std::chrono::duration<double> pause{0}; ///< before it
};

/// What becomes of a connection.
enum class Ending {
    keep,  ///< the next request is read
    close, ///< orderly: the peer reads to the end
    drop,  ///< closed without a word, not even of TLS
    reset, ///< a TCP reset
    hang,  ///< it stays open until the peer goes
};

/// All that goes over the wire because of one request.
struct Delivery {
    std::vector<Piece> pieces;
    Ending ending = Ending::keep;
    int status = 0; ///< in the pieces; 0: none
};

/// An answer that nothing goes wrong with.
[[nodiscard]] Delivery deliver(const Response& response, Framing framing, TimePoint now);

/// What a fault makes of a request. `response` is what it was carried out with, where the fault wants it
/// carried out, and of no account otherwise. Expects a fault of a request.
[[nodiscard]] Delivery deliver(const Fault& fault, const Request& request, const Response& response,
                               Framing framing, TimePoint now);

/// What a fault makes of a connection.
[[nodiscard]] Ending ending_of(const Fault& fault);

} // namespace jit::sandbox
