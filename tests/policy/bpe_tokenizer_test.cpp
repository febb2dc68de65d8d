#include <doctest/doctest.h>

#include <array>
#include <nlohmann/json.hpp>
#include <random>
#include <thread>

#include "core/error.h"
#include "core/files.h"
#include "core/utf8.h"
#include "policy/text/stream_decoder.h"
#include "policy/tokenizer.h"
#include "tests/byte_mutation.h"

namespace reckon::policy {
namespace {

using nlohmann::json;
using Ids = std::vector<std::int32_t>;

const std::string kFolder = "tests/golden/tokenizer_bpe/";
constexpr std::array<const char*, 6> kFamilies = {"gpt2",   "llama3",   "qwen2",
                                                  "smollm", "deepseek", "behaviors"};

std::vector<std::string> golden_texts() {
  return json::parse(read_file(kFolder + "texts.json")).get<std::vector<std::string>>();
}

// A tokenizer.json of bytes and two merges; members of `changes` replace those of the document.
std::string small_document(const std::string& changes = "{}") {
  json vocab = json::object();
  const std::string letters = "abcdefghijklmnopqrstuvwxyz0123456789<>|";
  for (std::size_t i = 0; i < letters.size(); ++i) vocab[std::string(1, letters[i])] = i;
  vocab["Ġ"] = 40;
  vocab["ab"] = 41;
  vocab["abc"] = 42;
  json result = {{"added_tokens", {{{"id", 50}, {"content", "<s>"}, {"special", true}}}},
                 {"normalizer", nullptr},
                 {"pre_tokenizer", {{"type", "ByteLevel"}, {"add_prefix_space", false}}},
                 {"post_processor", nullptr},
                 {"decoder", {{"type", "ByteLevel"}}},
                 {"model", {{"type", "BPE"}, {"merges", {"a b", "ab c"}}}}};
  result["model"]["vocab"] = std::move(vocab);
  result.merge_patch(json::parse(changes));
  return result.dump();
}

std::unique_ptr<Tokenizer> parse(const std::string& tokenizer, const std::string& config = "",
                                 const std::string& chat_template = "") {
  return parse_tokenizer({.tokenizer = tokenizer,
                          .config = config,
                          .special_tokens_map = {},
                          .chat_template = chat_template},
                         "folder");
}

void check_refused(const std::string& changes, ErrorCode code, const std::string& text) {
  CAPTURE(changes);
  try {
    parse(small_document(changes));
    FAIL_CHECK("accepted, expected a message with ", text);
  } catch (const Error& error) {
    const std::string message = error.what();
    CAPTURE(message);
    CHECK(error.code() == code);
    CHECK(message.find("folder/tokenizer.json") != std::string::npos);
    CHECK(message.find(text) != std::string::npos);
  }
}

void check_unsupported(const std::string& changes, const std::string& text) {
  check_refused(changes, ErrorCode::unsupported, text);
}

void check_corrupt(const std::string& changes, const std::string& text) {
  check_refused(changes, ErrorCode::corrupt, text);
}

std::string split_change(const std::string& pattern) {
  const json split = {
      {"type", "Split"}, {"behavior", "Isolated"}, {"pattern", {{"Regex", pattern}}}};
  const json bytes = {{"type", "ByteLevel"}, {"add_prefix_space", false}, {"use_regex", false}};
  const json change = {
      {"pre_tokenizer", {{"type", "Sequence"}, {"pretokenizers", json::array({split, bytes})}}}};
  return change.dump();
}

TEST_CASE("bpe: each family of tokenizers gives the ids of the Hugging Face library") {
  const std::vector<std::string> texts = golden_texts();
  REQUIRE(texts.size() > 100);
  for (const char* family : kFamilies) {
    CAPTURE(family);
    const auto tokenizer = load_tokenizer(kFolder + family);
    const json cases = json::parse(read_file(kFolder + family + "/cases.json"));
    for (std::size_t i = 0; i < texts.size(); ++i) {
      CAPTURE(texts[i]);
      CHECK(tokenizer->encode_with_special(texts[i]) == cases["ids"][i].get<Ids>());
    }
    for (const json& one : cases["decoded"]) {
      const Ids ids = one[0].get<Ids>();
      CHECK(tokenizer->decode(ids) == one[1].get<std::string>());
      CHECK(tokenizer->decode(ids, SpecialText::skip) == one[2].get<std::string>());
    }
  }
}

TEST_CASE("bpe: decoding what was encoded gives the text back") {
  for (const char* family : {"gpt2", "llama3", "smollm", "deepseek"}) {
    CAPTURE(family);
    const auto tokenizer = load_tokenizer(kFolder + family);
    for (const std::string& text : golden_texts()) {
      CAPTURE(text);
      // These swallow white space or stand for another spelling.
      if (text.find("<left>") != std::string::npos) continue;
      if (text.find("<right>") != std::string::npos) continue;
      CHECK(tokenizer->decode(tokenizer->encode(text)) == text);
    }
  }
}

TEST_CASE("bpe: text that comes token by token is the decoded text, in whole characters") {
  std::mt19937 random(4);
  for (const char* family : kFamilies) {
    const auto tokenizer = load_tokenizer(kFolder + family);
    for (int i = 0; i < 200; ++i) {
      Ids ids(1 + random() % 20);
      // Most are single bytes, of which few make characters.
      for (std::int32_t& id : ids) id = static_cast<std::int32_t>(random() % (i % 2 ? 262 : 620));
      for (const SpecialText special : {SpecialText::keep, SpecialText::skip}) {
        StreamDecoder decoder(*tokenizer, special);
        std::string text;
        for (const std::int32_t id : ids) {
          const std::string part = decoder.add(id);
          REQUIRE(is_utf8(part));
          text += part;
        }
        text += decoder.finish();
        REQUIRE(text == tokenizer->decode(ids, special));
      }
    }
  }
}

TEST_CASE("bpe: words of a streamed word-level tokenizer are joined by spaces") {
  const auto words = make_word_level_tokenizer({"a", "b", "<s>"}, "<s>", "", "");
  StreamDecoder decoder(*words, SpecialText::skip);
  CHECK(decoder.add(2) == "");
  CHECK(decoder.add(0) == "a");
  CHECK(decoder.add(2) == "");
  CHECK(decoder.add(1) == " b");
  CHECK_THROWS_AS(decoder.add(9), Error);
  CHECK(decoder.add(0) == " a");
  CHECK(decoder.finish() == "");
  CHECK(decoder.add(0) == "a");
}

TEST_CASE("bpe: long words are merged like short ones") {
  const auto tokenizer = load_tokenizer(kFolder + "gpt2");
  std::mt19937 random(9);
  for (int i = 0; i < 200; ++i) {
    std::string word;
    for (std::size_t n = 20 + random() % 44; n > 0; --n) word += "aeinrstlo"[random() % 9];
    // The first of two equal halves around a byte that merges with nothing.
    const Ids one = tokenizer->encode(word);
    Ids expected = one;
    const std::string wall = "\xE0\xB9\x84";
    const Ids middle = tokenizer->encode(wall);
    expected.insert(expected.end(), middle.begin(), middle.end());
    expected.insert(expected.end(), one.begin(), one.end());
    std::string both = word;
    both += wall;
    both += word;
    CHECK(tokenizer->encode(both) == expected);
  }
}

TEST_CASE("bpe: hostile lengths take linear time or nearly so") {
  const auto tokenizer = load_tokenizer(kFolder + "qwen2");
  std::string marks = "a";
  for (int i = 0; i < 100'000; ++i) marks += i % 2 ? "\u0316" : "\u0301";
  CHECK(tokenizer->encode(marks).size() > 100'000);
  CHECK(tokenizer->encode(std::string(1 << 20, 'x')).size() > 1000);
  CHECK(tokenizer->encode(std::string(1 << 20, ' ')).size() > 1000);
}

TEST_CASE("bpe: bytes without a token are left out, text that is not UTF-8 is refused") {
  const auto tokenizer = parse(small_document());
  CHECK(tokenizer->encode("abcab") == Ids{42, 41});
  CHECK(tokenizer->encode("a!b") == Ids{0, 1});
  CHECK(tokenizer->encode("a<s> b") == Ids{0, 50, 40, 1});
  CHECK_THROWS_AS(tokenizer->encode("a\xff"), Error);
}

TEST_CASE("bpe: ids without a token are empty text, negative ids are errors") {
  const auto tokenizer = parse(small_document());
  CHECK(tokenizer->vocab_size() == 51);
  CHECK(tokenizer->decode(Ids{0, 45, 51, 1'000'000, 1}) == "ab");
  CHECK(tokenizer->token(45).empty());
  CHECK(tokenizer->token(1'000'000).empty());
  CHECK_FALSE(tokenizer->is_special(1'000'000));
  CHECK(tokenizer->is_special(50));
  CHECK(tokenizer->token_id("") == std::nullopt);
  CHECK_THROWS_AS(tokenizer->decode(Ids{-1}), Error);
  CHECK_THROWS_AS(tokenizer->is_special(-1), Error);
}

TEST_CASE("bpe: what is saved loads equal and keeps what this program does not know") {
  const TempFolder folder;
  const std::string config =
      R"({"tokenizer_class": "X", "new": [1], "bos_token": "<s>", "chat_template": "old"})";
  const auto tokenizer = parse(small_document(), config, "{{ new }}");
  CHECK(tokenizer->chat_template() == "{{ new }}");
  tokenizer->save(folder.path());
  const auto loaded = load_tokenizer(folder.path());
  CHECK(loaded->json_text() == small_document());
  CHECK(loaded->json_text() == tokenizer->json_text());
  CHECK(loaded->chat_template() == "{{ new }}");
  CHECK(loaded->bos_id() == 50);
  const json saved = json::parse(read_file(folder.path() / "tokenizer_config.json"));
  CHECK(saved["tokenizer_class"] == "X");
  CHECK(saved["new"] == json({1}));
  write_file_atomic(folder.path() / "chat_template.jinja", "from a file");
  CHECK(load_tokenizer(folder.path())->chat_template() == "from a file");
}

TEST_CASE("bpe: of a list of chat templates the default is taken") {
  const auto chat = [](const std::string& value) {
    return parse(small_document(), R"({"chat_template": )" + value + "}")->chat_template();
  };
  CHECK(chat(R"([{"name": "rag", "template": "r"}, {"name": "default", "template": "d"}])") == "d");
  CHECK(chat(R"([{"name": "rag", "template": "r"}])") == "");
  CHECK(chat("null") == "");
  CHECK_THROWS_AS(chat("3"), Error);
  CHECK_THROWS_AS(chat("[3]"), Error);
  CHECK_THROWS_AS(chat(R"([{"name": "default"}])"), Error);
}

TEST_CASE("bpe: a tokenizer encodes the same from several threads") {
  const auto tokenizer = load_tokenizer(kFolder + "smollm");
  const std::vector<std::string> texts = golden_texts();
  std::vector<Ids> expected;
  for (const std::string& text : texts) expected.push_back(tokenizer->encode(text));
  std::array<bool, 4> equal{};
  std::vector<std::thread> threads;
  for (bool& result : equal) {
    threads.emplace_back([&] {
      result = true;
      for (std::size_t i = 0; i < texts.size(); ++i) {
        result = result && tokenizer->encode(texts[i]) == expected[i];
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const bool result : equal) CHECK(result);
}

TEST_CASE("bpe: what this program does not know is unsupported and named") {
  check_unsupported(R"({"normalizer": {"type": "NFKC"}})", "\"NFKC\"");
  check_unsupported(R"({"pre_tokenizer": null})", "ByteLevel");
  check_unsupported(R"({"pre_tokenizer": {"type": "Metaspace"}})", "\"Metaspace\"");
  check_unsupported(R"({"pre_tokenizer": {"type": "Sequence", "pretokenizers":
      [{"type": "ByteLevel"}, {"type": "Digits"}]}})",
                    "\"Digits\" after it");
  check_unsupported(R"({"decoder": null})", "\"null\"");
  check_unsupported(R"({"decoder": {"type": "Metaspace"}})", "\"Metaspace\"");
  check_unsupported(R"({"post_processor": {"type": "BertProcessing"}})", "\"BertProcessing\"");
  check_unsupported(R"({"model": {"dropout": 0.1}})", "dropout");
  check_unsupported(R"({"model": {"unk_token": "a"}})", "unk_token");
  check_unsupported(R"({"model": {"byte_fallback": true}})", "byte_fallback");
  check_unsupported(R"({"model": {"end_of_word_suffix": "</w>"}})", "end_of_word_suffix");
  for (const char* pattern :
       {"(?<name>a)", R"(\bword)", "[a[b]]", "[a&&b]", R"(\h)", R"((a)\1)", "(*UTF)a", "a{2}+",
        "a{2000}", R"(\p{Greek})", R"([\P{L}])", R"(\xff)", "(?i)a", R"(\x{D800})", "[]"}) {
    CAPTURE(pattern);
    check_unsupported(split_change(pattern), "known constructs");
  }
}

TEST_CASE("bpe: malformed parts are corrupt and the message says where") {
  check_corrupt(R"({"model": {"merges": null}})", "merges");
  check_corrupt(R"({"model": {"merges": ["ab"]}})", "merges/0");
  check_corrupt(R"({"model": {"merges": ["a b c"]}})", "merges/0");
  check_corrupt(R"({"model": {"merges": [["a"]]}})", "merges/0");
  check_corrupt(R"({"model": {"merges": ["b a"]}})", "ba");
  check_corrupt(R"({"model": {"merges": ["a !"]}})", "!");
  check_corrupt(R"({"model": {"vocab": {"zz": 16000000}}})", "few holes");
  check_corrupt(R"({"normalizer": {"type": "Sequence"}})", "normalizers");
  check_corrupt(R"({"pre_tokenizer": {"type": "Sequence", "pretokenizers": 3}})", "pretokenizers");
  check_corrupt(R"({"pre_tokenizer": {"type": "ByteLevel", "use_regex": 1}})", "use_regex");
  check_corrupt(R"({"post_processor": {"type": "TemplateProcessing"}})", "single");
  check_corrupt(R"({"post_processor": {"type": "TemplateProcessing", "special_tokens": {},
      "single": [{"SpecialToken": {"id": "x"}}, {"Sequence": {"id": "A"}}]}})",
                "special_tokens");
  for (const char* pattern : {"(a", "a)", "[a", R"(\)", "*", R"(\p{L)", R"(\x{)"}) {
    CAPTURE(pattern);
    check_corrupt(split_change(pattern), "pretokenizers/0/pattern");
  }
}

TEST_CASE("bpe: a pattern that cannot end in time is an error of the text") {
  const auto tokenizer = parse(small_document(split_change("(?:a|aa)+[bc]")));
  CHECK(tokenizer->encode("aac") == Ids{0, 0, 2});
  CHECK_THROWS_AS(tokenizer->encode(std::string(200, 'a')), Error);
}

TEST_CASE("bpe: 30,000 damaged files are refused or make a tokenizer that works") {
  const std::string whole = small_document(
      R"({"normalizer": {"type": "NFC"},
          "post_processor": {"type": "TemplateProcessing",
            "single": [{"SpecialToken": {"id": "<s>"}}, {"Sequence": {"id": "A"}}],
            "special_tokens": {"<s>": {"ids": [50]}}},
          "pre_tokenizer": {"type": "Sequence", "pretokenizers": [
            {"type": "Split", "behavior": "Isolated", "pattern": {"Regex": "\\p{L}{1,3}|[^\\s\\d]+"}},
            {"type": "Digits", "individual_digits": true},
            {"type": "ByteLevel", "add_prefix_space": false, "use_regex": false}]}})");
  ByteMutation mutation(3);
  int accepted = 0;
  for (int i = 0; i < 30'000; ++i) {
    try {
      const auto tokenizer = parse(mutation.damage(whole));
      ++accepted;
      const Ids ids = tokenizer->encode_with_special("abc 12 <s> \u00e9");
      REQUIRE(is_utf8(tokenizer->decode(ids)));
    } catch (const Error& error) {
      REQUIRE(error.code() != ErrorCode::internal);
      REQUIRE(error.code() != ErrorCode::io);
    }
  }
  CHECK(accepted > 1000);
}

}  // namespace
}  // namespace reckon::policy
