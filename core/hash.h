#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace reckon {

/// FNV-1a, 64 bits, of `bytes`. For names of content (the recipe hash, splits of problems), not for
/// protection against anyone. The value is the same on every machine and in every version.
constexpr uint64_t fnv1a(std::string_view bytes) {
  uint64_t hash = 0xcbf29ce484222325u;
  for (const char c : bytes) {
    hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3u;
  }
  return hash;
}

/// The finalizer of SplitMix64 after one step of its counter: a bijection of 64-bit words in which
/// every input bit reaches every output bit.
constexpr uint64_t mix64(uint64_t value) {
  value += 0x9e3779b97f4a7c15u;
  value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9u;
  value = (value ^ (value >> 27)) * 0x94d049bb133111ebu;
  return value ^ (value >> 31);
}

/// `value` as exactly 16 lower-case hexadecimal digits.
std::string hex16(uint64_t value);

}  // namespace reckon
