#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "rewards/prose.h"
#include "rewards/script.h"

namespace reckon::rewards {

/// A language and what is known of it.
struct Language {
  std::string_view code;  ///< ISO 639-1
  std::string_view name;  ///< in English, small letters
  std::vector<Script> scripts;
  /// Frequent words that carry grammar or steps of a solution; empty: told by its script only.
  std::string_view words;
  /// Letters that few other languages of the script have.
  std::string_view letters;
};

/// All languages that can be asked for, by code.
std::span<const Language> languages();

/// The language of a code such as `en`, `pt-BR` or `zh_CN`, or of an English name; null if none.
const Language* find_language(std::string_view name);

/// Tells languages of one script apart by their frequent words and letters. Immutable.
class LanguageWords {
 public:
  LanguageWords();

  /// Whether the words of a sentence that are in the scripts of `target` are its own. They are,
  /// unless another language is seen in two words at least and in more words than `target` is, or
  /// eight words hold none that `target` uses all the time. Chinese and Japanese are told apart by
  /// kana: a sentence of eight characters without any is Chinese.
  bool is_target(const Sentence& sentence, const Language& target) const;

 private:
  using Mask = uint32_t;  // one bit for each language

  Mask evidence(const ProseWord& word) const;

  std::unordered_map<std::string, Mask> words_;
  std::unordered_map<char32_t, Mask> letters_;
  std::map<std::string, Mask, std::less<>> bits_;  // of each language that is told by words
  std::array<Mask, kNumScripts> of_script_ = {};   // which of these are written in a script
};

}  // namespace reckon::rewards
