#pragma once

#include <vector>

namespace jit {

/// From now on this process leaves no core file and cannot be traced by others of the same user, since its
/// memory holds secrets. Best effort: where the system knows no such thing, nothing happens.
void forbid_core_dumps() noexcept;

/// Where standard input, output or error was closed by the parent, puts something in its place that cannot be
/// written to, so that no file or connection opened later gets that number, and what is meant for the stream.
/// To be called before anything is opened.
void ensure_std_fds_open() noexcept;

/// The descriptors that are open now.
[[nodiscard]] std::vector<int> open_descriptors();

/// Has all descriptors that are open now, but these, closed in every program that is started from now on:
/// libraries open some that would go on there.
void set_cloexec_except(const std::vector<int>& inherited);

} // namespace jit
