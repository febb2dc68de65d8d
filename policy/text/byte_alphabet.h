#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace reckon::policy {

/// The alphabet of byte-level tokenizers, in which each byte is one printable character: bytes that
/// are printable in Latin-1 stand for themselves, the others are U+0100 and the characters after
/// it, in order. All functions are thread-safe.

/// The character for `byte`, in UTF-8.
const std::string& byte_character(unsigned char byte);

/// The bytes that `token` (UTF-8) spells in the alphabet, or none if it holds another character.
std::optional<std::string> spelled_bytes(std::string_view token);

}  // namespace reckon::policy
