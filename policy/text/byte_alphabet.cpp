#include "policy/text/byte_alphabet.h"

#include <array>
#include <vector>

#include "core/utf8.h"

namespace reckon::policy {
namespace {

struct Alphabet {
  std::array<std::string, 256> characters;
  std::vector<int> bytes;  // by character, -1 for none
};

bool stands_for_itself(int byte) {
  return (byte >= 0x21 && byte <= 0x7E) || (byte >= 0xA1 && byte != 0xAD);
}

Alphabet make_alphabet() {
  Alphabet result;
  int next = 0x100;
  for (int byte = 0; byte < 256; ++byte) {
    const int character = stands_for_itself(byte) ? byte : next++;
    std::string& text = result.characters[static_cast<std::size_t>(byte)];
    if (character < 0x80) {
      text += static_cast<char>(character);
    } else {
      text += static_cast<char>(0xC0 | (character >> 6));
      text += static_cast<char>(0x80 | (character & 0x3F));
    }
    result.bytes.resize(std::max(result.bytes.size(), static_cast<std::size_t>(character) + 1), -1);
    result.bytes[static_cast<std::size_t>(character)] = byte;
  }
  return result;
}

const Alphabet& alphabet() {
  static const Alphabet made = make_alphabet();
  return made;
}

}  // namespace

const std::string& byte_character(unsigned char byte) { return alphabet().characters[byte]; }

std::optional<std::string> spelled_bytes(std::string_view token) {
  const std::vector<int>& bytes = alphabet().bytes;
  std::string result;
  for (std::size_t at = 0; at < token.size();) {
    const Utf8Step step = read_utf8(token, at);
    if (!step.valid || step.character >= bytes.size() || bytes[step.character] < 0) {
      return std::nullopt;
    }
    result += static_cast<char>(bytes[step.character]);
    at += step.size;
  }
  return result;
}

}  // namespace reckon::policy
