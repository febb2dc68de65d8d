#pragma once

#include <fmt/format.h>

#include <source_location>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>

static_assert(FMT_VERSION == 120100, "one fmt version in the whole program: the one of LibTorch");

namespace reckon {

/// What kind of failure an `Error` reports. The command line maps `invalid_argument`, `not_found`,
/// `corrupt` and `unsupported` to exit status 2 (the user asked for something wrong) and the others
/// to 1 (the run failed).
enum class ErrorCode { invalid_argument, not_found, corrupt, io, unsupported, internal };

/// The only exception type of the project. The text is for the user of a recipe, in the form
/// "expected X, got Y, in FILE/KEY"; the throwing place is a field for developers.
class Error : public std::runtime_error {
 public:
  Error(ErrorCode code, const std::string& message,
        std::source_location where = std::source_location::current())
      : std::runtime_error(message), code_(code), where_(where) {}

  ErrorCode code() const { return code_; }
  const std::source_location& where() const { return where_; }

 private:
  ErrorCode code_;
  std::source_location where_;
};

/// A format string that remembers where it was written. Made implicitly from a string literal.
template <class... Args>
struct FormatAt {
  template <class Text>
  consteval FormatAt(const Text& text,
                     std::source_location at = std::source_location::current())
      : format(text), where(at) {}

  fmt::format_string<Args...> format;
  std::source_location where;
};

/// Throws `Error(code, fmt::format(format, args...))`.
template <class... Args>
[[noreturn]] void fail(ErrorCode code, FormatAt<std::type_identity_t<Args>...> format,
                       Args&&... args) {
  throw Error(code, fmt::format(format.format, std::forward<Args>(args)...), format.where);
}

/// Throws like `fail` unless `condition` holds. Arguments are evaluated either way: keep them cheap.
template <class... Args>
void check(bool condition, ErrorCode code, FormatAt<std::type_identity_t<Args>...> format,
           Args&&... args) {
  if (!condition) [[unlikely]] {
    throw Error(code, fmt::format(format.format, std::forward<Args>(args)...), format.where);
  }
}

}  // namespace reckon
