#include "rewards/language_words.h"

#include <algorithm>

#include "core/utf8.h"

namespace reckon::rewards {

namespace {

/// A sentence of so many words holds a frequent one in every language that is told by its words.
constexpr int64_t kTellingWords = 8;
/// So many words must show another language: one alone is often a name or a loan.
constexpr int64_t kLeastEvidence = 2;
/// Japanese of so many characters holds kana.
constexpr int64_t kTellingHan = 8;

bool has_script(const Language& language, Script script) {
  return std::ranges::find(language.scripts, script) != language.scripts.end();
}

int64_t letters_of(const Sentence& sentence, Script script) {
  int64_t letters = 0;
  for (const ProseWord& word : sentence) letters += word.script == script ? word.letters : 0;
  return letters;
}

/// Of a sentence that may be Chinese or Japanese.
bool is_han_target(const Sentence& sentence, const Language& target) {
  const bool kana =
      letters_of(sentence, Script::hiragana) > 0 || letters_of(sentence, Script::katakana) > 0;
  if (!has_script(target, Script::hiragana)) return !kana;
  return kana || letters_of(sentence, Script::han) < kTellingHan;
}

}  // namespace

LanguageWords::LanguageWords() {
  size_t bit = 0;
  for (const Language& language : languages()) {
    if (language.words.empty()) continue;
    const Mask mask = Mask{1} << bit++;
    std::string_view rest = language.words;
    while (!rest.empty()) {
      const std::string_view word = rest.substr(0, rest.find(' '));
      words_[folded_word(word)] |= mask;
      rest.remove_prefix(std::min(rest.size(), word.size() + 1));
    }
    for (size_t at = 0; at < language.letters.size();) {
      const Utf8Step step = read_utf8(language.letters, at);
      letters_[step.character] |= mask;
      at += step.size;
    }
    bits_[std::string(language.code)] = mask;
    for (const Script script : language.scripts) of_script_[static_cast<size_t>(script)] |= mask;
  }
}

LanguageWords::Mask LanguageWords::evidence(const ProseWord& word) const {
  Mask mask = 0;
  if (const auto found = words_.find(word.folded); found != words_.end()) mask |= found->second;
  for (size_t at = 0; at < word.folded.size();) {
    const Utf8Step step = read_utf8(word.folded, at);
    at += step.size;
    if (step.character < 0x80) continue;
    if (const auto found = letters_.find(step.character); found != letters_.end()) {
      mask |= found->second;
    }
  }
  return mask & of_script_[static_cast<size_t>(word.script)];
}

bool LanguageWords::is_target(const Sentence& sentence, const Language& target) const {
  if (has_script(target, Script::han)) return is_han_target(sentence, target);
  const auto own_bit = bits_.find(target.code);
  if (own_bit == bits_.end()) return true;
  std::array<int64_t, 32> seen = {};
  int64_t own = 0;
  int64_t words = 0;
  for (const ProseWord& word : sentence) {
    if (!has_script(target, word.script)) continue;
    ++words;
    const Mask mask = evidence(word);
    own += (mask & own_bit->second) != 0 ? 1 : 0;
    for (size_t bit = 0; bit < seen.size(); ++bit) seen[bit] += (mask >> bit) & 1u;
  }
  const int64_t best = *std::ranges::max_element(seen);
  if (best >= kLeastEvidence && best > own) return false;
  return own > 0 || words < kTellingWords;
}

}  // namespace reckon::rewards
