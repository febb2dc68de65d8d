#include "rl/scoring_queue.h"

#include <doctest/doctest.h>

#include <atomic>
#include <future>
#include <nlohmann/json.hpp>

#include "core/error.h"
#include "tests/rl/small_run.h"

using namespace reckon;
using namespace reckon::rl;
using nlohmann::json;

namespace {

// Samples one group, then writes the file that the grader of that group waits for, and only then
// comes to an end.
class FileWritingEngine : public rollout::RolloutEngine {
 public:
  explicit FileWritingEngine(std::filesystem::path file) : file_(std::move(file)) {}

  std::vector<rollout::Group> generate(std::span<const rollout::Prompt> prompts, int64_t,
                                       const rollout::SamplingParams&, const RandomStream&,
                                       const rollout::OnGroup& on_group) override {
    rollout::Group group(1);
    group[0].ids = {1, 2};
    group[0].logprobs = {-1.0F, -1.0F};
    for (size_t p = 0; p < prompts.size(); ++p) on_group(p, group);
    write_file_atomic(file_, "go");
    return std::vector<rollout::Group>(prompts.size(), group);
  }

 private:
  std::filesystem::path file_;
};

// Answers 1 to everything, but not before the file is there.
constexpr const char* kPatientGrader = R"(
import json, os, sys, time
for line in sys.stdin:
    while not os.path.exists(sys.argv[1]):
        time.sleep(0.01)
    asked = json.loads(line)
    answer = {"id": asked["id"], "rewards": [1.0] * len(asked["completions"])}
    print(json.dumps(answer), flush=True)
)";

}  // namespace

TEST_CASE("groups are scored while the thread that samples goes on") {
  std::promise<void> sampled;
  auto may_score = sampled.get_future().share();
  std::atomic<int> scored{0};
  std::vector<ScoredGroup> groups(8);
  ScoringQueue queue(
      [&](ScoredGroup& group) {
        may_score.wait();
        group.zero_std = true;
        ++scored;
      },
      3);
  for (auto& group : groups) queue.push(group);
  CHECK(scored == 0);
  sampled.set_value();
  queue.finish();
  CHECK(scored == 8);
  for (const auto& group : groups) CHECK(group.zero_std);
}

TEST_CASE("an error while scoring is thrown where the queue is finished") {
  std::vector<ScoredGroup> groups(4);
  ScoringQueue queue([](ScoredGroup&) { fail(ErrorCode::unsupported, "expected a grader"); }, 2);
  for (auto& group : groups) queue.push(group);
  CHECK_THROWS_WITH_AS(queue.finish(), "expected a grader", Error);
}

TEST_CASE("a queue that is given up drops what was not begun") {
  std::vector<ScoredGroup> groups(4);
  const ScoringQueue queue([](ScoredGroup&) {}, 1);
}

TEST_CASE("a grader in another process does not hold up sampling") {
  const TempFolder folder;
  const auto program = folder.path() / "grader.py";
  const auto file = folder.path() / "go";
  write_file_atomic(program, kPatientGrader);
  const json config = {{"kind", "external"},
                       {"command", {"python3", program.string(), file.string()}},
                       {"timeout_s", 60}};
  const Scorer scorer({config}, "/rewards", "recipe");
  CHECK(scorer.waits());
  const auto policy = small_policy();
  FileWritingEngine engine(file);
  std::vector<tasks::Problem> problems(2);
  for (uint32_t i = 0; i < 2; ++i) {
    problems[i] = {i, "<bos> 1 2 4 target 12", std::make_shared<json>(json::object()), ""};
  }
  const auto groups =
      sample_groups(engine, *policy.tokenizer, scorer, problems, 1, {}, {7, 0, Purpose::sample, 1});
  for (const auto& group : groups) {
    CAPTURE(group.completions[0].scores[0].reason);
    CHECK(group.completions[0].reward == 1.0);
  }
}
