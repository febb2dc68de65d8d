#pragma once

#include <span>

namespace reckon::sandbox {

/// System calls by what the filter does with them. Names that a kernel or a processor does not know
/// are skipped. What is in no list does not exist for a program (ENOSYS).
std::span<const char* const> allowed_calls();
/// EPERM: honest runtimes try them and go on without.
std::span<const char* const> refused_calls();
/// The process dies: no honest program has a use for them.
std::span<const char* const> deadly_calls();

}  // namespace reckon::sandbox
