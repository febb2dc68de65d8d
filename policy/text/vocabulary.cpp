#include "policy/text/vocabulary.h"

#include <utility>

#include "core/error.h"

namespace reckon::policy {
namespace {

// transformers registers bos, eos and pad as special added tokens whatever tokenizer.json says.
std::vector<AddedToken> with_special_ids(std::vector<AddedToken> added, const SpecialIds& ids,
                                         const std::vector<std::string>& tokens) {
  for (const std::optional<std::int32_t>& id : {ids.bos, ids.eos, ids.pad}) {
    if (id) make_special(added, *id, tokens[static_cast<std::size_t>(*id)]);
  }
  return added;
}

}  // namespace

Vocabulary::Vocabulary(std::vector<std::string> tokens, std::vector<AddedToken> added,
                       const SpecialIds& special_ids, Holes holes)
    : tokens_(std::move(tokens)),
      special_(tokens_.size(), false),
      added_(with_special_ids(std::move(added), special_ids, tokens_)),
      special_ids_(special_ids) {
  ids_.reserve(tokens_.size());
  for (std::size_t i = 0; i < tokens_.size(); ++i) {
    if (holes == Holes::allowed && tokens_[i].empty()) continue;
    ids_.emplace(tokens_[i], static_cast<std::int32_t>(i));
  }
  for (const AddedToken& token : added_.tokens()) {
    special_[static_cast<std::size_t>(token.id)] = token.special;
  }
}

std::optional<std::int32_t> Vocabulary::find(std::string_view token) const {
  const auto found = ids_.find(token);
  if (found == ids_.end()) return std::nullopt;
  return found->second;
}

void Vocabulary::check_id(std::int32_t id) const {
  check(id >= 0 && id < size(), ErrorCode::invalid_argument,
        "expected a token id from 0 to {}, got {}", size() - 1, id);
}

const std::string& Vocabulary::token(std::int32_t id) const {
  check_id(id);
  return tokens_[static_cast<std::size_t>(id)];
}

bool Vocabulary::is_special(std::int32_t id) const {
  check_id(id);
  return special_[static_cast<std::size_t>(id)];
}

}  // namespace reckon::policy
