#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>

#include "policy/text/tokenizer_files.h"
#include "policy/text/vocabulary.h"
#include "policy/tokenizer.h"

namespace reckon::policy {

/// Model type WordLevel with pre-tokenizer WhitespaceSplit: one token per word, words separated by
/// white space; decoding joins with single spaces.
class WordLevelTokenizer final : public Tokenizer {
 public:
  /// `unk_token` is what unknown words become; if it is not in the vocabulary they are errors.
  WordLevelTokenizer(Vocabulary vocabulary, std::string unk_token, std::string chat_template = {});

  /// From a parsed tokenizer.json, called `file` in messages, whose model is of type WordLevel.
  /// Throws Error(corrupt) and Error(unsupported).
  static std::unique_ptr<Tokenizer> read(const nlohmann::json& document, const std::string& file,
                                         const SpecialTexts& special_texts,
                                         std::string chat_template);

  std::vector<std::int32_t> encode(std::string_view text) const override;
  std::string decode(std::span<const std::int32_t> ids, SpecialText special) const override;
  std::int32_t vocab_size() const override { return vocabulary_.size(); }
  std::optional<std::int32_t> token_id(std::string_view token) const override;
  const std::string& token(std::int32_t id) const override { return vocabulary_.token(id); }
  bool is_special(std::int32_t id) const override { return vocabulary_.is_special(id); }
  const SpecialIds& special_ids() const override { return vocabulary_.special_ids(); }
  const std::string& chat_template() const override { return chat_template_; }
  std::string json_text() const override;
  void save(const std::filesystem::path& folder) const override;

 private:
  std::int32_t word_id(std::string_view word) const;

  Vocabulary vocabulary_;
  std::string unk_token_;
  std::string chat_template_;
  std::optional<std::int32_t> unk_id_;
};

}  // namespace reckon::policy
