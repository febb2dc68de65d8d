#pragma once

#include <fmt/format.h>

#include <cstdio>
#include <utility>

#include "core/progress.h"

namespace reckon {

/// Prints a line to standard error, above an active progress bar. Thread-safe.
template <class... Args>
void log_info(fmt::format_string<Args...> format, Args&&... args) {
  print_above_progress(stderr, fmt::format(format, std::forward<Args>(args)...));
}

/// The same with "warning: " in front: something the user should know of, though the run goes on.
template <class... Args>
void log_warning(fmt::format_string<Args...> format, Args&&... args) {
  print_above_progress(stderr, "warning: " + fmt::format(format, std::forward<Args>(args)...));
}

}  // namespace reckon
