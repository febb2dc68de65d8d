// Inputs that broke a reader when it was fuzzed, in their smallest form.
#include <doctest/doctest.h>

#include <vector>

#include "policy/tokenizer.h"

using namespace reckon;
using namespace reckon::policy;

TEST_CASE("words without any id are remembered like others") {
  // The model knows no byte of "z" and no unknown token, so the word has no ids.
  TokenizerTexts texts;
  texts.tokenizer = R"({
    "added_tokens": [], "normalizer": null, "post_processor": null,
    "pre_tokenizer": {"type": "ByteLevel", "add_prefix_space": false, "use_regex": true},
    "decoder": {"type": "ByteLevel"},
    "model": {"type": "BPE", "vocab": {"a": 0}, "merges": []}})";
  const auto tokenizer = parse_tokenizer(texts, "fuzzed");
  CHECK(tokenizer->encode("z").empty());
  CHECK(tokenizer->encode("z").empty());
  CHECK(tokenizer->encode("zaz") == std::vector<std::int32_t>{0});
}
