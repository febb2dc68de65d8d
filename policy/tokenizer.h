#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace reckon::policy {

/// Ids of the tokens with a meaning of their own; none where a tokenizer has no such token.
struct SpecialIds {
  std::optional<std::int32_t> bos;
  std::optional<std::int32_t> eos;
  std::optional<std::int32_t> pad;
};

/// What `Tokenizer::decode` does with special tokens.
enum class SpecialText { keep, skip };

/// Text to ids and back. Ids are 0 .. vocab_size() - 1; a byte-level tokenizer may have holes, ids
/// without a token, whose text is empty. Thread-safe. Agrees with the Hugging Face library on the
/// same folder.
class Tokenizer {
 public:
  virtual ~Tokenizer() = default;

  /// The ids of `text` (UTF-8); the texts of special tokens become these tokens, and no token is
  /// added that the text does not hold. Throws Error(invalid_argument) for a text that is not UTF-8
  /// or that the vocabulary cannot express, naming the word; a byte-level tokenizer expresses all.
  virtual std::vector<std::int32_t> encode(std::string_view text) const = 0;

  /// `encode` with the tokens that the tokenizer's post-processor adds around a text (beginning of
  /// text, mostly), as the `encode` of the Hugging Face library gives them.
  virtual std::vector<std::int32_t> encode_with_special(std::string_view text) const;

  /// The text of `ids`; parts that are not UTF-8 become U+FFFD. Throws Error(invalid_argument) for
  /// an id outside the vocabulary; in a byte-level tokenizer only negative ones are outside, since
  /// models have more rows than tokens: the text of an id without a token is empty.
  virtual std::string decode(std::span<const std::int32_t> ids,
                             SpecialText special = SpecialText::keep) const = 0;

  /// `decode` without the replacement: the tokens of a byte-level tokenizer may cut a character.
  virtual std::string decode_bytes(std::span<const std::int32_t> ids,
                                   SpecialText special = SpecialText::keep) const;

  /// The largest id that has a token, plus 1, special tokens included.
  virtual std::int32_t vocab_size() const = 0;

  /// The id of the token with exactly this text, or none.
  virtual std::optional<std::int32_t> token_id(std::string_view token) const = 0;

  /// The text of a token as it stands in the vocabulary. Throws Error(invalid_argument) for an id
  /// outside the vocabulary, like `decode`.
  virtual const std::string& token(std::int32_t id) const = 0;

  /// Whether `decode` skips this token on request. Throws like `token`.
  virtual bool is_special(std::int32_t id) const = 0;

  /// Beginning of text, end of text, padding.
  virtual const SpecialIds& special_ids() const = 0;

  /// The model's chat template (Jinja), empty if it has none. `save` writes it too.
  virtual const std::string& chat_template() const;

  /// The text of tokenizer.json, from which `parse_tokenizer` makes an equal tokenizer. Throws
  /// Error(unsupported) for a tokenizer that has none.
  virtual std::string json_text() const;

  /// Writes tokenizer.json, tokenizer_config.json and special_tokens_map.json into `folder`, which
  /// must exist, so that transformers.AutoTokenizer loads them. (Beside a config.json of model type
  /// qwen2, transformers 5 ignores the class named in the folder: PreTrainedTokenizerFast loads
  /// it.) Throws Error(io).
  virtual void save(const std::filesystem::path& folder) const = 0;

  std::optional<std::int32_t> bos_id() const { return special_ids().bos; }
  std::optional<std::int32_t> eos_id() const { return special_ids().eos; }
  std::optional<std::int32_t> pad_id() const { return special_ids().pad; }
};

/// Reads a Hugging Face tokenizer: tokenizer.json and, where they exist, tokenizer_config.json and
/// special_tokens_map.json (for bos, eos, pad; the former wins) and chat_template.jinja, which wins
/// over the template in tokenizer_config.json. Model type BPE on bytes (GPT-2, Llama 3, Qwen, ...),
/// or WordLevel split on white space. Throws Error(not_found), Error(corrupt) for malformed files
/// and Error(unsupported) that names what this build does not know. Nothing in the files is
/// trusted.
std::unique_ptr<Tokenizer> load_tokenizer(const std::filesystem::path& folder);

/// The texts of a tokenizer's files; an empty one stands for a file that does not exist.
struct TokenizerTexts {
  std::string_view tokenizer;           // tokenizer.json
  std::string_view config;              // tokenizer_config.json
  std::string_view special_tokens_map;  // special_tokens_map.json
  std::string_view chat_template = {};  // chat_template.jinja
};

/// `load_tokenizer` from memory; `folder` stands for the place of the files in messages.
std::unique_ptr<Tokenizer> parse_tokenizer(const TokenizerTexts& texts, const std::string& folder);

/// A tokenizer with one token per word, split on white space; ids are the positions in `words`.
/// `bos`, `eos` and `pad` are words of the list that become special, or empty for none. Unknown
/// words are errors, or become `<unk>` if that is a word of the list. Throws
/// Error(invalid_argument) for a word that is empty, twice there, not UTF-8 or holds white space.
std::unique_ptr<Tokenizer> make_word_level_tokenizer(std::vector<std::string> words,
                                                     const std::string& bos, const std::string& eos,
                                                     const std::string& pad);

}  // namespace reckon::policy
