// tokenizer.json, a zero byte, tokenizer_config.json, a zero byte, and a text to encode.
#include "policy/tokenizer.h"

#include "tests/fuzz/fuzz_input.h"

using namespace reckon;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view text = fuzz::as_text(data, size);
  const std::string_view json = fuzz::cut_part(text);
  const std::string_view config = fuzz::cut_part(text);
  fuzz::may_refuse([&] {
    policy::TokenizerTexts texts;
    texts.tokenizer = json;
    texts.config = config;
    const auto tokenizer = policy::parse_tokenizer(texts, "input");
    for (std::int32_t id = 0; id < tokenizer->vocab_size(); ++id) tokenizer->token(id);
    fuzz::may_refuse([&] {
      const auto ids = tokenizer->encode(text);
      for (const std::int32_t id : ids) fuzz::must(id >= 0 && id < tokenizer->vocab_size());
      tokenizer->decode(ids, policy::SpecialText::skip);
      tokenizer->decode(ids);
    });
    const std::int32_t last = tokenizer->vocab_size() - 1;
    fuzz::may_refuse([&] { tokenizer->decode(std::vector<std::int32_t>{0, last, last + 1, -1}); });
  });
  return 0;
}
