#include "rl/evaluate.h"

#include <doctest/doctest.h>

#include <atomic>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>

#include "core/error.h"
#include "tests/rl/small_run.h"

using namespace reckon;
using namespace reckon::rl;
using nlohmann::json;

namespace {

// Problems that are all the same; every other one is hard. The first ones have no gold.
class EqualProblems : public tasks::ProblemSource {
 public:
  explicit EqualProblems(uint32_t without_gold = 0) : without_gold_(without_gold) {}

  tasks::Problem at(uint64_t) const override { return {}; }
  uint64_t num_held_out() const override { return 1000; }
  std::vector<tasks::Problem> held_out(uint64_t count) const override {
    json gold = {{"nums", {1, 2, 4}}, {"target", 12}};
    std::vector<tasks::Problem> problems;
    for (uint32_t i = 0; i < count; ++i) {
      gold["language"] = i % 4 == 3 ? "ko" : "en";
      gold["hint"] = i % 4 == 1 ? json("( 1 + 2 ) * 4") : i % 4 == 3 ? json("none") : json();
      problems.push_back({i, "<bos> 1 2 4 target 12",
                          std::make_shared<json>(i < without_gold_ ? json::object() : gold),
                          i % 2 == 0 ? "easy" : "hard"});
    }
    return problems;
  }
  std::string summary() const override { return ""; }

 private:
  uint32_t without_gold_;
};

// Says whether sample `sample` of prompt `prompt` is right, and whether it thinks before.
struct Script {
  std::function<bool(uint32_t prompt, int64_t sample, bool greedy)> right;
};

// Gives answers by a script instead of a policy.
class ScriptedEngine : public rollout::RolloutEngine {
 public:
  ScriptedEngine(const policy::Tokenizer& tokenizer, Script script)
      : script_(std::move(script)),
        right_(
            tokenizer.encode("<think> wait wait </think> <answer> ( 1 + 2 ) * 4 </answer> <eos>")),
        wrong_(tokenizer.encode("<think> wait")) {}

  std::vector<rollout::Group> generate(std::span<const rollout::Prompt> prompts,
                                       int64_t num_samples, const rollout::SamplingParams& params,
                                       const RandomStream&,
                                       const rollout::OnGroup& on_group) override {
    std::vector<rollout::Group> groups;
    for (size_t p = 0; p < prompts.size(); ++p) {
      auto& group = groups.emplace_back();
      for (int64_t s = 0; s < num_samples; ++s) {
        const bool right = script_.right(prompts[p].index, s, params.temperature == 0.0);
        auto& one = group.emplace_back();
        one.ids = right ? right_ : wrong_;
        one.logprobs.assign(one.ids.size(), -1.0F);
        one.finish_reason = right ? rollout::FinishReason::stop : rollout::FinishReason::length;
      }
      on_group(p, group);
    }
    return groups;
  }

 private:
  Script script_;
  std::vector<int32_t> right_, wrong_;
};

const Scorer& countdown_scorer() {
  static const Scorer scorer({{{"kind", "countdown"}}}, "/rewards", "recipe");
  return scorer;
}

json evaluate_script(Script script, const EvalSettings& settings, uint64_t seed = 7) {
  const auto policy = small_policy();
  ScriptedEngine engine(*policy.tokenizer, std::move(script));
  return evaluate(engine, *policy.tokenizer, EqualProblems(), countdown_scorer(), settings,
                  {"zero", "zero", 20, seed, 1});
}

}  // namespace

TEST_CASE("words are counted whole") {
  CHECK(count_word("wait 1 wait wait", "wait") == 3);
  CHECK(count_word("wait\nwait", "wait") == 2);
  CHECK(count_word("waits await wait. waitwait", "wait") == 0);
  CHECK(count_word("waitwait wait", "wait") == 1);
  CHECK(count_word("", "wait") == 0);
  CHECK(count_word("wait", "") == 0);
}

