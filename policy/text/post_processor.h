#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

namespace reckon::policy {

/// The tokens that a tokenizer adds around one text.
struct PostProcessor {
  std::vector<std::int32_t> prefix;  // ids before the text
  std::vector<std::int32_t> suffix;  // ids after it

  /// From the part `post_processor` of a parsed tokenizer.json, called `file` in messages: null,
  /// ByteLevel (which adds nothing), TemplateProcessing, or a Sequence of them. Ids must be below
  /// `vocab_size`. Throws Error(corrupt) and Error(unsupported).
  static PostProcessor read(const nlohmann::json& document, const std::string& file,
                            std::int32_t vocab_size);
};

}  // namespace reckon::policy
