#include "rewards/script.h"

#include <algorithm>

namespace reckon::rewards {

Script script_of(char32_t character) {
  if (character < 0x80) {
    const char32_t lower = character | 0x20u;
    return lower >= U'a' && lower <= U'z' ? Script::latin : Script::none;
  }
  const auto ranges = script_ranges();
  const auto after =
      std::ranges::upper_bound(ranges, character, std::ranges::less(), &ScriptRange::first);
  if (after == ranges.begin()) return Script::none;
  const ScriptRange& range = *std::prev(after);
  return character <= range.last ? range.script : Script::none;
}

int characters_per_word(Script script) {
  switch (script) {
    case Script::han:
      return 2;
    case Script::hiragana:
    case Script::katakana:
      return 3;
    case Script::thai:
    case Script::lao:
    case Script::khmer:
    case Script::myanmar:
      return 4;
    default:
      return 0;
  }
}

bool looks_like_latin(Script script) {
  return script == Script::latin || script == Script::greek || script == Script::cyrillic ||
         script == Script::armenian || script == Script::other;
}

}  // namespace reckon::rewards