TEST_CASE("an evaluation counts what the answers are") {
  EvalSettings settings;
  settings.num_prompts = 8;
  settings.num_samples = 4;
  settings.list_prompts = true;
  settings.reflection_words = {"wait"};
  // Of prompt p the first p % 4 samples are right; greedily all but prompts 0 and 1.
  const json line = evaluate_script({[](uint32_t prompt, int64_t sample, bool greedy) {
                                      return greedy ? prompt > 1 : sample < prompt % 4;
                                    }},
                                    settings);
  CHECK(line.at("stage") == "zero");
  CHECK(line.at("step") == 20);
  CHECK(line.at("num_prompts") == 8);
  CHECK(line.at("accuracy").get<double>() == doctest::Approx(12.0 / 32.0));
  CHECK(line.at("accuracy_greedy").get<double>() == doctest::Approx(0.75));
  CHECK(line.at("clipped_ratio").get<double>() == doctest::Approx(20.0 / 32.0));
  // Right answers have 14 tokens and two waits, wrong ones 2 and one.
  CHECK(line.at("mean_length").get<double>() == doctest::Approx((12 * 14 + 20 * 2) / 32.0));
  CHECK(line.at("length_p10").get<double>() == 2.0);
  CHECK(line.at("length_p90").get<double>() == 14.0);
  CHECK(line.at("mean_length_greedy").get<double>() == doctest::Approx((6 * 14 + 2 * 2) / 8.0));
  CHECK(line.at("reflection/wait").get<double>() == doctest::Approx(44.0 / 32.0));
  const json& easy = line.at("by_difficulty").at("easy");  // prompts 0, 2, 4, 6
  CHECK(easy.at("num_prompts") == 4);
  CHECK(easy.at("accuracy").get<double>() == doctest::Approx(4.0 / 16.0));
  const json& pass = line.at("pass_at_k");
  CHECK(pass.at("1").get<double>() == doctest::Approx(12.0 / 32.0));
  CHECK(pass.at("2").get<double>() == doctest::Approx((0.0 + 0.5 + 5.0 / 6.0 + 1.0) / 4.0));
  CHECK(pass.at("4").get<double>() == doctest::Approx(0.75));
  const json& prompt = line.at("prompts").at(7);
  CHECK(prompt.at("index") == 7);
  CHECK(prompt.at("n") == 4);
  CHECK(prompt.at("c") == 3);
  CHECK(prompt.at("values") == json{{"accuracy_greedy", 1.0},
                                    {"cons_at_k/4", 1.0},
                                    {"mean_length", 11.0},
                                    {"pass_at_k/4", 1.0},
                                    {"rewards/countdown/mean", 0.75}});
  // Wrong answers cannot be read, so one right answer has the majority.
  CHECK(line.at("cons_at_k").at("4").get<double>() == doctest::Approx(0.75));
  CHECK_FALSE(line.at("cons_at_k").contains("1"));
  const json& interval = line.at("pass_at_k_interval").at("4");
  CHECK(interval.at(0).get<double>() < 0.75);
  CHECK(interval.at(1).get<double>() > 0.75);
}

TEST_CASE("an evaluation reports every reward, clean answers and the values of columns apart") {
  const auto policy = small_policy();
  ScriptedEngine engine(*policy.tokenizer, {[](uint32_t prompt, int64_t sample, bool) {
    return sample < prompt % 4;
  }});
  const Scorer scorer(
      {{{"kind", "countdown"}},
       {{"kind", "exact"}, {"name", "hint"}, {"column", "hint"}, {"extract", "answer_tag"}},
       {{"kind", "overlong"}, {"name", "brief"}, {"overlong_buffer_len", 4}}},
      "/rewards", "recipe");
  EvalSettings settings;
  settings.num_prompts = 8;
  settings.num_samples = 4;
  settings.group_by = {"language"};
  const json line = evaluate(engine, *policy.tokenizer, EqualProblems(), scorer, settings,
                             {"zero", "zero", 20, 7, 1});
  const auto number = [](const json& table, const char* key) {
    return table.at(key).get<double>();
  };
  CHECK(number(line, "rewards/countdown/mean") == doctest::Approx(12.0 / 32.0));
  CHECK(number(line, "rewards/countdown/none_frac") == 0.0);
  // The hint applies to odd prompts; right answers of prompts 1 and 5 have it.
  CHECK(number(line, "rewards/hint/mean") == doctest::Approx(2.0 / 16.0));
  CHECK(number(line, "rewards/hint/full_frac") == doctest::Approx(2.0 / 16.0));
  CHECK(number(line, "rewards/hint/none_frac") == doctest::Approx(0.5));
  CHECK(line.contains("rewards/brief/mean"));
  // Right answers of prompts 1 and 5, and of 2 and 6, which have no hint; lengths do not count.
  CHECK(number(line, "clean_frac") == doctest::Approx(6.0 / 32.0));
  for (const char* key : {"mean_length", "clean_frac", "rewards/hint/mean"}) {
    const json& interval = line.at(std::string(key) + "_interval");
    CHECK(interval.at(0).get<double>() < number(line, key));
    CHECK(interval.at(1).get<double>() > number(line, key));
  }
  const json& korean = line.at("by").at("language").at("ko");  // prompts 3 and 7
  CHECK(korean.at("num_prompts") == 2);
  CHECK(number(korean, "accuracy") == doctest::Approx(0.75));
  CHECK(number(korean, "mean_length") == doctest::Approx(11.0));
  CHECK(number(korean, "rewards/hint/mean") == 0.0);
  CHECK(number(korean, "clean_frac") == 0.0);
  CHECK(line.at("by").at("language").at("en").at("num_prompts") == 6);
  settings.group_by = {"colour"};
  CHECK_THROWS_WITH_AS(evaluate(engine, *policy.tokenizer, EqualProblems(), scorer, settings,
                                {"zero", "zero", 20, 7, 1}),
                       "expected a column of the problems, got \"colour\", which none of the first 8 "
                       "has, in group_by",
                       Error);
}

