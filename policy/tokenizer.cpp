#include "policy/tokenizer.h"

#include <nlohmann/json.hpp>

#include "core/error.h"
#include "core/files.h"
#include "core/json.h"
#include "policy/text/tokenizer_files.h"
#include "policy/text/word_level_tokenizer.h"

namespace reckon::policy {
namespace {

constexpr const char* kTokenizerFile = "tokenizer.json";
constexpr const char* kConfigFile = "tokenizer_config.json";
constexpr const char* kSpecialTokensFile = "special_tokens_map.json";
constexpr const char* kChatTemplateFile = "chat_template.jinja";

// The largest tokenizers in use have about 35 MB.
constexpr std::uint64_t kMaxFileBytes = std::uint64_t{256} << 20;

std::string read_optional_file(const std::filesystem::path& path) {
  if (!std::filesystem::exists(path)) return {};
  return read_file(path, kMaxFileBytes);
}

SpecialTexts parse_special_texts(std::string_view text, const std::string& file) {
  if (text.empty()) return {};
  return read_special_texts(parse_json_text(text, file), file);
}

}  // namespace

const std::string& Tokenizer::chat_template() const {
  static const std::string none;
  return none;
}

std::vector<std::int32_t> Tokenizer::encode_with_special(std::string_view text) const {
  return encode(text);
}

std::string Tokenizer::decode_bytes(std::span<const std::int32_t> ids, SpecialText special) const {
  return decode(ids, special);
}

std::string Tokenizer::json_text() const {
  fail(ErrorCode::unsupported, "expected a tokenizer with a tokenizer.json, got one without");
}

std::unique_ptr<Tokenizer> parse_tokenizer(const TokenizerTexts& texts, const std::string& folder) {
  const std::string file = folder + "/" + kTokenizerFile;
  const nlohmann::json document = parse_json_text(texts.tokenizer, file);
  check(document.is_object(), ErrorCode::corrupt, "expected an object, got {}, in {}",
        json_summary(document), file);
  SpecialTexts special_texts = parse_special_texts(texts.config, folder + "/" + kConfigFile);
  special_texts.merge(
      parse_special_texts(texts.special_tokens_map, folder + "/" + kSpecialTokensFile));

  // `truncation` and `padding` are not read: transformers clears them at each call as well.
  const nlohmann::json& model = object_member(document, "model", file);
  const std::string& type = string_member(model, "type", file + "/model");
  if (type == "WordLevel") return WordLevelTokenizer::read(document, file, special_texts);
  fail(ErrorCode::unsupported,
       "expected WordLevel, got {}, which this program does not know, in {}/model/type",
       quote_text(type), file);
}

std::unique_ptr<Tokenizer> load_tokenizer(const std::filesystem::path& folder) {
  const std::string tokenizer = read_file(folder / kTokenizerFile, kMaxFileBytes);
  const std::string config = read_optional_file(folder / kConfigFile);
  const std::string special_tokens_map = read_optional_file(folder / kSpecialTokensFile);
  const std::string chat_template = read_optional_file(folder / kChatTemplateFile);
  return parse_tokenizer({.tokenizer = tokenizer,
                          .config = config,
                          .special_tokens_map = special_tokens_map,
                          .chat_template = chat_template},
                         folder.string());
}

}  // namespace reckon::policy
