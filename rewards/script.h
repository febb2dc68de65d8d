#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace reckon::rewards {

/// A writing system. `none` is for what is no letter; `inherited` for marks that belong to the
/// letter before them; `other` for letters of scripts that no language of ours is written in.
enum class Script : uint8_t {
  none,
  latin,
  greek,
  cyrillic,
  armenian,
  hebrew,
  arabic,
  devanagari,
  bengali,
  gurmukhi,
  gujarati,
  tamil,
  telugu,
  kannada,
  malayalam,
  sinhala,
  thai,
  lao,
  tibetan,
  myanmar,
  georgian,
  ethiopic,
  khmer,
  mongolian,
  hangul,
  hiragana,
  katakana,
  han,
  other,
  inherited,
};

/// Number of values of `Script`.
inline constexpr size_t kNumScripts = static_cast<size_t>(Script::inherited) + 1;

/// The letters of one script from `first` to `last`.
struct ScriptRange {
  char32_t first;
  char32_t last;
  Script script;
};

/// Every letter of Unicode, in order.
std::span<const ScriptRange> script_ranges();

/// The script of a character. Thread-safe, logarithmic in the number of ranges.
Script script_of(char32_t character);

/// How many characters of the script make up a word where blanks do not separate words; 0 for
/// scripts that are written with blanks.
int characters_per_word(Script script);

/// Whether the script is one whose capitals look like those of Latin, so that one word of two of
/// them is a disguise.
bool looks_like_latin(Script script);

}  // namespace reckon::rewards
