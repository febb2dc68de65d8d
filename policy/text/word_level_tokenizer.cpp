#include "policy/text/word_level_tokenizer.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "core/error.h"
#include "core/utf8.h"

namespace reckon::policy {
namespace {

// The Hugging Face library demands an unk_token, and refuses unknown words if it is no token.
constexpr const char* kUnkToken = "<unk>";

std::optional<std::int32_t> special_id(const Vocabulary& words, const std::string& text,
                                       const char* role) {
  if (text.empty()) return std::nullopt;
  const std::optional<std::int32_t> id = words.find(text);
  check(id.has_value(), ErrorCode::invalid_argument,
        "expected {} to be one of the words, got {}, in the vocabulary of a tokenizer", role,
        quote_text(text));
  return id;
}

void check_word(std::string_view word) {
  check(!word.empty() && is_utf8(word), ErrorCode::invalid_argument,
        "expected a word in UTF-8, got {}, in the vocabulary of a tokenizer", quote_text(word));
  for (std::size_t at = 0; at < word.size();) {
    const Utf8Step step = read_utf8(word, at);
    check(!is_white_space(step.character), ErrorCode::invalid_argument,
          "expected a word without white space, got {}, in the vocabulary of a tokenizer",
          quote_text(word));
    at += step.size;
  }
}

}  // namespace

WordLevelTokenizer::WordLevelTokenizer(Vocabulary vocabulary, std::string unk_token,
                                       std::string chat_template)
    : vocabulary_(std::move(vocabulary)),
      unk_token_(std::move(unk_token)),
      chat_template_(std::move(chat_template)),
      unk_id_(vocabulary_.find(unk_token_)) {}

std::unique_ptr<Tokenizer> WordLevelTokenizer::read(const nlohmann::json& document,
                                                    const std::string& file,
                                                    const SpecialTexts& special_texts,
                                                    std::string chat_template) {
  require_part(document, "normalizer", "null", file);
  require_part(document, "pre_tokenizer", "WhitespaceSplit", file);
  require_no_post_processing(document, file);
  require_part(document, "decoder", "null", file);
  const nlohmann::json& model = object_member(document, "model", file);
  const std::string place = file + "/model";
  const nlohmann::json& vocab = object_member(model, "vocab", place);
  Vocabulary vocabulary =
      read_vocabulary(document, file, vocab, place + "/vocab", special_texts, Holes::refused);
  return std::make_unique<WordLevelTokenizer>(
      std::move(vocabulary), string_member(model, "unk_token", place), std::move(chat_template));
}

std::int32_t WordLevelTokenizer::word_id(std::string_view word) const {
  const std::optional<std::int32_t> id = vocabulary_.find(word);
  if (id) return *id;
  if (unk_id_) return *unk_id_;
  fail(ErrorCode::invalid_argument,
       "expected words of the vocabulary ({} tokens), got {}, in the text to encode",
       vocabulary_.size(), quote_text(word));
}

std::vector<std::int32_t> WordLevelTokenizer::encode(std::string_view text) const {
  if (!is_utf8(text)) {
    fail(ErrorCode::invalid_argument, "expected UTF-8, got {}, in the text to encode",
         quote_text(text));
  }
  std::vector<std::int32_t> ids;
  for (const TextPiece& piece : vocabulary_.added().split(text)) {
    if (piece.id >= 0) {
      ids.push_back(piece.id);
      continue;
    }
    std::size_t begin = 0;  // of the word under way
    for (std::size_t at = 0; at < piece.text.size();) {
      const Utf8Step step = read_utf8(piece.text, at);
      if (is_white_space(step.character)) {
        if (at > begin) ids.push_back(word_id(piece.text.substr(begin, at - begin)));
        begin = at + step.size;
      }
      at += step.size;
    }
    if (begin < piece.text.size()) ids.push_back(word_id(piece.text.substr(begin)));
  }
  return ids;
}

std::string WordLevelTokenizer::decode(std::span<const std::int32_t> ids,
                                       SpecialText special) const {
  std::string text;
  bool first = true;
  for (const std::int32_t id : ids) {
    if (special == SpecialText::skip && is_special(id)) continue;
    if (!first) text += ' ';
    text += token(id);
    first = false;
  }
  return text;
}

std::optional<std::int32_t> WordLevelTokenizer::token_id(std::string_view token) const {
  return vocabulary_.find(token);
}

std::string WordLevelTokenizer::json_text() const {
  using Json = nlohmann::ordered_json;
  Json vocab = Json::object();
  // Tokens that lie only in added_tokens may stand in the model too: the ids agree.
  for (std::int32_t id = 0; id < vocab_size(); ++id) vocab[token(id)] = id;
  const Json model = {
      {"type", "WordLevel"}, {"vocab", std::move(vocab)}, {"unk_token", unk_token_}};
  return tokenizer_json(vocabulary_, Json{{"type", "WhitespaceSplit"}}, model);
}

void WordLevelTokenizer::save(const std::filesystem::path& folder) const {
  SpecialTexts special;
  const SpecialIds& ids = special_ids();
  if (ids.bos) special["bos_token"] = token(*ids.bos);
  if (ids.eos) special["eos_token"] = token(*ids.eos);
  if (ids.pad) special["pad_token"] = token(*ids.pad);
  write_tokenizer_files(folder, {.tokenizer = json_text(),
                                 .config = {},
                                 .special = std::move(special),
                                 .chat_template = chat_template_});
}

std::unique_ptr<Tokenizer> make_word_level_tokenizer(std::vector<std::string> words,
                                                     const std::string& bos, const std::string& eos,
                                                     const std::string& pad) {
  check(!words.empty(), ErrorCode::invalid_argument,
        "expected at least one word, got none, in the vocabulary of a tokenizer");
  for (const std::string& word : words) check_word(word);
  const Vocabulary plain(words, {}, {});
  for (std::size_t i = 0; i < words.size(); ++i) {
    check(plain.find(words[i]) == static_cast<std::int32_t>(i), ErrorCode::invalid_argument,
          "expected each word once, got {} twice, in the vocabulary of a tokenizer",
          quote_text(words[i]));
  }
  const SpecialIds ids = {.bos = special_id(plain, bos, "bos"),
                          .eos = special_id(plain, eos, "eos"),
                          .pad = special_id(plain, pad, "pad")};
  return std::make_unique<WordLevelTokenizer>(Vocabulary(std::move(words), {}, ids), kUnkToken);
}

}  // namespace reckon::policy
