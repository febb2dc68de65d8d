#pragma once

#include <cstdint>
#include <mutex>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "policy/text/added_tokens.h"
#include "policy/text/bpe_model.h"
#include "policy/text/normalizer.h"
#include "policy/text/post_processor.h"
#include "policy/text/pre_tokenizer.h"
#include "policy/text/tokenizer_files.h"
#include "policy/text/vocabulary.h"
#include "policy/text/word_cache.h"
#include "policy/tokenizer.h"

namespace reckon::policy {

/// The texts from which a tokenizer was made, kept to be saved again.
struct TokenizerSource {
  std::string tokenizer;  // tokenizer.json
  std::string config;     // tokenizer_config.json, or empty
  SpecialTexts special;
  std::string chat_template;
};

/// Model type BPE with pre-tokenizer ByteLevel: every text is expressed by tokens of bytes.
class BpeTokenizer final : public Tokenizer {
 public:
  /// From a parsed tokenizer.json, called `file` in messages, whose model is of type BPE; `source`
  /// has its text. Throws Error(corrupt) and Error(unsupported).
  BpeTokenizer(const nlohmann::json& document, const std::string& file, TokenizerSource source);

  std::vector<std::int32_t> encode(std::string_view text) const override;
  std::vector<std::int32_t> encode_with_special(std::string_view text) const override;
  std::string decode(std::span<const std::int32_t> ids, SpecialText special) const override;
  std::string decode_bytes(std::span<const std::int32_t> ids, SpecialText special) const override;
  std::int32_t vocab_size() const override { return vocabulary_.size(); }
  std::optional<std::int32_t> token_id(std::string_view token) const override;
  const std::string& token(std::int32_t id) const override;
  bool is_special(std::int32_t id) const override;
  const SpecialIds& special_ids() const override { return vocabulary_.special_ids(); }
  const std::string& chat_template() const override { return source_.chat_template; }
  std::string json_text() const override { return source_.tokenizer; }
  void save(const std::filesystem::path& folder) const override;

 private:
  using Ids = std::vector<std::int32_t>;

  bool has_row(std::int32_t id) const;
  std::string_view bytes_of(std::int32_t id) const;
  void encode_piece(std::string_view text, WordCache* cache, Ids& ids) const;
  void encode_words(std::string_view text, WordCache* cache, Ids& ids) const;

  TokenizerSource source_;
  Vocabulary vocabulary_;
  Normalizer normalizer_;
  AddedTokens added_;
  PreTokenizer pre_tokenizer_;
  BpeModel model_;
  PostProcessor post_processor_;
  std::string bytes_;                // what all tokens decode to, one after the other
  std::vector<std::size_t> starts_;  // of each token in bytes_, and the end
  // One thread at a time uses the cache, the others do without.
  mutable std::mutex cache_mutex_;
  mutable WordCache cache_;
};

}  // namespace reckon::policy
