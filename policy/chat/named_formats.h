#pragma once

#include <span>
#include <string_view>

namespace reckon::policy {

/// A chat format that comes with the program.
struct NamedFormat {
  std::string_view name;
  std::string_view bos_token;
  std::string_view eos_token;  ///< ends an answer; empty if the model's own end token does
  std::string_view jinja;
};

/// All of them, "plain" last.
std::span<const NamedFormat> named_formats();

}  // namespace reckon::policy
