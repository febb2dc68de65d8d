#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "core/error.h"

/// The function that libFuzzer calls once for each input.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace reckon::fuzz {

/// Runs a reader on hostile input. It may refuse it with an Error that blames the input; any other
/// exception ends the process, and an Error(internal) too: that blames the program.
template <class Reader>
void may_refuse(const Reader& reader) {
  try {
    reader();
  } catch (const Error& error) {
    if (error.code() == ErrorCode::internal) std::abort();
  }
}

/// Ends the process where two things that must agree do not.
inline void must(bool holds) {
  if (!holds) std::abort();
}

/// The input as text.
inline std::string_view as_text(const std::uint8_t* data, std::size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

/// Cuts the part up to the first zero byte from the front of `text`: the parts of an input that
/// stands for several files.
inline std::string_view cut_part(std::string_view& text) {
  const std::size_t end = text.find('\0');
  const std::string_view part = text.substr(0, end);
  text = end == std::string_view::npos ? std::string_view{} : text.substr(end + 1);
  return part;
}

}  // namespace reckon::fuzz
