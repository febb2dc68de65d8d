#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <random>
#include <string>
#include <string_view>

namespace reckon {

/// Breaks inputs for the tests of readers: each call damages a copy in one to three places. Equal
/// seeds give equal sequences of damage.
class ByteMutation {
 public:
  explicit ByteMutation(std::uint64_t seed) : random_(seed) {}

  std::string damage(std::string bytes) {
    for (std::size_t times = 1 + below(3); times > 0; --times) damage_once(bytes);
    return bytes;
  }

 private:
  std::size_t below(std::size_t n) { return n == 0 ? 0 : random_() % n; }

  void damage_once(std::string& bytes) {
    // What breaks parsers of JSON and of lengths more often than random bytes do.
    static constexpr std::array<std::string_view, 16> kPieces = {"-1",
                                                                 "0",
                                                                 "18446744073709551615",
                                                                 "9223372036854775807",
                                                                 "1e999",
                                                                 "null",
                                                                 "true",
                                                                 "[",
                                                                 "{}",
                                                                 "\"",
                                                                 ",",
                                                                 ":",
                                                                 "\xff",
                                                                 "\\u0",
                                                                 "[[[[",
                                                                 "2.5"};
    const std::size_t at = below(bytes.size() + 1);
    const std::size_t size = below(std::min<std::size_t>(bytes.size() - at, 24) + 1);
    switch (below(6)) {
      case 0:
        if (at < bytes.size()) bytes[at] = static_cast<char>(bytes[at] ^ (1 << below(8)));
        break;
      case 1:
        if (at < bytes.size()) bytes[at] = static_cast<char>(below(256));
        break;
      case 2:
        bytes.erase(at, size);
        break;
      case 3:
        bytes.insert(at, kPieces[below(kPieces.size())]);
        break;
      case 4:
        bytes.replace(at, size, kPieces[below(kPieces.size())]);
        break;
      default:
        bytes.insert(below(bytes.size() + 1), bytes.substr(at, size));
    }
  }

  std::mt19937_64 random_;
};

}  // namespace reckon
