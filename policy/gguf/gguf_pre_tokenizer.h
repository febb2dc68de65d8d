#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>

namespace reckon::policy {

/// How a family of tokenizers prepares a text, under the name of `tokenizer.ggml.pre`.
struct GgufPreTokenizer {
  bool nfc = false;            ///< normalised to Unicode form C first
  bool ignore_merges = false;  ///< a word that is a token is taken whole
  bool adds_bos = false;       ///< where the file does not say
};

/// What `tokenizer.ggml.pre` = `name` means, or none for a name that is not known. An empty name
/// is "default". Thread-safe.
std::optional<GgufPreTokenizer> find_pre_tokenizer(std::string_view name);

/// The `pre_tokenizer` of a tokenizer.json for a known name.
nlohmann::ordered_json pre_tokenizer_json(std::string_view name);

/// The name for the `pre_tokenizer` of a parsed tokenizer.json, or none if it has no name. Never
/// throws on its content.
std::optional<std::string> recognize_pre_tokenizer(const nlohmann::json& tokenizer);

}  // namespace reckon::policy
