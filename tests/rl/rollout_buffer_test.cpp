#include "rl/rollout_buffer.h"

#include <doctest/doctest.h>

#include <bit>
#include <cmath>
#include <nlohmann/json.hpp>

#include "core/json.h"
#include "tests/rl/small_run.h"

using namespace reckon;
using namespace reckon::rl;
using nlohmann::json;

namespace {

ScoredCompletion sample(const policy::Tokenizer& tokenizer, std::vector<float> logprobs) {
  ScoredCompletion out;
  for (size_t i = 0; i < logprobs.size(); ++i) {
    out.completion.ids.push_back(static_cast<int32_t>(20 + i));
  }
  out.completion.logprobs = std::move(logprobs);
  out.completion.finish_reason = rollout::FinishReason::stop;
  out.text = tokenizer.decode(out.completion.ids);
  return out;
}

// A rollout with every kind of value that must come back.
RolloutBuffer make_rollout(const tasks::ProblemSource& task, const policy::Tokenizer& tokenizer) {
  RolloutBuffer rollout;
  rollout.first_step = 9;
  rollout.gap = {1e-9, 1.0 / 3.0, 0.1, 1.0 + 1e-15, 7.25, 5e-324, 0.3, 0.7, 1.0 / 7.0};
  rollout.dynamic_rounds = 3;
  rollout.dynamic_kept = 2.0 / 7.0;
  for (const uint64_t index : {12, 5}) {
    ScoredGroup group;
    group.problem = task.at(index);
    group.prompt_ids = tokenizer.encode(group.problem.prompt);
    auto first =
        sample(tokenizer, {-0.1F, -1e-30F, -88.7F, 0.0F, -0.0F, std::nextafter(-1.0F, 0.F)});
    first.reward = 0.1 + 0.2;
    first.scores = {{0.1 + 0.2, "4 + 4", "8", "correct"}, {std::nullopt, "", "", "\"\n\xc3\xa9"}};
    auto second = sample(tokenizer, {-3.4028235e38F, -1.17549435e-38F});
    second.completion.finish_reason = rollout::FinishReason::length;
    second.scores = {{std::nullopt, "", "", ""}};
    second.old_logprobs = {-3.4028235e38F, -0.1F};
    second.ref_logprobs = {-1e-30F, std::nextafter(-1.0F, 0.F)};
    group.completions = {first, second};
    rollout.groups.push_back(group);
  }
  return rollout;
}

void check_equal(const ScoredCompletion& a, const ScoredCompletion& b) {
  CHECK(a.completion.ids == b.completion.ids);
  REQUIRE(a.completion.logprobs.size() == b.completion.logprobs.size());
  for (size_t t = 0; t < a.completion.logprobs.size(); ++t) {
    CHECK(std::bit_cast<uint32_t>(a.completion.logprobs[t]) ==
          std::bit_cast<uint32_t>(b.completion.logprobs[t]));
  }
  CHECK(a.completion.finish_reason == b.completion.finish_reason);
  CHECK(a.old_logprobs == b.old_logprobs);
  CHECK(a.ref_logprobs == b.ref_logprobs);
  CHECK(a.text == b.text);
  CHECK(a.reward == b.reward);
  REQUIRE(a.scores.size() == b.scores.size());
  for (size_t f = 0; f < a.scores.size(); ++f) {
    CHECK(a.scores[f].value == b.scores[f].value);
    CHECK(a.scores[f].extracted == b.scores[f].extracted);
    CHECK(a.scores[f].gold == b.scores[f].gold);
    CHECK(a.scores[f].reason == b.scores[f].reason);
  }
}

}  // namespace

TEST_CASE("a rollout that was written as lines of text comes back with the same bits") {
  const auto policy = small_policy();
  const auto task = small_task();
  const auto rollout = make_rollout(*task, *policy.tokenizer);
  std::vector<json> lines;
  for (const json& line : write_rollout(rollout)) {
    lines.push_back(parse_json_text(json_text(line), "rollout.jsonl"));
  }
  const auto got = read_rollout(lines, *task, *policy.tokenizer);
  CHECK(got.first_step == rollout.first_step);
  CHECK(got.dynamic_rounds == rollout.dynamic_rounds);
  CHECK(got.dynamic_kept == rollout.dynamic_kept);
  CHECK(std::memcmp(&got.gap, &rollout.gap, sizeof(got.gap)) == 0);
  REQUIRE(got.groups.size() == rollout.groups.size());
  for (size_t g = 0; g < got.groups.size(); ++g) {
    const auto &a = got.groups[g], &b = rollout.groups[g];
    CHECK(a.problem.index == b.problem.index);
    CHECK(a.problem.prompt == b.problem.prompt);
    CHECK(a.problem.difficulty == b.problem.difficulty);
    CHECK(*a.problem.columns == *b.problem.columns);
    CHECK(a.prompt_ids == b.prompt_ids);
    REQUIRE(a.completions.size() == b.completions.size());
    for (size_t s = 0; s < a.completions.size(); ++s) {
      check_equal(a.completions[s], b.completions[s]);
    }
  }
}
