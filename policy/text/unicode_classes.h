#pragma once

#include <span>
#include <string_view>

namespace reckon::policy {

/// The characters from `first` to `last`, both included.
struct CharacterRange {
  char32_t first = 0;
  char32_t last = 0;
};

/// The characters that Unicode 16 has in this general category ("Lu", "Nd", ...) and Unicode 14
/// does not, sorted. The Hugging Face library knows Unicode 16, Debian 12's PCRE2 and utf8proc do
/// not. All functions of this header are thread-safe.
std::span<const CharacterRange> newer_characters(std::string_view category);

/// Characters that Unicode added since version 9 and that a newer version composes with others or
/// orders among them, sorted. The Hugging Face library normalises by Unicode 9: to it they are
/// characters that combine with nothing.
std::span<const CharacterRange> unnormalized_characters();

/// Whether one of the sorted `ranges` holds `character`.
bool holds(std::span<const CharacterRange> ranges, char32_t character);

/// Whether `character` is a number (category N) as the pre-tokenizer Digits sees it.
bool is_number(char32_t character);

/// Whether `character` is part of words (letters, marks, digits, connectors), for added tokens that
/// match single words only.
bool is_word(char32_t character);

}  // namespace reckon::policy
