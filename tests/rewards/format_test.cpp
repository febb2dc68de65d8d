#include "rewards/format.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

using namespace reckon::rewards;
using nlohmann::json;

namespace {

std::string reason(std::string_view text, const ThinkAnswerRules& rules = {}, bool ended = true) {
  const ThinkAnswer parts = scan_think_answer(text, ended, rules);
  CHECK(parts.valid == (parts.reason == "valid"));
  return parts.reason;
}

constexpr ThinkAnswerRules kLenient{true, false, false};

}  // namespace

TEST_CASE("thought and answer are cut out") {
  const ThinkAnswer parts =
      scan_think_answer("<think> a b </think> <answer> c \n</answer>", true, {});
  CHECK(parts.valid);
  CHECK(parts.think == " a b ");
  CHECK(parts.answer == "c");
  CHECK(scan_think_answer("<think></think><answer></answer>", true, {}).valid);
}

TEST_CASE("each tag must stand exactly once") {
  CHECK(reason("") == "0 of <think>, expected 1");
  CHECK(reason("<think> <answer> x </answer>") == "0 of </think>, expected 1");
  CHECK(reason("<think> </think> x </answer>") == "0 of <answer>, expected 1");
  CHECK(reason("<think> </think> <answer> x") == "0 of </answer>, expected 1");
  CHECK(reason("<think> <think> </think> <answer> x </answer>") == "2 of <think>, expected 1");
  CHECK(reason("<think> </think> <answer> x </answer> <answer> y </answer>") ==
        "2 of <answer>, expected 1");
  CHECK(reason("<think> </think> </think> <answer> x </answer>", kLenient) ==
        "2 of </think>, expected 1");
  CHECK(reason("<THINK> </think> <answer> x </answer>") == "0 of <think>, expected 1");
}

TEST_CASE("the tags must stand in order") {
  CHECK(reason("</think> <think> <answer> x </answer>") == "</think> out of order");
  CHECK(reason("<think> <answer> x </answer> </think>") == "<answer> out of order");
  CHECK(reason("<think> </think> </answer> x <answer>", kLenient) == "</answer> out of order");
}

TEST_CASE("strict rules allow blanks only between the parts and ask for an end") {
  const std::string good = "<think> a </think> <answer> x </answer>";
  CHECK(reason("so: " + good) == "text before <think>");
  CHECK(reason("<think> a </think> so <answer> x </answer>") ==
        "text between </think> and <answer>");
  CHECK(reason(good + " more") == "text after </answer>");
  CHECK(reason(good + "\nmore") == "text after </answer>");
  CHECK(reason(good + " \n") == "valid");
  CHECK(reason(good, {}, false) == "does not end");
}

TEST_CASE("lenient rules allow other text between the parts and an open end") {
  CHECK(reason("so <think> a </think> thus <answer> x </answer> done", kLenient, false) == "valid");
}

TEST_CASE("a prompt that opens the thought is known to the rules") {
  const ThinkAnswerRules rules{true, true, true};
  const ThinkAnswer parts = scan_think_answer("a </think> <answer> x </answer>", true, rules);
  CHECK(parts.valid);
  CHECK(parts.think == "a ");
  CHECK(reason("<think> a </think> <answer> x </answer>", rules) == "1 of <think>, expected 0");
}

TEST_CASE(
    "what prompts open is told to the rewards that read tags, unless they say it themselves") {
  CHECK(with_think_prefilled({{"kind", "format"}}, true)["think_prefilled"] == true);
  CHECK(with_think_prefilled({{"kind", "countdown"}, {"think_prefilled", nullptr}}, true)
            .at("think_prefilled") == true);
  CHECK(with_think_prefilled({{"kind", "format"}, {"think_prefilled", false}}, true)
            .at("think_prefilled") == false);
  CHECK_FALSE(with_think_prefilled({{"kind", "format"}}, false).contains("think_prefilled"));
  CHECK_FALSE(with_think_prefilled({{"kind", "random"}}, true).contains("think_prefilled"));
  const auto reward = make_reward(with_think_prefilled({{"kind", "format"}}, true), "", "test");
  const json columns = json::object();
  const auto score = [&](std::string_view completion) {
    const RewardInput input{"<think>", completion, false, columns, {}, 0, 0};
    return reward->score(input).value;
  };
  CHECK(score("so 4 </think> <answer> 4 </answer>") == 1.0);
  CHECK(score("<think> so 4 </think> <answer> 4 </answer>") == 0.0);
}

