#include "policy/text/bpe_tokenizer.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "core/error.h"
#include "core/json.h"
#include "core/utf8.h"
#include "policy/text/byte_alphabet.h"

namespace reckon::policy {
namespace {

using Json = nlohmann::json;

// ByteLevel alone, or in a Sequence with Fuse, which joins what is already one text.
void require_byte_level_decoder(const Json& document, const std::string& file) {
  const std::string type = part_type(document, "decoder", file);
  if (type == "ByteLevel") return;
  const std::string place = file + "/decoder";
  bool byte_level = false;
  if (type == "Sequence") {
    const Json& list = list_member(document["decoder"], "decoders", place);
    for (std::size_t i = 0; i < list.size(); ++i) {
      const std::string& step = object_type(list[i], fmt::format("{}/decoders/{}", place, i));
      check(step == "ByteLevel" || (byte_level && step == "Fuse"), ErrorCode::unsupported,
            "expected ByteLevel, got {}, which this program does not know, in {}/decoders/{}",
            quote_text(step), place, i);
      byte_level = true;
    }
  }
  check(byte_level, ErrorCode::unsupported,
        "expected ByteLevel, got {}, which this program does not know, in {}", quote_text(type),
        place);
}

// Added tokens that are sought in the normalized text are normalized themselves.
AddedTokens normalized_tokens(const Vocabulary& vocabulary, const Normalizer& normalizer) {
  std::vector<AddedToken> tokens = vocabulary.added().tokens();
  for (AddedToken& token : tokens) {
    if (token.normalized) token.sought = normalizer.apply(token.text);
  }
  return AddedTokens(std::move(tokens));
}

}  // namespace

BpeTokenizer::BpeTokenizer(const Json& document, const std::string& file, TokenizerSource source)
    : source_(std::move(source)),
      vocabulary_(read_vocabulary(
          document, file, object_member(object_member(document, "model", file), "vocab", file),
          file + "/model/vocab", source_.special, Holes::allowed)),
      normalizer_(Normalizer::read(document, file)),
      added_(normalized_tokens(vocabulary_, normalizer_)),
      pre_tokenizer_(PreTokenizer::read(document, file)),
      model_(BpeModel::read(document["model"], file + "/model", vocabulary_)),
      post_processor_(PostProcessor::read(document, file, vocabulary_.size())) {
  require_byte_level_decoder(document, file);
  starts_.reserve(static_cast<std::size_t>(vocabulary_.size()) + 1);
  starts_.push_back(0);
  auto added = added_.tokens().begin();
  for (std::int32_t id = 0; id < vocabulary_.size(); ++id) {
    const bool is_added = added != added_.tokens().end() && added->id == id;
    // A token that is sought in normalized text is decoded to what was sought.
    const bool differs = is_added && !added->sought.empty();
    const std::string& token = differs ? added->sought : vocabulary_.token(id);
    bytes_ += spelled_bytes(token).value_or(token);
    starts_.push_back(bytes_.size());
    if (is_added) ++added;
  }
}

std::vector<std::int32_t> BpeTokenizer::encode(std::string_view text) const {
  if (!is_utf8(text)) {
    fail(ErrorCode::invalid_argument, "expected UTF-8, got {}, in the text to encode",
         quote_text(text));
  }
  const std::unique_lock lock(cache_mutex_, std::try_to_lock);
  WordCache* cache = lock.owns_lock() ? &cache_ : nullptr;
  Ids ids;
  for (const TextPiece& piece : added_.split_raw(text)) {
    if (piece.id >= 0) {
      ids.push_back(piece.id);
    } else if (normalizer_.is_identity()) {
      encode_piece(piece.text, cache, ids);
    } else {
      encode_piece(normalizer_.apply(piece.text), cache, ids);
    }
  }
  return ids;
}

void BpeTokenizer::encode_piece(std::string_view text, WordCache* cache, Ids& ids) const {
  for (const TextPiece& piece : added_.split_normalized(text)) {
    if (piece.id >= 0) {
      ids.push_back(piece.id);
    } else {
      encode_words(piece.text, cache, ids);
    }
  }
}

void BpeTokenizer::encode_words(std::string_view text, WordCache* cache, Ids& ids) const {
  pre_tokenizer_.split(text, [&](std::string_view word) {
    if (cache != nullptr) {
      if (const auto known = cache->find(word)) {
        ids.insert(ids.end(), known->begin(), known->end());
        return;
      }
    }
    const std::size_t before = ids.size();
    model_.encode(word, ids);
    if (cache != nullptr) cache->put(word, std::span(ids).subspan(before));
  });
}

std::vector<std::int32_t> BpeTokenizer::encode_with_special(std::string_view text) const {
  const Ids inner = encode(text);
  Ids ids = post_processor_.prefix;
  ids.insert(ids.end(), inner.begin(), inner.end());
  ids.insert(ids.end(), post_processor_.suffix.begin(), post_processor_.suffix.end());
  return ids;
}

// Whether `id` is in the vocabulary; models may have rows beyond it.
bool BpeTokenizer::has_row(std::int32_t id) const {
  check(id >= 0, ErrorCode::invalid_argument, "expected a token id of at least 0, got {}", id);
  return id < vocabulary_.size();
}

std::string_view BpeTokenizer::bytes_of(std::int32_t id) const {
  if (!has_row(id)) return {};
  const auto at = static_cast<std::size_t>(id);
  return std::string_view(bytes_).substr(starts_[at], starts_[at + 1] - starts_[at]);
}

std::string BpeTokenizer::decode_bytes(std::span<const std::int32_t> ids,
                                       SpecialText special) const {
  std::string bytes;
  for (const std::int32_t id : ids) {
    if (special == SpecialText::skip && is_special(id)) continue;
    bytes += bytes_of(id);
  }
  return bytes;
}

std::string BpeTokenizer::decode(std::span<const std::int32_t> ids, SpecialText special) const {
  return replace_invalid_utf8(decode_bytes(ids, special));
}

std::optional<std::int32_t> BpeTokenizer::token_id(std::string_view token) const {
  return vocabulary_.find(token);
}

const std::string& BpeTokenizer::token(std::int32_t id) const {
  static const std::string none;
  return has_row(id) ? vocabulary_.token(id) : none;
}

bool BpeTokenizer::is_special(std::int32_t id) const {
  return has_row(id) && vocabulary_.is_special(id);
}

void BpeTokenizer::save(const std::filesystem::path& folder) const {
  write_tokenizer_files(folder, {.tokenizer = source_.tokenizer,
                                 .config = source_.config,
                                 .special = source_.special,
                                 .chat_template = source_.chat_template});
}

}  // namespace reckon::policy
