#include "policy/text/tokenizer_files.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>

#include "core/error.h"
#include "core/files.h"
#include "core/json.h"

namespace reckon::policy {
namespace {

using Json = nlohmann::json;

constexpr std::size_t kMaxTokens = std::size_t{1} << 24;
constexpr std::size_t kMaxTokenBytes = std::size_t{1} << 16;

constexpr std::array<const char*, 7> kRoles = {"bos_token", "eos_token", "pad_token", "unk_token",
                                               "sep_token", "cls_token", "mask_token"};

void check_token_text(const std::string& text, const std::string& place) {
  check(text.size() <= kMaxTokenBytes, ErrorCode::corrupt,
        "expected a token of at most {} bytes, got {} bytes, in {}", kMaxTokenBytes, text.size(),
        place);
}

AddedToken read_added_token(const Json& entry, const std::string& place) {
  check(entry.is_object(), ErrorCode::corrupt, "expected an object, got {}, in {}",
        json_summary(entry), place);
  AddedToken token;
  token.text = string_member(entry, "content", place);
  check_token_text(token.text, place);
  check(!token.text.empty(), ErrorCode::corrupt, "expected a text, got an empty one, in {}/content",
        place);
  const auto id = entry.find("id");
  check(id != entry.end(), ErrorCode::corrupt, "expected an id, got none, in {}", place);
  token.id = read_id(*id, place, token.text);
  token.special = bool_member(entry, "special", false, place);
  token.normalized = bool_member(entry, "normalized", !token.special, place);
  token.strip_left = bool_member(entry, "lstrip", false, place);
  token.strip_right = bool_member(entry, "rstrip", false, place);
  token.single_word = bool_member(entry, "single_word", false, place);
  return token;
}

std::vector<AddedToken> read_added_tokens(const Json& document, const std::string& file) {
  const auto list = document.find("added_tokens");
  if (list == document.end() || list->is_null()) return {};
  const std::string place = file + "/added_tokens";
  check(list->is_array(), ErrorCode::corrupt, "expected a list, got {}, in {}", json_summary(*list),
        place);
  std::vector<AddedToken> tokens;
  std::set<std::string_view> texts;
  for (std::size_t i = 0; i < list->size(); ++i) {
    tokens.push_back(read_added_token((*list)[i], fmt::format("{}/{}", place, i)));
    const std::string& text = (*list)[i]["content"].get_ref<const std::string&>();
    check(texts.insert(text).second, ErrorCode::corrupt,
          "expected each token once, got {} twice, in {}", quote_text(text), place);
  }
  return tokens;
}

// Collects tokens by id and refuses ids that come twice or, unless holes are allowed, leave any.
class TokenTable {
 public:
  TokenTable(std::size_t count, Holes holes)
      : holes_(holes), tokens_(size_for(count, holes)), taken_(tokens_.size(), false) {}

  void add(std::int32_t id, const std::string& text, const std::string& place) {
    const auto at = static_cast<std::size_t>(id);
    if (at >= tokens_.size()) {
      fail(ErrorCode::corrupt, "expected an id from 0 to {} ({} holes), got {}, for token {} in {}",
           tokens_.size() - 1, holes_ == Holes::allowed ? "few" : "no", id, quote_text(text),
           place);
    }
    if (taken_[at]) {
      fail(ErrorCode::corrupt, "expected each id once, got {} for tokens {} and {}, in {}", id,
           quote_text(tokens_[at]), quote_text(text), place);
    }
    check_token_text(text, place);
    tokens_[at] = text;
    taken_[at] = true;
    end_ = std::max(end_, at + 1);
  }

  std::vector<std::string> take() {
    tokens_.resize(end_);
    return std::move(tokens_);
  }

 private:
  // The room for holes is bounded, so that a small file cannot ask for much memory.
  static std::size_t size_for(std::size_t count, Holes holes) {
    return holes == Holes::refused ? count : std::min(4 * count + 1024, kMaxTokens);
  }