TEST_CASE("without the answer style the answer is what follows the thought") {
  const ThinkAnswer parts =
      scan_think_answer("<think> a </think> it is <answer> 5", true, {false, true, false});
  CHECK(parts.valid);
  CHECK(parts.answer == "it is <answer> 5");
}

TEST_CASE("one end token is cut off, with the blanks around it") {
  CHECK(without_end_token("a b <eos> ", "<eos>") == "a b");
  CHECK(without_end_token("a b", "<eos>") == "a b");
  CHECK(without_end_token("a <eos> <eos>", "<eos>") == "a <eos>");
  CHECK(without_end_token("<eos>", "<eos>") == "");
  CHECK(without_end_token(" a <eos>", "") == "a <eos>");
}

TEST_CASE("the format reward pays 1 or 0") {
  const json columns = json::object();
  const auto score = [&](const json& config, std::string_view completion, bool truncated = false) {
    return make_reward(config, "/rewards/0")
        ->score({"", completion, truncated, columns, {}, 0, 0})
        .value;
  };
  const json strict = {{"kind", "format"}};
  const json lenient = {{"kind", "format"}, {"strict", false}};
  const json think = {{"kind", "format"}, {"style", "think"}, {"end_token", "<|end|>"}};
  CHECK(score(strict, "<think> </think> <answer> x </answer> <eos>") == 1.0);
  CHECK(score(strict, "<think> </think> <answer> x </answer>", true) == 0.0);
  CHECK(score(lenient, "a <think> </think> <answer> x </answer> b", true) == 1.0);
  CHECK(score(strict, "a <think> </think> <answer> x </answer> b") == 0.0);
  CHECK(score(think, "<think> </think> x<|end|>") == 1.0);
  CHECK(score(think, "x<|end|>") == 0.0);
}

TEST_CASE("hostile completions of a million characters are scanned") {
  // Quadratic time would end in the time limit of the test run.
  std::string text;
  for (int i = 0; i < 150'000; ++i) text += "<think><";
  CHECK(reason(text) == "150000 of <think>, expected 1");
  CHECK(reason(std::string(1'000'000, '<')) == "0 of <think>, expected 1");
}

TEST_CASE("tag_count pays the share of the asked tags that stand exactly once") {
  const json columns = json::object();
  const auto score = [&](const json& config, std::string_view completion) {
    return make_reward(config, "")->score({"", completion, true, columns, {}, 0, 0}).value;
  };
  const json all = {{"kind", "tag_count"}};
  CHECK(score(all, "a <think> b </think> c <answer> d </answer> e") == 1.0);
  CHECK(score(all, "<think> </think> <answer> </answer> </answer>") == .75);
  CHECK(score(all, "</think> <think> <THINK> <answer >") == .5);
  CHECK(score(all, "<think> <think>") == 0.0);
  CHECK(score(all, "") == 0.0);
  const json think = {{"kind", "tag_count"}, {"style", "think"}};
  CHECK(score(think, "<think> <answer>") == .5);
  const json open = {{"kind", "tag_count"}, {"think_prefilled", true}};
  CHECK(score(open, "</think> <answer> </answer>") == 1.0);
  CHECK(score(open, "") == 0.0);
  CHECK(with_think_prefilled(all, true).at("think_prefilled") == true);
}

TEST_CASE("a reward inside another one is told what prompts open") {
  const json config = {{"kind", "cosine"}, {"accuracy", {{"kind", "countdown"}}}};
  CHECK(with_think_prefilled(config, true).at("accuracy").at("think_prefilled") == true);
  CHECK_FALSE(with_think_prefilled(config, true).contains("think_prefilled"));
}

TEST_CASE("look-alikes of tags are no tags") {
  // A Cyrillic letter, a full-width bracket, a zero-width space.
  for (const char* text : {"<th\u0456nk> </think> <answer> x </answer>",
                           "\uff1cthink\uff1e </think> <answer> x </answer>",
                           "<\u200bthink> </think> <answer> x </answer>"}) {
    CHECK(reason(text) == "0 of <think>, expected 1");
  }
}
