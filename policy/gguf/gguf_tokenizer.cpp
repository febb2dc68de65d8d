#include "policy/gguf/gguf_tokenizer.h"

#include <limits>
#include <nlohmann/json.hpp>
#include <unordered_set>

#include "core/error.h"
#include "core/json.h"
#include "policy/gguf/gguf_keys.h"
#include "policy/gguf/gguf_pre_tokenizer.h"
#include "policy/gguf/gguf_vocabulary.h"

namespace reckon::policy {
namespace {

using Ordered = nlohmann::ordered_json;
using Texts = std::vector<std::string_view>;

const Texts& required_texts(const GgufKeys& keys, const std::string& key) {
  const Texts* texts = keys.texts(key);
  check(texts != nullptr, ErrorCode::corrupt, "expected a list of texts, got no such key, in {}",
        keys.place(key));
  return *texts;
}

// The type of each token; all are normal where the file does not say.
std::vector<std::int64_t> read_token_types(const GgufKeys& keys, std::size_t tokens) {
  const auto types = keys.integers(kTokenTypesKey);
  if (!types) return std::vector<std::int64_t>(tokens, kNormalToken);
  check(types->size() == tokens, ErrorCode::corrupt,
        "expected a type for each of {} tokens, got {}, in {}", tokens, types->size(),
        keys.place(kTokenTypesKey));
  return *types;
}

// The text of the token whose id stands at `key`; empty if there is none.
std::string_view special_token(const GgufKeys& keys, const char* key) {
  const Texts* tokens = keys.texts(kTokensKey);
  if (tokens == nullptr || tokens->empty()) return {};
  const auto most = std::numeric_limits<std::uint32_t>::max();
  const auto id = keys.integer(key, 0, most);
  // Some writers put the largest number for "none".
  if (!id || *id == most) return {};
  check(*id < static_cast<std::int64_t>(tokens->size()), ErrorCode::corrupt,
        "expected an id below {}, got {}, in {}", tokens->size(), *id, keys.place(key));
  return (*tokens)[static_cast<std::size_t>(*id)];
}

std::string quoted(std::string_view text) { return nlohmann::json(text).dump(); }

// The members "vocab" and "added_tokens", written by hand: vocabularies are large.
struct VocabularyTexts {
  std::string vocab = "{";
  std::string added = "[";
};

VocabularyTexts vocabulary_texts(const GgufKeys& keys) {
  const Texts& tokens = required_texts(keys, kTokensKey);
  const std::vector<std::int64_t> types = read_token_types(keys, tokens.size());
  VocabularyTexts texts;
  std::unordered_set<std::string_view> seen;
  for (std::size_t id = 0; id < tokens.size(); ++id) {
    if (types[id] == kUnusedToken && tokens[id] == padding_token(id)) continue;
    check(seen.insert(tokens[id]).second, ErrorCode::corrupt,
          "expected each token once, got token {} again, in {}", id, keys.place(kTokensKey));
    const std::string text = quoted(tokens[id]);
    if (texts.vocab.size() > 1) texts.vocab += ',';
    texts.vocab += fmt::format("{}:{}", text, id);
    const bool special = types[id] == kControlToken || types[id] == kUnknownToken;
    if (!special && types[id] != kUserToken) continue;
    if (texts.added.size() > 1) texts.added += ',';
    texts.added +=
        fmt::format(R"({{"id":{},"content":{},"single_word":false,"lstrip":false,"rstrip":false,)"
                    R"("normalized":false,"special":{}}})",
                    id, text, special);
  }
  texts.vocab += '}';
  texts.added += ']';
  return texts;
}

std::string merges_text(const GgufKeys& keys) {
  std::string text = "[";
  for (const std::string_view merge : required_texts(keys, kMergesKey)) {
    if (text.size() > 1) text += ',';
    text += quoted(merge);
  }
  return text + "]";
}

// What is put around a text, as the library writes it.
Ordered post_processor(std::string_view begin, std::int64_t begin_id) {
  const Ordered special = {{"SpecialToken", {{"id", begin}, {"type_id", 0}}}};
  const auto sequence = [](const char* name, int type) -> Ordered {
    return {{"Sequence", {{"id", name}, {"type_id", type}}}};
  };
  Ordered single = Ordered::array({special, sequence("A", 0)});
  Ordered pair = Ordered::array({special, sequence("A", 0), sequence("B", 1)});
  Ordered entry = {
      {"id", begin}, {"ids", Ordered::array({begin_id})}, {"tokens", Ordered::array({begin})}};
  Ordered tokens = Ordered::object();
  tokens[std::string(begin)] = entry;
  return {{"type", "TemplateProcessing"},
          {"single", single},
          {"pair", pair},
          {"special_tokens", tokens}};
}

std::string compose_byte_level(const GgufKeys& keys) {
  const std::string_view pre = keys.text(kPreTokenizerKey).value_or("");
  const std::optional<GgufPreTokenizer> rules = find_pre_tokenizer(pre);
  if (!rules) {
    fail(ErrorCode::unsupported,
         "expected gpt-2, smollm, llama-bpe, qwen2, deepseek-r1-qwen or default, got {}, in {}",
         json_summary(nlohmann::json(pre)), keys.place(kPreTokenizerKey));
  }
  const VocabularyTexts texts = vocabulary_texts(keys);
  const std::string_view begin = special_token(keys, kBosKey);
  const bool adds_bos = keys.boolean(kAddBosKey).value_or(rules->adds_bos) && !begin.empty();
  const Ordered post =
      adds_bos ? post_processor(begin, *keys.integer(kBosKey, 0, INT32_MAX)) : Ordered(nullptr);
  return fmt::format(
      R"({{"version":"1.0","truncation":null,"padding":null,"added_tokens":{},"normalizer":{},)"
      R"("pre_tokenizer":{},"post_processor":{},"decoder":{{"type":"ByteLevel",)"
      R"("add_prefix_space":true,"trim_offsets":true,"use_regex":true}},"model":{{"type":"BPE",)"
      R"("dropout":null,"unk_token":null,"continuing_subword_prefix":null,)"
      R"("end_of_word_suffix":null,"fuse_unk":false,"byte_fallback":false,"ignore_merges":{},)"
      R"("vocab":{},"merges":{}}}}})",
      texts.added, rules->nfc ? R"({"type":"NFC"})" : "null", pre_tokenizer_json(pre).dump(),
      post.dump(), rules->ignore_merges, texts.vocab, merges_text(keys));
}

std::string compose_config(const GgufKeys& keys) {
  Ordered config = {{"tokenizer_class", "PreTrainedTokenizerFast"},
                    {"clean_up_tokenization_spaces", false}};
  const std::pair<const char*, const char*> roles[] = {
      {"bos_token", kBosKey}, {"eos_token", kEosKey}, {"pad_token", kPadKey}};
  for (const auto& [role, key] : roles) {
    const std::string_view token = special_token(keys, key);
    if (!token.empty()) config[role] = token;
  }
  if (const auto chat = keys.text(kChatTemplateKey)) config["chat_template"] = *chat;
  return config.dump();
}

}  // namespace

bool has_gguf_tokenizer(const GgufFile& file) {
  const GgufKeys keys(file);
  const std::string_view model = keys.text(kTokenizerModelKey).value_or("none");
  return keys.has(kHuggingFaceKey) || (model != "none" && model != "no_vocab");
}

GgufTokenizerTexts compose_tokenizer_texts(const GgufFile& file) {
  const GgufKeys keys(file);
  const std::string config = compose_config(keys);
  if (const auto json = keys.text(kHuggingFaceKey)) return {std::string(*json), config};
  const std::string_view model = keys.text(kTokenizerModelKey).value_or("none");
  if (model != "gpt2") {
    fail(ErrorCode::unsupported, "expected gpt2 (byte-level BPE), got {}, in {}",
         json_summary(nlohmann::json(model)), keys.place(kTokenizerModelKey));
  }
  return {compose_byte_level(keys), config};
}

std::unique_ptr<Tokenizer> read_gguf_tokenizer(const GgufFile& file) {
  const GgufTokenizerTexts texts = compose_tokenizer_texts(file);
  return parse_tokenizer(
      {.tokenizer = texts.tokenizer, .config = texts.config, .special_tokens_map = {}},
      file.file_name());
}

}  // namespace reckon::policy
