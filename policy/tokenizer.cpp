#include "policy/tokenizer.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "core/error.h"
#include "core/files.h"
#include "core/json.h"
#include "core/utf8.h"
#include "policy/text/bpe_tokenizer.h"
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

// What the files beside tokenizer.json say.
struct SideFiles {
  SpecialTexts special;
  std::string chat_template;
};

SideFiles read_side_files(const TokenizerTexts& texts, const std::string& folder) {
  SideFiles result;
  if (!texts.config.empty()) {
    const std::string file = folder + "/" + kConfigFile;
    const nlohmann::json config = parse_json_text(texts.config, file);
    result.special = read_special_texts(config, file);
    result.chat_template = read_chat_template(config, file);
  }
  if (!texts.special_tokens_map.empty()) {
    const std::string file = folder + "/" + kSpecialTokensFile;
    result.special.merge(read_special_texts(parse_json_text(texts.special_tokens_map, file), file));
  }
  if (!texts.chat_template.empty()) {
    check(is_utf8(texts.chat_template), ErrorCode::corrupt,
          "expected UTF-8, got other bytes, in {}/{}", folder, kChatTemplateFile);
    result.chat_template = texts.chat_template;
  }
  return result;
}

// Old files of GPT-2 have no `type`.
std::string model_type(const nlohmann::json& model, const std::string& place) {
  if (!model.contains("type") && model.contains("merges")) return "BPE";
  return string_member(model, "type", place);
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
  SideFiles side = read_side_files(texts, folder);

  // `truncation` and `padding` are not read: transformers clears them at each call as well.
  const nlohmann::json& model = object_member(document, "model", file);
  const std::string type = model_type(model, file + "/model");
  if (type == "WordLevel") {
    return WordLevelTokenizer::read(document, file, side.special, std::move(side.chat_template));
  }
  if (type == "BPE") {
    TokenizerSource source = {.tokenizer = std::string(texts.tokenizer),
                              .config = std::string(texts.config),
                              .special = std::move(side.special),
                              .chat_template = std::move(side.chat_template)};
    return std::make_unique<BpeTokenizer>(document, file, std::move(source));
  }
  fail(ErrorCode::unsupported,
       "expected BPE or WordLevel, got {}, which this program does not know, in {}/model/type",
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
