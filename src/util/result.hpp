#pragma once

#include "util/error.hpp"

#include <optional>
#include <utility>
#include <variant>

namespace jit {

/// A value, or why there is none. The part of C++23's std::expected that the project needs.
template <typename T, typename E = Error>
class [[nodiscard]] Result {
public:
    Result(T value)
        : state_(std::in_place_index<0>, std::move(value)) {} // NOLINT: implicit, as std::expected
    Result(E error)
        : state_(std::in_place_index<1>, std::move(error)) {} // NOLINT: implicit, so `return error;`

    [[nodiscard]] bool has_value() const { return state_.index() == 0; }
    explicit operator bool() const { return has_value(); }

    T& operator*() & { return std::get<0>(state_); }
    const T& operator*() const& { return std::get<0>(state_); }
    T&& operator*() && { return std::get<0>(std::move(state_)); }
    T* operator->() { return &std::get<0>(state_); }
    const T* operator->() const { return &std::get<0>(state_); }

    [[nodiscard]] E& error() & { return std::get<1>(state_); }
    [[nodiscard]] const E& error() const& { return std::get<1>(state_); }
    [[nodiscard]] E&& error() && { return std::get<1>(std::move(state_)); }

private:
    std::variant<T, E> state_;
};

/// Success without a value, or why not.
template <typename E>
class [[nodiscard]] Result<void, E> {
public:
    Result() = default;
    Result(E error) : error_(std::move(error)) {} // NOLINT: implicit, so `return error;`

    [[nodiscard]] bool has_value() const { return !error_.has_value(); }
    explicit operator bool() const { return has_value(); }

    [[nodiscard]] E& error() & { return *error_; }
    [[nodiscard]] const E& error() const& { return *error_; }
    [[nodiscard]] E&& error() && { return *std::move(error_); }

private:
    std::optional<E> error_;
};

} // namespace jit

#define JIT_TRY_NAME_2(line) jit_try_##line
#define JIT_TRY_NAME_1(line) JIT_TRY_NAME_2(line)
/// `JIT_TRY(auto x, f());` declares x with f's value, or returns f's error from the enclosing function.
#define JIT_TRY(declaration, ...)                                                                            \
    auto JIT_TRY_NAME_1(__LINE__) = (__VA_ARGS__);                                                           \
    if (!JIT_TRY_NAME_1(__LINE__)) {                                                                         \
        return std::move(JIT_TRY_NAME_1(__LINE__)).error();                                                  \
    }                                                                                                        \
    declaration = *std::move(JIT_TRY_NAME_1(__LINE__))