  Holes holes_;
  std::size_t end_ = 0;
  std::vector<std::string> tokens_;
  std::vector<bool> taken_;
};

std::vector<std::string> collect_tokens(const Json& vocab, const std::string& vocab_place,
                                        const std::vector<AddedToken>& added,
                                        const std::string& added_place, Holes holes) {
  std::size_t count = vocab.size();
  for (const AddedToken& token : added) count += vocab.contains(token.text) ? 0 : 1;
  check(count > 0 && count <= kMaxTokens, ErrorCode::corrupt,
        "expected 1 to {} tokens, got {}, in {}", kMaxTokens, count, vocab_place);
  TokenTable table(count, holes);
  for (const auto& [text, id] : vocab.items()) {
    table.add(read_id(id, vocab_place, text), text, vocab_place);
  }
  for (const AddedToken& token : added) {
    const auto known = vocab.find(token.text);
    if (known == vocab.end()) {
      table.add(token.id, token.text, added_place);
    } else {
      check(known->get<std::int32_t>() == token.id, ErrorCode::corrupt,
            "expected id {} as in {}, got {}, for token {} in {}", known->get<std::int32_t>(),
            vocab_place, token.id, quote_text(token.text), added_place);
    }
  }
  return table.take();
}

std::optional<std::int32_t> id_of_role(const SpecialTexts& texts, const std::string& role,
                                       const Vocabulary& plain, const std::string& file) {
  const auto text = texts.find(role);
  if (text == texts.end()) return std::nullopt;
  const std::optional<std::int32_t> id = plain.find(text->second);
  check(id.has_value(), ErrorCode::corrupt,
        "expected the {} of the folder to be a token, got {}, which is not in {}", role,
        quote_text(text->second), file);
  return id;
}

bool names_token(const SpecialTexts& texts, const std::string& role, const Vocabulary& plain) {
  const auto text = texts.find(role);
  return text != texts.end() && plain.find(text->second).has_value();
}

nlohmann::ordered_json added_token_json(const AddedToken& token) {
  return {{"id", token.id},
          {"content", token.text},
          {"single_word", token.single_word},
          {"lstrip", token.strip_left},
          {"rstrip", token.strip_right},
          {"normalized", token.normalized},
          {"special", token.special}};
}

}  // namespace

std::string quote_text(std::string_view text) {
  constexpr std::size_t kLongest = 60;
  const bool cut = text.size() > kLongest;
  return Json(std::string(text.substr(0, kLongest)) + (cut ? "..." : ""))
      .dump(-1, ' ', false, Json::error_handler_t::replace);
}

const Json& object_member(const Json& parent, const std::string& key, const std::string& place) {
  const auto found = parent.find(key);
  check(found != parent.end(), ErrorCode::corrupt, "expected `{}`, got no such key, in {}", key,
        place);
  check(found->is_object(), ErrorCode::corrupt, "expected an object, got {}, in {}/{}",
        json_summary(*found), place, key);
  return *found;
}

const Json& list_member(const Json& parent, const std::string& key, const std::string& place) {
  const auto found = parent.find(key);
  check(found != parent.end(), ErrorCode::corrupt, "expected `{}`, got no such key, in {}", key,
        place);
  check(found->is_array(), ErrorCode::corrupt, "expected a list, got {}, in {}/{}",
        json_summary(*found), place, key);
  return *found;
}

const std::string& string_member(const Json& parent, const std::string& key,
                                 const std::string& place) {
  const auto found = parent.find(key);
  check(found != parent.end(), ErrorCode::corrupt, "expected `{}`, got no such key, in {}", key,
        place);
  check(found->is_string(), ErrorCode::corrupt, "expected a text, got {}, in {}/{}",
        json_summary(*found), place, key);
  return found->get_ref<const std::string&>();
}

bool bool_member(const Json& parent, const char* key, bool otherwise, const std::string& place) {
  const auto found = parent.find(key);
  if (found == parent.end()) return otherwise;
  check(found->is_boolean(), ErrorCode::corrupt, "expected true or false, got {}, in {}/{}",
        json_summary(*found), place, key);
  return found->get<bool>();
}

std::int32_t read_id(const Json& value, const std::string& place, std::string_view token) {
  const bool fits = value.is_number_unsigned() && value.get<std::uint64_t>() < kMaxTokens;
  if (!fits) {
    fail(ErrorCode::corrupt, "expected an id from 0 to {}, got {}, for token {} in {}",
         kMaxTokens - 1, json_summary(value), quote_text(token), place);
  }
  return value.get<std::int32_t>();
}

const std::string& object_type(const Json& part, const std::string& place) {
  check(part.is_object(), ErrorCode::corrupt, "expected an object, got {}, in {}",
        json_summary(part), place);
  return string_member(part, "type", place);
}

std::string part_type(const Json& document, const std::string& key, const std::string& file) {
  const auto part = document.find(key);
  if (part == document.end() || part->is_null()) return "null";
  check(part->is_object(), ErrorCode::corrupt, "expected an object or null, got {}, in {}/{}",
        json_summary(*part), file, key);
  return string_member(*part, "type", file + "/" + key);
}

void require_part(const Json& document, const std::string& key, const std::string& expected,
                  const std::string& file) {
  const std::string type = part_type(document, key, file);
  check(type == expected, ErrorCode::unsupported,
        "expected {}, got {}, which this program does not know, in {}/{}", expected,
        quote_text(type), file, key);
}

void require_no_post_processing(const Json& document, const std::string& file) {
  if (part_type(document, "post_processor", file) != "TemplateProcessing") {
    require_part(document, "post_processor", "null", file);
    return;
  }
  const Json& part = document["post_processor"];
  const auto single = part.find("single");
  const bool only_text = single != part.end() && single->is_array() && single->size() == 1 &&
                         (*single)[0].is_object() && (*single)[0].contains("Sequence");
  check(only_text, ErrorCode::unsupported,
        "expected a template of the text alone, got one with other tokens, in {}/post_processor",
        file);
}

std::string read_chat_template(const Json& document, const std::string& file) {
  const auto found = document.find("chat_template");
  if (found == document.end() || found->is_null()) return {};
  if (found->is_string()) return found->get<std::string>();
  const std::string place = file + "/chat_template";
  check(found->is_array(), ErrorCode::corrupt, "expected a text, a list or null, got {}, in {}",
        json_summary(*found), place);
  for (std::size_t i = 0; i < found->size(); ++i) {
    const std::string entry_place = fmt::format("{}/{}", place, i);
    check((*found)[i].is_object(), ErrorCode::corrupt, "expected an object, got {}, in {}",
          json_summary((*found)[i]), entry_place);
    if (string_member((*found)[i], "name", entry_place) != "default") continue;
    return string_member((*found)[i], "template", entry_place);
  }
  return {};
}

SpecialTexts read_special_texts(const Json& document, const std::string& file) {
  check(document.is_object(), ErrorCode::corrupt, "expected an object, got {}, in {}",
        json_summary(document), file);
  SpecialTexts texts;
  for (const char* role : kRoles) {
    const auto found = document.find(role);
    if (found == document.end() || found->is_null()) continue;
    check(found->is_string() || found->is_object(), ErrorCode::corrupt,
          "expected a text, an object or null, got {}, in {}/{}", json_summary(*found), file, role);
    const std::string& text = found->is_string()
                                  ? found->get_ref<const std::string&>()
                                  : string_member(*found, "content", file + "/" + role);
    check(!text.empty(), ErrorCode::corrupt, "expected a token, got an empty text, in {}/{}", file,
          role);
    texts[role] = text;
  }
  return texts;
}

Vocabulary read_vocabulary(const Json& document, const std::string& file, const Json& vocab,
                           const std::string& vocab_place, const SpecialTexts& special_texts,
                           Holes holes) {
  std::vector<AddedToken> added = read_added_tokens(document, file);
  std::vector<std::string> tokens =
      collect_tokens(vocab, vocab_place, added, file + "/added_tokens", holes);
  const Vocabulary plain(tokens, {}, {}, holes);
  for (const char* role : kRoles) {
    // Byte-level tokenizers never need the others (an unk_token that is no token is common).
    const bool needed = role == kRoles[0] || role == kRoles[1] || role == kRoles[2];
    if (holes == Holes::allowed && !needed && !names_token(special_texts, role, plain)) continue;
    const std::optional<std::int32_t> id = id_of_role(special_texts, role, plain, file);
    if (id) make_special(added, *id, plain.token(*id));
  }
  const SpecialIds ids = {.bos = id_of_role(special_texts, "bos_token", plain, file),
                          .eos = id_of_role(special_texts, "eos_token", plain, file),
                          .pad = id_of_role(special_texts, "pad_token", plain, file)};
  return Vocabulary(std::move(tokens), std::move(added), ids, holes);
}

std::string tokenizer_json(const Vocabulary& vocabulary,
                           const nlohmann::ordered_json& pre_tokenizer,
                           const nlohmann::ordered_json& model) {
  nlohmann::ordered_json added = nlohmann::ordered_json::array();
  for (const AddedToken& token : vocabulary.added().tokens()) {
    added.push_back(added_token_json(token));
  }
  const nlohmann::ordered_json document = {
      {"version", "1.0"},          {"truncation", nullptr}, {"padding", nullptr},
      {"added_tokens", added},     {"normalizer", nullptr}, {"pre_tokenizer", pre_tokenizer},
      {"post_processor", nullptr}, {"decoder", nullptr},    {"model", model}};
  return document.dump(2) + "\n";
}

void write_tokenizer_files(const std::filesystem::path& folder, const TokenizerOutput& output) {
  using Ordered = nlohmann::ordered_json;
  Ordered config = output.config.empty() ? Ordered{{"tokenizer_class", "PreTrainedTokenizerFast"},
                                                   {"clean_up_tokenization_spaces", false}}
                                         : Ordered::parse(output.config);
  Ordered special = Ordered::object();
  for (const char* role : kRoles) {
    const auto text = output.special.find(role);
    if (text == output.special.end()) continue;
    special[role] = text->second;
    if (!config.contains(role) || config[role].is_null()) config[role] = text->second;
  }
  if (!output.chat_template.empty()) config["chat_template"] = output.chat_template;

  write_file_atomic(folder / "tokenizer.json", output.tokenizer);
  write_file_atomic(folder / "tokenizer_config.json", config.dump(2) + "\n");
  write_file_atomic(folder / "special_tokens_map.json", special.dump(2) + "\n");
}

}  // namespace reckon::policy
