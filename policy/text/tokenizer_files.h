#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

#include "policy/text/vocabulary.h"

namespace reckon::policy {

/// The texts of special tokens by role ("bos_token", "eos_token", "pad_token", "unk_token", ...).
using SpecialTexts = std::map<std::string, std::string>;

/// The chat template in a parsed tokenizer_config.json: a text, or of a list of named ones the one
/// named "default"; empty if there is none. Throws Error(corrupt).
std::string read_chat_template(const nlohmann::json& document, const std::string& file);

/// Reads the special tokens out of a parsed tokenizer_config.json or special_tokens_map.json, each
/// a text, an object with `content`, or null. `file` stands in messages. Throws Error(corrupt).
SpecialTexts read_special_texts(const nlohmann::json& document, const std::string& file);

/// Builds the vocabulary of a tokenizer.json from the tokens in `vocab` (an object from text to id,
/// standing at `vocab_place`), the `added_tokens` of `document`, and the special texts, which must
/// be among them. Throws Error(corrupt) unless each id is there once and, with Holes::refused, they
/// are exactly 0 .. n - 1; with Holes::allowed some may be missing.
Vocabulary read_vocabulary(const nlohmann::json& document, const std::string& file,
                           const nlohmann::json& vocab, const std::string& vocab_place,
                           const SpecialTexts& special_texts, Holes holes);

/// The member `key` of the object `parent`, which stands at `place` in messages. Throw
/// Error(corrupt) if it is missing or of another type.
const nlohmann::json& object_member(const nlohmann::json& parent, const std::string& key,
                                    const std::string& place);
const nlohmann::json& list_member(const nlohmann::json& parent, const std::string& key,
                                  const std::string& place);
const std::string& string_member(const nlohmann::json& parent, const std::string& key,
                                 const std::string& place);

/// A flag of the object `parent`, `otherwise` if it is missing. Throws Error(corrupt).
bool bool_member(const nlohmann::json& parent, const char* key, bool otherwise,
                 const std::string& place);

/// An id. `token` stands in messages. Throws Error(corrupt) unless it is one of a vocabulary of the
/// largest size this program reads.
std::int32_t read_id(const nlohmann::json& value, const std::string& place, std::string_view token);

/// The member `type` of the object `part`. Throws Error(corrupt) if it is no object or has none.
const std::string& object_type(const nlohmann::json& part, const std::string& place);

/// A text for messages: in quotes, control characters escaped, and cut if it is long.
std::string quote_text(std::string_view text);

/// The type of the part `key` (normalizer, pre_tokenizer, ...) of a tokenizer.json, "null" if there
/// is none. Throws Error(corrupt) if it is not an object with a `type`.
std::string part_type(const nlohmann::json& document, const std::string& key,
                      const std::string& file);

/// Throws Error(unsupported), naming both, unless the part `key` has the type `expected`.
void require_part(const nlohmann::json& document, const std::string& key,
                  const std::string& expected, const std::string& file);

/// Throws Error(unsupported) unless the post-processor is null or the template that adds nothing to
/// a text, which transformers writes for tokenizers without one.
void require_no_post_processing(const nlohmann::json& document, const std::string& file);

/// The text of a tokenizer.json without normalizer, post-processor and decoder. `pre_tokenizer` and
/// `model` go into it as they are.
std::string tokenizer_json(const Vocabulary& vocabulary,
                           const nlohmann::ordered_json& pre_tokenizer,
                           const nlohmann::ordered_json& model);

/// What `write_tokenizer_files` writes.
struct TokenizerOutput {
  std::string tokenizer;      // text of tokenizer.json
  std::string config;         // text of a tokenizer_config.json to go on from, or empty
  SpecialTexts special;       // texts of all special tokens by role
  std::string chat_template;  // empty for none
};

/// Writes the three files of a tokenizer into `folder`, each atomically. Keys of the given
/// configuration that this program does not know are kept. Throws Error(io).
void write_tokenizer_files(const std::filesystem::path& folder, const TokenizerOutput& output);

}  // namespace reckon::policy
