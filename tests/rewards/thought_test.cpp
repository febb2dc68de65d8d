#include "rewards/thought.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "core/error.h"

using namespace reckon::rewards;
using nlohmann::json;

namespace {

RewardResult score(const json& config, std::string_view completion,
                   const json& columns = json::object(), bool truncated = false) {
  return make_reward(config, "/rewards/0", "tiny.json")
      ->score({"", completion, truncated, columns, {}, 0, 0});
}

const json kThinks = {{"kind", "thinks"}};
const json kRepeats = {{"kind", "repeated_steps"}, {"openers", {"wait", "잠깐"}}};
const json kForm = {{"kind", "answer_form"}};

json form(const char* name) { return {{"form", name}}; }

/// Texts that no reward may stumble over.
std::vector<std::string> hostile_texts() {
  std::string waits = "<think>";
  for (int i = 0; i < 200'000; ++i) waits += " wait";
  std::string tags;
  for (int i = 0; i < 50'000; ++i) tags += "<think></answer>";
  return {"",
          std::string("\0<think>\0</think>\0", 18),
          waits,
          tags,
          "</think> <think>",
          "</answer><answer></think><think>",
          "<think><think><think>",
          "\xff\xfe<think>\xc3</think>",
          std::string(1'000'000, '<')};
}

}  // namespace

TEST_CASE("one word between the tags is a thought") {
  CHECK(score(kThinks, "<think> 3 </think> <answer> 1 </answer>").value == 1.0);
  CHECK(score(kThinks, "<think> </think> <answer> 1 2 </answer>").value == 0.0);
  CHECK(score(kThinks, "<think>\n\t</think> x").value == 0.0);
  CHECK(score(kThinks, "<think> cut off").value == 1.0);
  CHECK(score(kThinks, "no tags").value == 0.0);
  CHECK(score({{"kind", "thinks"}, {"think_prefilled", true}}, "so </think> x").value == 1.0);
}

TEST_CASE("steps repeat if they begin with the same words") {
  const std::string once = "<think> 8 + 11 = 19 19 + 7 = 26 high 잠깐 11 - 8 = 3 3 + 7 = 10 맞다 ";
  CHECK(score(kRepeats, once + "</think> wait 8 + 11 =").value == 1.0);
  CHECK(score(kRepeats, once + "wait 8 + 11 = 20 </think>").value == 0.0);
  CHECK(score(kRepeats, once + "wait 11 - 8 = 4 </think>").value == 0.0);
  CHECK(score(kRepeats, once + "wait 11 - 8 + </think>").value == 1.0);
  CHECK(score(kRepeats, "<think> </think> <answer> 1 </answer>").value == 1.0);
  CHECK(score(kRepeats, once + "wait 8 + 11 = wait 8 + 11 = </think>").reason ==
        "repeated steps: 2");
}

TEST_CASE("openers and the number of words are options") {
  const std::vector<std::string> openers = {"then"};
  CHECK(count_repeated_steps("a b c then a b d", openers, 3) == 0);
  CHECK(count_repeated_steps("a b c then a b d", openers, 2) == 1);
  CHECK(count_repeated_steps("a b wait a b", openers, 2) == 0);
  // Short steps are compared as they are, empty ones too.
  CHECK(count_repeated_steps("a then b then a", openers, 4) == 1);
  CHECK(count_repeated_steps("a then then", openers, 4) == 1);
  CHECK(count_repeated_steps("a b then a", openers, 4) == 0);
  CHECK_THROWS_WITH_AS(score({{"kind", "repeated_steps"}}, ""), doctest::Contains("openers"),
                       reckon::Error);
}

TEST_CASE("the form of an answer is told by its mark, right or wrong") {
  const std::string steps = "<think> </think> <answer> 1 + 1 = 3 </answer> <eos>";
  const std::string expression = "<think> </think> <answer> 1 + 1 </answer> <eos>";
  CHECK(score(kForm, steps, form("steps")).value == 1.0);
  CHECK(score(kForm, steps, form("expr")).value == 0.0);
  CHECK(score(kForm, expression, form("expr")).value == 1.0);
  CHECK(score(kForm, expression, form("steps")).value == 0.0);
  CHECK(score(kForm, steps, form("steps")).extracted == "steps");
}

TEST_CASE("a broken structure has no form, and other prompts no value") {
  CHECK(score(kForm, "<think> </think> 1 + 1 = 3 <eos>", form("steps")).value == 0.0);
  CHECK(score(kForm, "<think> </think> <answer> 1 </answer>", form("expr"), true).value == 0.0);
  CHECK(score(kForm, "<think> = </think> <answer> 1 </answer> <eos>", form("expr")).value == 1.0);
  CHECK(!score(kForm, "<think> </think> <answer> 1 </answer>", form("poem")).value);
  CHECK(!score(kForm, "<think> </think> <answer> 1 </answer>").value);
  CHECK(!score(kForm, "x", json::array()).value);
}

TEST_CASE("the mark and its names are options") {
  const json config = {{"kind", "answer_form"}, {"column", "style"},   {"mark", "- "},
                       {"marked", "list"},      {"unmarked", "prose"}, {"strict", false}};
  const std::string text = "<think> </think> <answer>- a\n- b</answer>";
  CHECK(score(config, text, {{"style", "list"}}).value == 1.0);
  CHECK(score(config, text, {{"style", "prose"}}).value == 0.0);
}

TEST_CASE("hostile completions have a value from 0 to 1") {
  for (const std::string& text : hostile_texts()) {
    for (const json& config : {kThinks, kRepeats, kForm}) {
      const auto value = score(config, text, form("expr")).value;
      REQUIRE(value.has_value());
      CHECK((*value == 0.0 || *value == 1.0));
    }
    CHECK(score(kForm, text, form("expr")).value == 0.0);
  }
}

TEST_CASE("the language of a search is that of its words, numbers and tags are none") {
  const json config = {{"kind", "language"}};
  const std::string mixed =
      "<think> 8 + 11 = 19 19 + 7 = 26 high 19 - 7 = 12 크다 19 * 7 = 초과 high wait 11 - 8 = 3 "
      "3 + 7 = 10 맞다 </think> <answer> 11 - 8 = 3 3 + 7 = 10 </answer> <eos>";
  CHECK(score(config, mixed, {{"language", "en"}}).value == 3.0 / 6);
  CHECK(score(config, mixed, {{"language", "ko"}}).value == 3.0 / 6);
  CHECK(score(config, mixed, {{"language", "ko"}}).extracted == "3 of 6 words");
  const std::string direct = "<think> </think> <answer> ( 11 - 8 ) + 7 </answer> <eos>";
  CHECK(score(config, direct, {{"language", "en"}}).value == 0.0);
  CHECK(!score({{"kind", "language"}, {"no_words", "none"}}, direct, {{"language", "en"}}).value);
}

TEST_CASE("English words of a search are English in any number and order") {
  const json config = {{"kind", "language"}};
  for (const char* word : {"low", "high", "big", "yes"}) {
    std::string text = "<think>";
    for (int i = 1; i <= 40; ++i) {
      text += std::string(" 3 + 4 = 7 ") + word + (i % 3 == 0 ? " 잠깐" : "");
      const double own = i;
      const double all = i + i / 3;
      REQUIRE(score(config, text + " </think>", {{"language", "en"}}).value == own / all);
      REQUIRE(score(config, text + " </think>", {{"language", "ko"}}).value == i / 3 / all);
    }
  }
}
