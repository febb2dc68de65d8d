#include "rewards/repetition.h"

#include <fmt/format.h>

#include <unordered_set>
#include <vector>

#include "core/utf8.h"
#include "rewards/script.h"

namespace reckon::rewards {

namespace {

constexpr uint64_t kSeed = 0x9E3779B97F4A7C15;

/// Mixes `value` into a running hash (the finalizer of splitmix64).
uint64_t mix(uint64_t hash, uint64_t value) {
  hash ^= value + kSeed + (hash << 6) + (hash >> 2);
  hash = (hash ^ (hash >> 30)) * 0xBF58476D1CE4E5B9;
  hash = (hash ^ (hash >> 27)) * 0x94D049BB133111EB;
  return hash ^ (hash >> 31);
}

/// A hash of each word. Two words of 64 bits meet by chance about once in 10^7 texts of a million
/// words; the value then moves by a millionth.
std::vector<uint64_t> hash_words(std::string_view text) {
  std::vector<uint64_t> words;
  uint64_t hash = kSeed;
  bool inside = false;
  const auto end_word = [&] {
    if (inside) words.push_back(hash);
    hash = kSeed;
    inside = false;
  };
  for (size_t at = 0; at < text.size();) {
    const Utf8Step step = read_utf8(text, at);
    char32_t character =
        step.valid ? step.character : 0x110000u + static_cast<unsigned char>(text[at]);
    at += step.size;
    if (is_white_space(character)) {
      end_word();
      continue;
    }
    if (character >= U'A' && character <= U'Z') character |= 0x20u;
    const bool alone = characters_per_word(script_of(character)) > 0;
    if (alone) end_word();
    hash = mix(hash, character);
    inside = true;
    if (alone) end_word();
  }
  end_word();
  return words;
}

}  // namespace

double repeated_share(std::string_view text, int64_t size) {
  const std::vector<uint64_t> words = hash_words(text);
  const size_t n = static_cast<size_t>(size);
  if (size < 1 || words.size() < n) return 0.0;
  const size_t total = words.size() - n + 1;
  std::unordered_set<uint64_t> seen;
  seen.reserve(total);
  for (size_t first = 0; first < total; ++first) {
    uint64_t hash = kSeed;
    for (size_t i = first; i < first + n; ++i) hash = mix(hash, words[i]);
    seen.insert(hash);
  }
  return 1.0 - static_cast<double>(seen.size()) / static_cast<double>(total);
}

RepetitionReward::RepetitionReward(const RepetitionConfig& config)
    : Reward(config), ngram_size_(config.ngram_size), max_penalty_(config.max_penalty) {}

RewardResult RepetitionReward::score(const RewardInput& input) const {
  const double share = repeated_share(input.completion, ngram_size_);
  // Plus 0 turns the -0 of a text without repeats into 0.
  return {share * max_penalty_ + 0.0, "", "",
          fmt::format("{:.1f} % of runs of {} words are repeats", 100.0 * share, ngram_size_)};
}

}  // namespace reckon::rewards
