#include "policy/gguf/gguf_tokenizer.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "core/error.h"
#include "core/files.h"
#include "core/json.h"
#include "policy/gguf/gguf_model.h"
#include "policy/gguf/gguf_pre_tokenizer.h"
#include "policy/gguf/gguf_vocabulary.h"
#include "policy/gguf/gguf_writer.h"
#include "tests/core/thrown_error.h"

namespace reckon::policy {
namespace {

using nlohmann::json;

// The tokenizer entries of a file, which cases change.
struct Entries {
  std::string model = "gpt2";
  std::string pre = "gpt-2";
  std::vector<std::string> tokens = {"a", "b", "ab", "<|user|>", "<|end|>", "[PAD5]", "[PAD6]"};
  std::vector<std::int32_t> types = {1, 1, 1, 4, 3, 5, 5};
  std::vector<std::string> merges = {"a b"};
  std::optional<std::uint32_t> bos, eos, pad;
  std::optional<bool> add_bos;
  std::string hugging_face;

  GgufTokenizerTexts compose() const {
    GgufWriter writer;
    writer.add_text(kTokenizerModelKey, model);
    if (!pre.empty()) writer.add_text(kPreTokenizerKey, pre);
    writer.add_texts(kTokensKey, tokens);
    writer.add_integers(kTokenTypesKey, types);
    writer.add_texts(kMergesKey, merges);
    if (bos) writer.add_integer(kBosKey, *bos);
    if (eos) writer.add_integer(kEosKey, *eos);
    if (pad) writer.add_integer(kPadKey, *pad);
    if (add_bos) writer.add_boolean(kAddBosKey, *add_bos);
    if (!hugging_face.empty()) writer.add_text(kHuggingFaceKey, hugging_face);
    writer.add_text(kChatTemplateKey, "{{ \"hello\" }}");
    const TempFolder folder;
    writer.write(folder.path() / "words.gguf", {});
    return compose_tokenizer_texts(GgufFile::open(folder.path() / "words.gguf"));
  }

  json tokenizer() const { return parse_json_text(compose().tokenizer, "tokenizer.json"); }
  json config() const { return parse_json_text(compose().config, "tokenizer_config.json"); }

  void check_refused(ErrorCode code, const std::string& part) const {
    const auto thrown = reckon::tests::thrown_by([&] { compose(); });
    CAPTURE(thrown.text);
    CHECK(thrown.code == code);
    CHECK(thrown.says(part));
  }
};

TEST_CASE("gguf tokenizer: tokens, merges and special tokens become a tokenizer.json") {
  Entries entries;
  entries.eos = 4;
  const json document = entries.tokenizer();
  const json& model = document.at("model");
  CHECK(model.at("type") == "BPE");
  CHECK(model.at("vocab") ==
        json({{"a", 0}, {"b", 1}, {"ab", 2}, {"<|user|>", 3}, {"<|end|>", 4}}));
  CHECK(model.at("merges") == json::array({"a b"}));
  CHECK(model.at("ignore_merges") == false);
  const json& added = document.at("added_tokens");
  REQUIRE(added.size() == 2);
  CHECK(added[0].at("content") == "<|user|>");
  CHECK(added[0].at("special") == false);
  CHECK(added[1].at("id") == 4);
  CHECK(added[1].at("special") == true);
  CHECK(document.at("post_processor").is_null());
  const json config = entries.config();
  CHECK(config.at("eos_token") == "<|end|>");
  CHECK_FALSE(config.contains("bos_token"));
  CHECK(config.at("chat_template") == "{{ \"hello\" }}");
}

TEST_CASE("gguf tokenizer: each way of splitting is composed and recognised again") {
  for (const char* pre : {"gpt-2", "smollm", "llama-bpe", "qwen2", "default"}) {
    CAPTURE(pre);
    Entries entries;
    entries.pre = pre;
    const json document = entries.tokenizer();
    CHECK(recognize_pre_tokenizer(document) == std::optional<std::string>(pre));
    CHECK(document.at("normalizer").is_null() == (pre != std::string("qwen2")));
  }
  for (const auto& [pre, name] : {std::pair("llama3", "llama-bpe"),
                                  {"llama-v3", "llama-bpe"},
                                  {"deepseek-r1-qwen", "qwen2"},
                                  {"", "default"}}) {
    Entries entries;
    entries.pre = pre;
    CHECK(recognize_pre_tokenizer(entries.tokenizer()) == std::optional<std::string>(name));
  }
}

TEST_CASE("gguf tokenizer: a way of splitting without a name is not recognised") {
  const auto name = [](const char* text) {
    return recognize_pre_tokenizer({{"pre_tokenizer", json::parse(text)}});
  };
  CHECK(name(R"({"type":"ByteLevel","add_prefix_space":false,"use_regex":true})") == "gpt-2");
  CHECK_FALSE(name(R"({"type":"ByteLevel","add_prefix_space":true,"use_regex":true})"));
  CHECK_FALSE(name(R"({"type":"Whitespace"})"));
  CHECK_FALSE(name(R"({"type":"Sequence","pretokenizers":7})"));
  CHECK_FALSE(name("null"));
  CHECK_FALSE(name(R"([{"type":"ByteLevel"}])"));
}

TEST_CASE("gguf tokenizer: the beginning of a text is added where the file or its family says so") {
  Entries entries;
  entries.bos = 4;
  CHECK(entries.tokenizer().at("post_processor").is_null());
  entries.add_bos = true;
  const json post = entries.tokenizer().at("post_processor");
  CHECK(post.at("type") == "TemplateProcessing");
  CHECK(post.at("special_tokens").at("<|end|>").at("ids") == json::array({4}));
  entries.add_bos.reset();
  entries.pre = "llama-bpe";
  CHECK(entries.tokenizer().at("post_processor").is_object());
  CHECK(entries.tokenizer().at("model").at("ignore_merges") == true);
  entries.add_bos = false;
  CHECK(entries.tokenizer().at("post_processor").is_null());
}

TEST_CASE("gguf tokenizer: a tokenizer.json in the file wins, whatever the model") {
  Entries entries;
  entries.model = "llama";
  entries.eos = 4;
  entries.hugging_face = R"({"version":"1.0"})";
  CHECK(entries.compose().tokenizer == entries.hugging_face);
  CHECK(entries.config().at("eos_token") == "<|end|>");
  entries.hugging_face.clear();
  entries.check_refused(ErrorCode::unsupported, "tokenizer.ggml.model");
}

TEST_CASE("gguf tokenizer: malformed entries are named") {
  Entries entries;
  entries.pre = "poro-chat";
  entries.check_refused(ErrorCode::unsupported, "poro-chat");
  entries = {};
  entries.types.pop_back();
  entries.check_refused(ErrorCode::corrupt, "token_type");
  entries = {};
  entries.tokens[1] = "a";
  entries.check_refused(ErrorCode::corrupt, "token 1 again");
  entries = {};
  entries.bos = 7;
  entries.check_refused(ErrorCode::corrupt, "bos_token_id");
}

}  // namespace
}  // namespace reckon::policy