TEST_CASE("more or fewer prompts than are sampled can be answered greedily") {
  EvalSettings settings;
  settings.num_prompts = 2;
  settings.greedy_prompts = 5;
  settings.list_prompts = true;
  const Script script = {
      [](uint32_t prompt, int64_t, bool greedy) { return greedy && prompt < 4; }};
  json line = evaluate_script(script, settings);
  CHECK(line.at("num_prompts") == 2);
  CHECK(line.at("num_prompts_greedy") == 5);
  CHECK(line.at("accuracy_greedy").get<double>() == doctest::Approx(0.8));
  REQUIRE(line.at("prompts").size() == 5);
  CHECK(line.at("prompts").at(1).at("c") == 0);
  CHECK(line.at("prompts").at(4) == json{{"index", 4}, {"values", {{"accuracy_greedy", 0.0}}}});
  settings.greedy_prompts = 1;
  line = evaluate_script(script, settings);
  CHECK(line.at("accuracy_greedy") == 1.0);
  CHECK_FALSE(line.at("prompts").at(1).at("values").contains("accuracy_greedy"));
  settings.greedy_prompts = std::nullopt;
  CHECK_FALSE(evaluate_script(script, settings).contains("num_prompts_greedy"));
}

TEST_CASE("pass@k and cons@k are given for the values of k that are asked for") {
  EvalSettings settings;
  settings.num_prompts = 4;
  settings.num_samples = 6;
  settings.k = {1, 3, 6};
  const json line =
      evaluate_script({[](uint32_t, int64_t sample, bool) { return sample < 2; }}, settings);
  const auto keys = [](const json& table) {
    std::vector<std::string> names;
    for (const auto& [name, value] : table.items()) names.push_back(name);
    return names;
  };
  CHECK(keys(line.at("pass_at_k")) == std::vector<std::string>{"1", "3", "6"});
  CHECK(keys(line.at("cons_at_k")) == std::vector<std::string>{"3", "6"});
  CHECK(line.at("pass_at_k").at("3").get<double>() == doctest::Approx(0.8));  // 1 - C(4,3)/C(6,3)
}

TEST_CASE("settings without a meaning are refused by name") {
  const auto message = [](auto change) -> std::string {
    EvalSettings settings;
    settings.num_prompts = 2;
    settings.num_samples = 4;
    change(settings);
    try {
      evaluate_script({[](uint32_t, int64_t, bool) { return true; }}, settings);
    } catch (const Error& error) {
      return error.what();
    }
    return "";
  };
  CHECK(message([](EvalSettings&) {}) == "");
  CHECK(message([](EvalSettings& s) { s.num_samples = -3; }) ==
        "expected at least 1, got -3, in num_samples");
  CHECK(message([](EvalSettings& s) { s.num_prompts = 0; }).find("number of prompts") !=
        std::string::npos);
  CHECK(message([](EvalSettings& s) {
          s.sampling.max_new_tokens = 0;
        }).find("max_completion_length") != std::string::npos);
  CHECK(message([](EvalSettings& s) { s.sampling.temperature = NAN; }).find("temperature") !=
        std::string::npos);
  CHECK(message([](EvalSettings& s) {
          s.k = {1, 5};
        }) == "expected 1 to 4 (the number of samples), got 5, in k");
  CHECK(message([](EvalSettings& s) { s.k = {0}; }).find("got 0, in k") != std::string::npos);
}

TEST_CASE("prompts whose gold cannot be read are counted and left out") {
  const auto policy = small_policy();
  ScriptedEngine engine(*policy.tokenizer, {[](uint32_t, int64_t, bool) { return true; }});
  EvalSettings settings;
  settings.num_prompts = 6;
  const EqualProblems problems(2);
  const json line = evaluate(engine, *policy.tokenizer, problems, countdown_scorer(), settings,
                             {"zero", "zero", 20, 7, 1});
  CHECK(line.at("num_prompts") == 4);
  CHECK(line.at("num_without_gold") == 2);
  CHECK(line.at("accuracy") == 1.0);
  settings.num_prompts = 2;
  CHECK_THROWS_WITH_AS(evaluate(engine, *policy.tokenizer, problems, countdown_scorer(), settings,
                                {"zero", "zero", 20, 7, 1}),
                       doctest::Contains("gold answer"), Error);
}

