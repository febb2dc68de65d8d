#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "policy/text/added_tokens.h"
#include "policy/tokenizer.h"

namespace reckon::policy {

/// Whether a vocabulary may have ids without a token.
enum class Holes { refused, allowed };

/// What every type of tokenizer has: the tokens by id and by text, the added tokens and the special
/// ids. Immutable, hence thread-safe.
class Vocabulary {
 public:
  /// `tokens` by id, the texts unique; `added` and `special_ids` must refer to ids of `tokens`. The
  /// special ids become special added tokens if they are not, as they do in transformers. With
  /// Holes::allowed an empty text stands for an id without a token.
  Vocabulary(std::vector<std::string> tokens, std::vector<AddedToken> added,
             const SpecialIds& special_ids, Holes holes = Holes::refused);

  std::int32_t size() const { return static_cast<std::int32_t>(tokens_.size()); }
  const AddedTokens& added() const { return added_; }
  const SpecialIds& special_ids() const { return special_ids_; }

  /// The id of the token with exactly this text, or none.
  std::optional<std::int32_t> find(std::string_view token) const;

  /// The text of a token. Throws Error(invalid_argument) for an id outside the vocabulary.
  const std::string& token(std::int32_t id) const;

  /// Whether `id` is a special added token. Throws like `token`.
  bool is_special(std::int32_t id) const;

 private:
  void check_id(std::int32_t id) const;

  std::vector<std::string> tokens_;
  std::unordered_map<std::string, std::int32_t, TextHash, std::equal_to<>> ids_;
  std::vector<bool> special_;
  AddedTokens added_;
  SpecialIds special_ids_;
};

}  // namespace reckon::policy
