#include "rewards/answer.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "core/error.h"

using namespace reckon;
using namespace reckon::rewards;
using nlohmann::json;

namespace {

RewardResult score(const json& columns, std::string_view completion,
                   json options = json::object()) {
  options["kind"] = options.value("kind", "answer");
  return make_reward(options, "/rewards/0")
      ->score({"p", completion, false, columns, SampleAddress{}, 0, 0});
}

}  // namespace

TEST_CASE("an answer is right if it is the same number in whatever spelling") {
  CHECK(score({{"answer", "1,200"}}, "so \\boxed{1200.00}").value == 1.0);
  CHECK(score({{"answer", 1200}}, "so \\boxed{\\$1,200}").value == 1.0);
  CHECK(score({{"answer", 0.5}}, "#### 1/2").value == 1.0);
  CHECK(score({{"answer", 12}}, "\\boxed{13}").value == 0.0);
  CHECK(score({{"answer", 12}}, "\\boxed{12 or 13}").value == 0.0);
  CHECK(score({{"answer", 12}}, "the answer is 12").value == 0.0);
  CHECK(score({{"answer", "Paris"}}, "<answer> Paris </answer>").value == 1.0);
  CHECK(score({{"answer", "Paris"}}, "<answer>Rome</answer>").value == 0.0);
}

TEST_CASE("the gold is read out of worked solutions") {
  CHECK(score({{"answer", "16 - 3 = 13\n#### 13"}}, "\\boxed{13}").value == 1.0);
  CHECK(score({{"solution", "Hence \\boxed{\\frac{1}{2}}."}}, "\\boxed{0.5}").value == 1.0);
  CHECK(score({{"gold", "7"}, {"answer", "8"}}, "\\boxed{7}").value == 1.0);
  CHECK(score({{"result", 9}, {"answer", 8}}, "\\boxed{9}", {{"column", "result"}}).value == 1.0);
}

TEST_CASE("a gold that cannot be read gives no value, whatever the completion says") {
  for (const json& columns : {json::object(), json{{"answer", nullptr}}, json{{"answer", "  "}},
                              json{{"answer", {1}}}, json{{"target", 5}}, json::array()}) {
    const auto result = score(columns, "\\boxed{5}");
    CHECK_FALSE(result.value.has_value());
    CHECK(result.reason.starts_with("expected"));
  }
  CHECK_FALSE(score({{"answer", 5}}, "\\boxed{5}", {{"column", "gold"}}).value.has_value());
}

TEST_CASE("the verdict carries the canonical answer, so that equal answers vote together") {
  const auto one = score({{"answer", 3}}, "\\boxed{4.0}");
  const auto other = score({{"answer", 3}}, "\\boxed{+4}");
  CHECK(one.extracted == "4");
  CHECK(other.extracted == one.extracted);
  CHECK(one.gold == "3");
  CHECK(one.reason == "answers 4, gold 3");
  CHECK(score({{"answer", 3}}, "no box").extracted.empty());
}

TEST_CASE("the token that ends a completion is no part of the answer") {
  for (const char* end : {"<|im_end|>", "<|eot_id|>", "</s>", " <eos> ", "<|im_end|>\n<|pad|>"}) {
    CAPTURE(std::string(end));
    CHECK(score({{"answer", 3}}, std::string("#### 3") + end).extracted == "3");
  }
  CHECK(score({{"answer", 3}}, "#### 3 <b>").extracted == "3 <b>");
}

TEST_CASE("the option extract limits where an answer may stand") {
  CHECK(score({{"answer", 3}}, "#### 3", {{"extract", "boxed"}}).value == 0.0);
  CHECK(score({{"answer", 3}}, "#### 3", {{"extract", "gsm8k"}}).value == 1.0);
  CHECK(score({{"answer", 3}}, "<answer>3</answer>", {{"extract", "answer_tag"}}).value == 1.0);
  CHECK_THROWS_WITH_AS(score({}, "", {{"extract", "last"}}),
                       doctest::Contains("/rewards/0/extract"), Error);
}

TEST_CASE("the form boxed asks for one closed box with something in it, behind the thought") {
  const json kind = {{"kind", "boxed"}};
  CHECK(score({}, "so \\boxed{4}", kind).value == 1.0);
  CHECK(score({}, "<think>\\boxed{1} \\boxed{2}</think> \\boxed{4}", kind).value == 1.0);
  CHECK(score({}, "so 4", kind).value == 0.0);
  CHECK(score({}, "\\boxed{4} \\boxed{4}", kind).value == 0.0);
  CHECK(score({}, "\\boxed{ }", kind).value == 0.0);
  CHECK(score({}, "\\boxed{4} \\boxed{", kind).value == 0.0);
}
