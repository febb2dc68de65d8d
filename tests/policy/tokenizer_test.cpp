#include "policy/tokenizer.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>
#include <sstream>

#include "core/error.h"
#include "core/files.h"
#include "policy/text/added_tokens.h"
#include "tests/byte_mutation.h"

namespace reckon::policy {
namespace {

using nlohmann::json;
using Ids = std::vector<std::int32_t>;

std::unique_ptr<Tokenizer> tiny() {
  return make_word_level_tokenizer(
      {"<pad>", "<bos>", "<eos>", "<think>", "</think>", "+", "10", "1", "ä"}, "<bos>", "<eos>",
      "<pad>");
}

// A tokenizer.json with this vocabulary; members of `changes` replace those of the document.
std::string document(const std::string& vocab, const std::string& changes = "{}") {
  json result = {{"version", "1.0"},
                 {"added_tokens", json::array()},
                 {"normalizer", nullptr},
                 {"pre_tokenizer", {{"type", "WhitespaceSplit"}}},
                 {"post_processor", nullptr},
                 {"decoder", nullptr},
                 {"model", {{"type", "WordLevel"}, {"unk_token", "<unk>"}, {"vocab", nullptr}}}};
  result["model"]["vocab"] = json::parse(vocab);
  result.merge_patch(json::parse(changes));
  return result.dump();
}

// Checks that the texts are refused with this code and a message that holds `text`.
void check_refused(const TokenizerTexts& texts, ErrorCode code, const std::string& text) {
  try {
    parse_tokenizer(texts, "folder");
    FAIL_CHECK("accepted, expected a message with ", text);
  } catch (const Error& error) {
    const std::string message = error.what();
    CAPTURE(message);
    CHECK(error.code() == code);
    CHECK(message.find("folder/") != std::string::npos);
    CHECK(message.find(text) != std::string::npos);
  }
}

void check_corrupt(const std::string& tokenizer, const std::string& text) {
  check_refused({.tokenizer = tokenizer, .config = {}, .special_tokens_map = {}},
                ErrorCode::corrupt, text);
}

void check_unsupported(const std::string& changes, const std::string& text) {
  const std::string tokenizer = document(R"({"a": 0})", changes);
  check_refused({.tokenizer = tokenizer, .config = {}, .special_tokens_map = {}},
                ErrorCode::unsupported, text);
}

std::string message_of(const auto& action) {
  try {
    action();
  } catch (const Error& error) {
    return error.code() == ErrorCode::invalid_argument ? error.what() : "another code";
  }
  return "no error";
}

TEST_CASE("tokenizer: words become their ids and ids their words") {
  const auto tokenizer = tiny();
  CHECK(tokenizer->vocab_size() == 9);
  CHECK(tokenizer->bos_id() == 1);
  CHECK(tokenizer->eos_id() == 2);
  CHECK(tokenizer->pad_id() == 0);
  const Ids ids = {1, 6, 5, 7, 8, 2};
  CHECK(tokenizer->encode("<bos> 10 + 1 ä <eos>") == ids);
  CHECK(tokenizer->encode("\t<bos>10  +\n1\u3000ä<eos> ") == ids);
  CHECK(tokenizer->encode(" \n").empty());
  CHECK(tokenizer->decode(ids) == "<bos> 10 + 1 ä <eos>");
  CHECK(tokenizer->decode(ids, SpecialText::skip) == "10 + 1 ä");
  CHECK(tokenizer->decode({}) == "");
  CHECK(tokenizer->token_id("ä") == 8);
  CHECK(tokenizer->token_id("b") == std::nullopt);
  CHECK(tokenizer->token(3) == "<think>");
  CHECK(tokenizer->is_special(0));
  CHECK_FALSE(tokenizer->is_special(3));
}

TEST_CASE("tokenizer: unknown words, broken text and ids outside the vocabulary are named") {
  const auto tokenizer = tiny();
  CHECK(message_of([&] { tokenizer->encode("10 + apple"); }).find("\"apple\"") !=
        std::string::npos);
  CHECK(message_of([&] { tokenizer->encode("10 \xff"); }).find("UTF-8") != std::string::npos);
  CHECK(message_of([&] { tokenizer->encode(std::string(1 << 20, 'x')); }).size() < 300);
  CHECK(message_of([&] { tokenizer->decode(Ids{0, 9}); }).find("got 9") != std::string::npos);
  CHECK(message_of([&] { tokenizer->decode(Ids{-1}, SpecialText::skip); }).find("got -1") !=
        std::string::npos);
  CHECK(message_of([&] { tokenizer->token(1 << 30); }).find("0 to 8") != std::string::npos);
}

TEST_CASE("tokenizer: word lists that cannot be a vocabulary are refused") {
  const auto refuse = [](std::vector<std::string> words, const std::string& bos,
                         const std::string& text) {
    const std::string message =
        message_of([&] { make_word_level_tokenizer(std::move(words), bos, "", ""); });
    CAPTURE(message);
    CHECK(message.find(text) != std::string::npos);
  };
  refuse({"a", "a"}, "", "\"a\" twice");
  refuse({"a", ""}, "", "\"\"");
  refuse({"a b"}, "", "white space");
  refuse({"a\u00a0"}, "", "white space");
  refuse({"\xc3"}, "", "UTF-8");
  refuse({"a"}, "<bos>", "\"<bos>\"");
  refuse({}, "", "at least one word");
}

TEST_CASE("tokenizer: a folder saved by transformers gives its ids and its texts") {
  const auto tokenizer = load_tokenizer("tests/golden/tokenizer_words");
  CHECK(tokenizer->vocab_size() == 18);
  CHECK(tokenizer->bos_id() == 1);
  std::istringstream cases(read_file("tests/golden/tokenizer_words/cases.jsonl"));
  std::size_t count = 0;
  for (std::string line; std::getline(cases, line); ++count) {
    const json one = json::parse(line);
    CAPTURE(line);
    const Ids ids = tokenizer->encode(one["text"].get<std::string>());
    CHECK(ids == one["ids"].get<Ids>());
    CHECK(tokenizer->decode(ids) == one["decoded"]);
    CHECK(tokenizer->decode(ids, SpecialText::skip) == one["decoded_skip"]);
  }
  CHECK(count > 200);
}

TEST_CASE("tokenizer: what is saved loads equal, and saving it again gives the same bytes") {
  const auto check_round_trip = [](const Tokenizer& tokenizer) {
    const TempFolder first;
    const TempFolder second;
    tokenizer.save(first.path());
    const auto loaded = load_tokenizer(first.path());
    loaded->save(second.path());
    for (const char* name :
         {"tokenizer.json", "tokenizer_config.json", "special_tokens_map.json"}) {
      CHECK(read_file(first.path() / name) == read_file(second.path() / name));
    }
    CHECK(loaded->vocab_size() == tokenizer.vocab_size());
    CHECK(loaded->bos_id() == tokenizer.bos_id());
    CHECK(loaded->eos_id() == tokenizer.eos_id());
    CHECK(loaded->pad_id() == tokenizer.pad_id());
    for (std::int32_t id = 0; id < tokenizer.vocab_size(); ++id) {
      CHECK(loaded->token(id) == tokenizer.token(id));
      CHECK(loaded->is_special(id) == tokenizer.is_special(id));
      CHECK(loaded->encode(tokenizer.token(id)) == Ids{id});
    }
  };
  check_round_trip(*tiny());
  check_round_trip(*make_word_level_tokenizer({"a", "<unk>"}, "", "", ""));
  check_round_trip(*load_tokenizer("tests/golden/tokenizer_words"));
}

TEST_CASE("tokenizer: special tokens come from either file, the configuration first") {
  const std::string tokenizer = document(R"({"a": 0, "b": 1, "c": 2})");
  const std::string config = R"({"bos_token": {"content": "b"}, "pad_token": null})";
  const std::string map = R"({"bos_token": "a", "eos_token": "c"})";
  const auto both = parse_tokenizer(
      {.tokenizer = tokenizer, .config = config, .special_tokens_map = map}, "folder");
  CHECK(both->bos_id() == 1);
  CHECK(both->eos_id() == 2);
  CHECK(both->pad_id() == std::nullopt);
  CHECK(both->is_special(1));
  // As in transformers, a special token is found inside a word too.
  CHECK(both->encode("b b a") == Ids{1, 1, 0});
  CHECK(both->decode(Ids{1, 0, 2}, SpecialText::skip) == "a");
  const auto none =
      parse_tokenizer({.tokenizer = tokenizer, .config = {}, .special_tokens_map = {}}, "folder");
  CHECK(none->bos_id() == std::nullopt);
}

TEST_CASE("tokenizer: a missing folder is not_found, other files may be missing") {
  const TempFolder folder;
  try {
    load_tokenizer(folder.path());
    FAIL("loaded a tokenizer that is not there");
  } catch (const Error& error) {
    CHECK(error.code() == ErrorCode::not_found);
  }
  write_file_atomic(folder.path() / "tokenizer.json", document(R"({"a": 0})"));
  CHECK(load_tokenizer(folder.path())->vocab_size() == 1);
}

TEST_CASE("tokenizer: malformed files are corrupt and the message says where") {
  check_corrupt("", "tokenizer.json");
  check_corrupt("[]", "an object");
  check_corrupt("{}", "`model`");
  check_corrupt(std::string(100'000, '['), "levels");
  check_corrupt("{\"model\": \"\xff\"}", "line 1");
  check_corrupt(document("[]"), "vocab");
  check_corrupt(document("{}"), "tokens");
  check_corrupt(document(R"({"a": -1})"), "-1");
  check_corrupt(document(R"({"a": 0.0})"), "0.0");
  check_corrupt(document(R"({"a": "0"})"), "\"a\"");
  check_corrupt(document(R"({"a": 18446744073709551615})"), "18446744073709551615");
  check_corrupt(document(R"({"a": 4294967296})"), "4294967296");
  check_corrupt(document(R"({"a": 0, "b": 2})"), "no holes");
  check_corrupt(document(R"({"a": 0, "b": 0})"), "each id once");
  check_corrupt(R"({"model": {"type": "WordLevel", "vocab": {"a": 0, "a": 0}}})", "again");
  check_corrupt(document("{\"" + std::string(70'000, 'x') + "\": 0}"), "70000 bytes");
  check_corrupt(document(R"({"a": 0})", R"({"model": {"unk_token": 3}})"), "unk_token");
  check_corrupt(document(R"({"a": 0})", R"({"model": {"type": null}})"), "`type`");
  check_corrupt(document(R"({"a": 0})", R"({"pre_tokenizer": "WhitespaceSplit"})"),
                "pre_tokenizer");
}

TEST_CASE("tokenizer: malformed added and special tokens are corrupt") {
  const auto added = [](const std::string& tokens) {
    return document(R"({"a": 0, "b": 1})", R"({"added_tokens": )" + tokens + "}");
  };
  check_corrupt(added("3"), "added_tokens");
  check_corrupt(added("[3]"), "added_tokens/0");
  check_corrupt(added(R"([{"id": 2}])"), "`content`");
  check_corrupt(added(R"([{"content": "c"}])"), "id");
  check_corrupt(added(R"([{"content": "", "id": 2}])"), "empty");
  check_corrupt(added(R"([{"content": "c", "id": 3}])"), "no holes");
  check_corrupt(added(R"([{"content": "c", "id": 1}])"), "each id once");
  check_corrupt(added(R"([{"content": "b", "id": 2}])"), "expected id 1");
  check_corrupt(added(R"([{"content": "c", "id": 2, "special": 1}])"), "special");
  check_corrupt(added(R"([{"content": "c", "id": 2}, {"content": "c", "id": 3}])"), "twice");

  const std::string tokenizer = document(R"({"a": 0})");
  const auto config = [&](const std::string& text, const std::string& message) {
    check_refused({.tokenizer = tokenizer, .config = text, .special_tokens_map = {}},
                  ErrorCode::corrupt, message);
    check_refused({.tokenizer = tokenizer, .config = {}, .special_tokens_map = text},
                  ErrorCode::corrupt, message);
  };
  config("[]", "an object");
  config("{", "line 1");
  config(R"({"bos_token": 3})", "bos_token");
  config(R"({"bos_token": {"text": "a"}})", "`content`");
  config(R"({"eos_token": ""})", "eos_token");
  config(R"({"eos_token": "z"})", "\"z\"");
}

TEST_CASE("tokenizer: what this program does not know is unsupported and named") {
  check_unsupported(R"({"model": {"type": "Unigram"}})", "\"Unigram\"");
  check_unsupported(R"({"pre_tokenizer": {"type": "ByteLevel"}})", "\"ByteLevel\"");
  check_unsupported(R"({"pre_tokenizer": null})", "\"null\"");
  check_unsupported(R"({"normalizer": {"type": "NFC"}})", "\"NFC\"");
  check_unsupported(R"({"post_processor": {"type": "TemplateProcessing"}})", "post_processor");
  check_unsupported(
      R"({"post_processor": {"type": "TemplateProcessing",
          "single": [{"SpecialToken": {"id": "a"}}, {"Sequence": {"id": "A"}}]}})",
      "post_processor");
  check_unsupported(R"({"post_processor": {"type": "ByteLevel"}})", "\"ByteLevel\"");
  check_unsupported(R"({"decoder": {"type": "WordPiece"}})", "\"WordPiece\"");
}

TEST_CASE("tokenizer: added tokens cut the text, the longest first, and swallow white space") {
  const AddedTokens added({{.id = 5, .text = "ab"},
                           {.id = 6, .text = "abc"},
                           {.id = 7, .text = "L", .strip_left = true},
                           {.id = 8, .text = "R", .strip_right = true},
                           {.id = 9, .text = "b", .normalized = true},
                           {.id = 10, .text = "<w>", .single_word = true}});
  const auto cut = [&](std::string_view text) {
    std::string result;
    for (const TextPiece& piece : added.split(text)) {
      result += std::to_string(piece.id) + "[" + std::string(piece.text) + "]";
    }
    return result;
  };
  CHECK(cut("") == "");
  CHECK(cut("xabcabx") == "-1[x]6[abc]5[ab]-1[x]");
  CHECK(cut("x \u3000L y") == "-1[x]7[ \u3000L]-1[ y]");
  CHECK(cut("R  L") == "8[R  ]7[L]");
  CHECK(cut("bab") == "9[b]5[ab]");
  CHECK(cut("<w> <w>,<w>") == "10[<w>]-1[ ]10[<w>]-1[,]10[<w>]");
  CHECK(cut("x<w>\u0301<w>") == "-1[x<w>\u0301<w>]");
}

TEST_CASE("tokenizer: 100,000 damaged files are refused or make a tokenizer that works") {
  const std::string whole = document(
      R"({"a": 0, "b": 1, "<unk>": 2})",
      R"({"added_tokens": [{"id": 0, "content": "a", "special": true}, {"id": 3, "content": "c"}]})");
  const std::string config = R"({"bos_token": "a", "eos_token": {"content": "b"}})";
  ByteMutation mutation(2);
  std::size_t refused = 0;
  for (int i = 0; i < 100'000; ++i) {
    const bool in_config = i % 4 == 0;
    const std::string damaged_tokenizer = in_config ? whole : mutation.damage(whole);
    const std::string damaged_config = in_config ? mutation.damage(config) : config;
    try {
      const auto tokenizer = parse_tokenizer(
          {.tokenizer = damaged_tokenizer, .config = damaged_config, .special_tokens_map = {}},
          "damaged");
      REQUIRE(tokenizer->vocab_size() > 0);
      for (std::int32_t id = 0; id < tokenizer->vocab_size(); ++id) {
        REQUIRE(tokenizer->token_id(tokenizer->token(id)) == id);
      }
      if (!tokenizer->token_id("<unk>")) continue;
      const Ids ids = tokenizer->encode("a b c d");
      REQUIRE(tokenizer->decode(ids).size() >= ids.size());
    } catch (const Error& error) {
      const bool expected =
          error.code() == ErrorCode::corrupt || error.code() == ErrorCode::unsupported;
      // The unk_token itself may be what was damaged: then unknown words are errors.
      if (!expected) REQUIRE(error.code() == ErrorCode::invalid_argument);
      ++refused;
    }
  }
  CHECK(refused > 50'000);
  CHECK(refused < 100'000);
}

TEST_CASE("tokenizer: a tokenizer.json cut at any byte is corrupt") {
  const std::string whole = document(R"({"a": 0})");
  for (std::size_t size = 0; size < whole.size(); ++size) {
    check_corrupt(whole.substr(0, size), "line 1");
  }
}

}  // namespace
}  // namespace reckon::policy
