#pragma once

#include <array>
#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "policy/text/merge_table.h"
#include "policy/text/vocabulary.h"

namespace reckon::policy {

/// Byte-pair encoding (Sennrich et al. 2016) on bytes: a word begins as one token per byte, then
/// neighbours are merged, the lowest rank first and of equal ranks the leftmost. Immutable, hence
/// thread-safe.
class BpeModel {
 public:
  /// From the part `model` of a parsed tokenizer.json, which stands at `place` in messages and
  /// whose tokens are in `vocabulary`. Throws Error(corrupt), as for merges of tokens that do not
  /// exist, and Error(unsupported) for settings that this program does not know.
  static BpeModel read(const nlohmann::json& model, const std::string& place,
                       const Vocabulary& vocabulary);

  /// Appends the ids of `word` to `ids`. Bytes without a token are left out, as the Hugging Face
  /// library does it.
  void encode(std::string_view word, std::vector<std::int32_t>& ids) const;

 private:
  BpeModel(const Vocabulary& vocabulary, std::size_t merges);

  void add_merge(const std::string& left, const std::string& right, std::size_t rank,
                 const Vocabulary& vocabulary, const std::string& place);

  std::array<std::int32_t, 256> byte_ids_{};  // -1 for none
  MergeTable merges_;
  // Words that are tokens as they are, whatever the merges make of them (`ignore_merges`).
  std::unordered_map<std::string, std::int32_t, TextHash, std::equal_to<>> whole_words_;
};

}  // namespace reckon::policy
