#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace reckon::policy {

/// The normalizer of a tokenizer: what happens to a text before it is cut. Immutable, hence
/// thread-safe.
class Normalizer {
 public:
  /// From the part `normalizer` of a parsed tokenizer.json, called `file` in messages: null, NFC,
  /// NFD, or a Sequence of them. Throws Error(corrupt) and Error(unsupported).
  static Normalizer read(const nlohmann::json& document, const std::string& file);

  /// Whether `apply` returns every text as it is.
  bool is_identity() const { return forms_.empty(); }

  /// The text (UTF-8) in the normalization form, by Unicode 9 as in the Hugging Face library.
  std::string apply(std::string_view text) const;

 private:
  enum class Form { nfc, nfd };

  void add(const nlohmann::json& part, const std::string& place, int depth);

  std::vector<Form> forms_;
};

}  // namespace reckon::policy
