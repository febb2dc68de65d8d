#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "rl/grpo_metrics.h"
#include "tests/rl/small_run.h"

using namespace reckon;
using namespace reckon::rl;
using nlohmann::json;

namespace {

/// Every byte is a token.
class ByteTokenizer : public policy::Tokenizer {
 public:
  std::vector<std::int32_t> encode(std::string_view text) const override {
    std::vector<std::int32_t> ids;
    for (const char c : text) ids.push_back(static_cast<unsigned char>(c));
    return ids;
  }
  std::string decode(std::span<const std::int32_t> ids,
                     policy::SpecialText special) const override {
    return decode_bytes(ids, special);
  }
  std::string decode_bytes(std::span<const std::int32_t> ids, policy::SpecialText) const override {
    std::string text;
    for (const std::int32_t id : ids) text += static_cast<char>(id);
    return text;
  }
  std::int32_t vocab_size() const override { return 256; }
  std::optional<std::int32_t> token_id(std::string_view) const override { return std::nullopt; }
  const std::string& token(std::int32_t) const override { return empty_; }
  bool is_special(std::int32_t) const override { return false; }
  const policy::SpecialIds& special_ids() const override { return special_; }
  void save(const std::filesystem::path&) const override {}

 private:
  std::string empty_;
  policy::SpecialIds special_;
};

std::vector<std::string> tokens_of(const std::string& text) {
  const ByteTokenizer tokenizer;
  ScoredCompletion sample;
  sample.completion.ids = tokenizer.encode(text);
  json line;
  add_tokens(line, sample, tokenizer);
  return line["tokens"].get<std::vector<std::string>>();
}

using Tokens = std::vector<std::string>;

}  // namespace

TEST_CASE("a character of several tokens stands with the last of them") {
  CHECK(tokens_of("a한b") == Tokens{"a", "", "", "한", "b"});
  CHECK(tokens_of("é") == Tokens{"", "é"});
  CHECK(tokens_of("").empty());
  // What never becomes a character is not kept back for ever.
  CHECK(tokens_of("\xED\x95") == Tokens{"", "\xED\x95"});
  CHECK(tokens_of("\xFF"
                  "a") == Tokens{"",
                                 "\xFF"
                                 "a"});
}

TEST_CASE("log-probabilities and texts of tokens are logged only where the recipe asks for them") {
  const SmallRun plain, logged;
  plain.grpo(small_grpo({{"max_steps", 2}}));
  for (const json& line : plain.objects("completions")) CHECK_FALSE(line.contains("tokens"));
  logged.grpo(small_grpo({{"max_steps", 2}, {"log_completion_logprobs", true}}));
  const auto lines = logged.objects("completions");
  CHECK_FALSE(lines.empty());
  for (json line : lines) {
    std::string text;
    for (const json& token : line["tokens"]) text += token.get<std::string>();
    CHECK(text == line["completion"]);
    CHECK(line["tokens"].size() == line["num_tokens"]);
    CHECK(line["logprobs"].size() == line["num_tokens"]);
    for (const json& value : line["logprobs"]) CHECK(value.get<double>() <= 0.0);
  }
  // Nothing else changes.
  CHECK(logged.lines("metrics") == plain.lines("metrics"));
}
