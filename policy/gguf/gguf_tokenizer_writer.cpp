#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>

#include "core/error.h"
#include "core/json.h"
#include "policy/gguf/gguf_metadata_writer.h"
#include "policy/gguf/gguf_pre_tokenizer.h"
#include "policy/gguf/gguf_vocabulary.h"

namespace reckon::policy {
namespace {

using nlohmann::json;

// Ids of the added tokens that are not special.
std::set<std::int64_t> user_tokens(const json& document) {
  std::set<std::int64_t> ids;
  for (const json& token : document.value("added_tokens", json::array())) {
    if (!token.value("special", false)) ids.insert(token.value("id", std::int64_t{-1}));
  }
  return ids;
}

// A token and its type for each row of the model.
void add_tokens(const Tokenizer& tokenizer, const json& document, std::int64_t rows,
                GgufWriter& writer) {
  check(tokenizer.vocab_size() <= rows, ErrorCode::invalid_argument,
        "expected a tokenizer of at most {} tokens, the rows of the model, got {}", rows,
        tokenizer.vocab_size());
  const std::set<std::int64_t> added = user_tokens(document);
  std::vector<std::string> tokens;
  std::vector<std::int32_t> types;
  for (std::int32_t id = 0; id < rows; ++id) {
    const bool has_token = id < tokenizer.vocab_size() && !tokenizer.token(id).empty();
    tokens.push_back(has_token ? tokenizer.token(id) : padding_token(static_cast<std::size_t>(id)));
    std::int64_t type = kNormalToken;
    if (!has_token) {
      type = kUnusedToken;
    } else if (tokenizer.is_special(id)) {
      type = kControlToken;
    } else if (added.contains(id)) {
      type = kUserToken;
    }
    types.push_back(static_cast<std::int32_t>(type));
  }
  writer.add_texts(kTokensKey, tokens);
  writer.add_integers(kTokenTypesKey, types);
}

// Merges as one text each; newer files keep the two halves apart.
std::vector<std::string> merge_texts(const json& merges) {
  std::vector<std::string> texts;
  for (const json& merge : merges) {
    texts.push_back(merge.is_array()
                        ? merge.at(0).get<std::string>() + " " + merge.at(1).get<std::string>()
                        : merge.get<std::string>());
  }
  return texts;
}

void add_special_ids(const ModelConfig& config, const SpecialIds& ids, GgufWriter& writer) {
  const auto add = [&](const char* key, std::optional<std::int64_t> id) {
    if (id) writer.add_integer(key, static_cast<std::uint32_t>(*id));
  };
  const auto first = [](std::optional<std::int32_t> id, std::optional<std::int64_t> other) {
    return id ? std::optional<std::int64_t>(*id) : other;
  };
  std::vector<std::int64_t> ends = config.eos_token_ids;
  if (ids.eos) {
    std::erase(ends, *ids.eos);
    ends.insert(ends.begin(), *ids.eos);
  }
  const auto end = [&](std::size_t i) {
    return i < ends.size() ? std::optional(ends[i]) : std::nullopt;
  };
  add(kBosKey, first(ids.bos, config.bos_token_id));
  add(kEosKey, end(0));
  add(kEotKey, end(1));
  add(kEomKey, end(2));
  add(kPadKey, first(ids.pad, config.pad_token_id));
  if (ends.size() > 1) {
    const auto& all = config.eos_token_ids;
    writer.add_integers(kEosIdsKey, std::vector<std::int32_t>(all.begin(), all.end()));
  }
}

// The entries of a byte-level BPE; returns warnings.
std::vector<std::string> add_byte_level(const json& document, GgufWriter& writer) {
  const std::optional<std::string> pre = recognize_pre_tokenizer(document);
  writer.add_text(kTokenizerModelKey, "gpt2");
  writer.add_text(kPreTokenizerKey, pre.value_or("default"));
  writer.add_texts(kMergesKey, merge_texts(document.at("model").at("merges")));
  if (pre) return {};
  return {
      "GGUF has no name for how this tokenizer splits text: programs that do not read "
      "tokenizer.huggingface.json will give other tokens"};
}

}  // namespace

std::vector<std::string> add_tokenizer_metadata(const ModelConfig& config,
                                                const Tokenizer* tokenizer, GgufWriter& writer) {
  if (tokenizer == nullptr) {
    writer.add_text(kTokenizerModelKey, "none");
    add_special_ids(config, {}, writer);
    return {};
  }
  const std::string text = tokenizer->json_text();
  const json document = parse_json_text(text, "tokenizer.json");
  const json model = document.value("model", json::object());
  const bool byte_level = model.value("type", "") == "BPE";
  std::vector<std::string> warnings;
  if (byte_level) {
    warnings = add_byte_level(document, writer);
  } else {
    writer.add_text(kTokenizerModelKey, "none");
  }
  add_tokens(*tokenizer, document, config.vocab_size, writer);
  add_special_ids(config, tokenizer->special_ids(), writer);
  const std::vector<std::int32_t> around = tokenizer->encode_with_special("");
  const std::optional<std::int32_t> begin = tokenizer->bos_id();
  writer.add_boolean(kAddBosKey, begin && !around.empty() && around.front() == *begin);
  if (!tokenizer->chat_template().empty()) {
    writer.add_text(kChatTemplateKey, tokenizer->chat_template());
  }
  writer.add_text(kHuggingFaceKey, text);
  return warnings;
}

}  // namespace reckon::policy
