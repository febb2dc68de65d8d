#include "policy/text/added_tokens.h"

#include <algorithm>
#include <utility>

#include "core/utf8.h"
#include "policy/text/unicode_classes.h"

namespace reckon::policy {
namespace {

// Where the white space at the end of text[begin, end) begins.
std::size_t before_white_space(std::string_view text, std::size_t begin, std::size_t end) {
  std::size_t start = end;
  for (std::size_t at = begin; at < end;) {
    const Utf8Step step = read_utf8(text, at);
    if (!is_white_space(step.character)) {
      start = end;
    } else if (start == end) {
      start = at;
    }
    at += step.size;
  }
  return start;
}

std::size_t after_white_space(std::string_view text, std::size_t at) {
  while (at < text.size()) {
    const Utf8Step step = read_utf8(text, at);
    if (!is_white_space(step.character)) break;
    at += step.size;
  }
  return at;
}

// Whether a word ends at or begins at the byte `at`: a token beside it is then part of the word.
bool word_ends_at(std::string_view text, std::size_t at) {
  if (at == 0) return false;
  std::size_t last = at - 1;
  while (last > 0 && (static_cast<unsigned char>(text[last]) & 0xC0u) == 0x80u) --last;
  return is_word(read_utf8(text, last).character);
}

bool word_begins_at(std::string_view text, std::size_t at) {
  return at < text.size() && is_word(read_utf8(text, at).character);
}

const std::string& sought(const AddedToken& token) {
  return token.sought.empty() ? token.text : token.sought;
}

}  // namespace

void make_special(std::vector<AddedToken>& tokens, std::int32_t id, const std::string& text) {
  const auto known = std::find_if(tokens.begin(), tokens.end(),
                                  [&](const AddedToken& token) { return token.id == id; });
  if (known != tokens.end()) {
    known->special = true;
  } else {
    tokens.push_back({.id = id, .text = text, .special = true});
  }
}

AddedTokens::AddedTokens(std::vector<AddedToken> tokens) : tokens_(std::move(tokens)) {
  std::sort(tokens_.begin(), tokens_.end(),
            [](const AddedToken& a, const AddedToken& b) { return a.id < b.id; });
  for (std::size_t i = 0; i < tokens_.size(); ++i) {
    const std::string& text = sought(tokens_[i]);
    Index& index = tokens_[i].normalized ? normalized_ : raw_;
    index.lengths[static_cast<unsigned char>(text.front())].push_back(text.size());
    index.positions.emplace(text, i);
  }
  for (Index* index : {&raw_, &normalized_}) {
    for (std::vector<std::size_t>& lengths : index->lengths) {
      std::sort(lengths.begin(), lengths.end(), std::greater<>());
      lengths.erase(std::unique(lengths.begin(), lengths.end()), lengths.end());
    }
  }
}

const AddedToken* AddedTokens::match(const Index& index, std::string_view text) const {
  for (const std::size_t length : index.lengths[static_cast<unsigned char>(text.front())]) {
    if (length > text.size()) continue;
    const auto found = index.positions.find(text.substr(0, length));
    if (found != index.positions.end()) return &tokens_[found->second];
  }
  return nullptr;
}

std::vector<TextPiece> AddedTokens::split_by(const Index& index, std::string_view text) const {
  std::vector<TextPiece> pieces;
  std::size_t begin = 0;  // of the text not yet in a piece
  for (std::size_t at = 0; at < text.size();) {
    const AddedToken* token = match(index, text.substr(at));
    if (token == nullptr) {
      ++at;
      continue;
    }
    const std::size_t token_begin = at;
    at += sought(*token).size();
    const bool part_of_word = word_ends_at(text, token_begin) || word_begins_at(text, at);
    if (token->single_word && part_of_word) continue;
    // A token may lie in the white space that the one before it swallowed.
    const std::size_t start = token->strip_left
                                  ? before_white_space(text, begin, std::max(begin, token_begin))
                                  : token_begin;
    const std::size_t end = std::max(start, token->strip_right ? after_white_space(text, at) : at);
    if (start > begin) pieces.push_back({text.substr(begin, start - begin), -1});
    pieces.push_back({text.substr(start, end - start), token->id});
    begin = end;
  }
  if (begin < text.size()) pieces.push_back({text.substr(begin), -1});
  return pieces;
}

std::vector<TextPiece> AddedTokens::split(std::string_view text) const {
  std::vector<TextPiece> pieces;
  for (const TextPiece& piece : split_by(raw_, text)) {
    if (piece.id >= 0) {
      pieces.push_back(piece);
      continue;
    }
    const std::vector<TextPiece> inner = split_by(normalized_, piece.text);
    pieces.insert(pieces.end(), inner.begin(), inner.end());
  }
  return pieces;
}

}  // namespace reckon::policy