TEST_CASE("an evaluation whose engine is stopped gives nothing") {
  const auto policy = small_policy();
  const auto task = small_task();
  const Scorer scorer({{{"kind", "format"}}}, "/rewards", "recipe");
  EvalSettings settings;
  settings.num_prompts = 40;
  settings.sampling.max_new_tokens = 20;
  settings.sampling.temperature = 1.0;
  std::atomic<int> asked = 0;
  const auto engine = rollout::make_engine(*policy.model, {.stop = [&] { return ++asked > 3; }});
  CHECK(evaluate(*engine, *policy.tokenizer, *task, scorer, settings, {"zero", "zero", 0, 7, 1})
            .is_null());
  CHECK(asked < 40);
}

TEST_CASE("every prompt is reported with its completions, the greedy ones too") {
  const auto policy = small_policy();
  ScriptedEngine engine(*policy.tokenizer, {[](uint32_t, int64_t, bool) { return true; }});
  EvalSettings settings;
  settings.num_prompts = 5;
  settings.num_samples = 3;
  std::map<std::pair<bool, size_t>, int> seen;
  settings.on_prompt = [&](const ScoredGroup& group, bool greedy) {
    ++seen[{greedy, group.completions.size()}];
  };
  evaluate(engine, *policy.tokenizer, EqualProblems(), countdown_scorer(), settings,
           {"zero", "zero", 20, 7, 1});
  CHECK(seen == std::map<std::pair<bool, size_t>, int>{{{true, 1}, 5}, {{false, 3}, 5}});
}

TEST_CASE("what does not apply is left out of the line") {
  EvalSettings settings;
  settings.num_prompts = 3;
  settings.greedy = false;
  const json line = evaluate_script({[](uint32_t, int64_t, bool) { return false; }}, settings);
  for (const char* key : {"pass_at_k", "accuracy_greedy", "prompts", "trace"}) {
    CHECK_FALSE(line.contains(key));
  }
  CHECK(line.at("accuracy") == 0.0);
  CHECK(line.at("accuracy_interval") == json::array({0.0, 0.0}));
}

TEST_CASE("the interval covers the true accuracy about as often as it says") {
  EvalSettings settings;
  settings.num_prompts = 40;
  settings.greedy = false;
  constexpr double kTruth = 0.4;
  constexpr int kRounds = 40;
  int covered = 0;
  double width = 0.0;
  for (int round = 0; round < kRounds; ++round) {
    const RandomStream coins({static_cast<uint64_t>(round), 0, Purpose::split, 0});
    const json line = evaluate_script(
        {[&](uint32_t prompt, int64_t, bool) { return coins.uniform(0, 0, prompt) < kTruth; }},
        settings, static_cast<uint64_t>(round));
    const double low = line.at("accuracy_interval").at(0).get<double>();
    const double high = line.at("accuracy_interval").at(1).get<double>();
    CHECK(low <= line.at("accuracy").get<double>());
    CHECK(line.at("accuracy").get<double>() <= high);
    covered += low <= kTruth && kTruth <= high;
    width += (high - low) / kRounds;
  }
  CHECK(covered >= 33);
  // 2 · 1.96 · √(p (1 - p) / n)
  CHECK(width == doctest::Approx(0.304).epsilon(0.05));
}

TEST_CASE("evaluations at every step draw the same numbers, another seed draws others") {
  const auto policy = small_policy();
  const auto engine = rollout::make_engine(*policy.model);
  const auto task = small_task();
  const Scorer scorer({{{"kind", "format"}}}, "/rewards", "recipe");
  EvalSettings settings;
  settings.num_prompts = 12;
  settings.num_samples = 2;
  settings.sampling.max_new_tokens = 10;
  settings.sampling.stop_token_ids = stop_ids(policy);
  const auto line_at = [&](int64_t step, uint64_t seed) {
    json line = evaluate(*engine, *policy.tokenizer, *task, scorer, settings,
                         {"zero", "zero", step, seed, 1});
    CHECK(line.at("step") == step);
    for (const char* key : {"step", "time/eval"}) line.erase(key);
    return line;
  };
  const json first = line_at(0, 7);
  CHECK(first.contains("trace"));
  CHECK(line_at(40, 7) == first);
  CHECK(line_at(0, 8).at("mean_length") != first.at("mean_length"));
}
