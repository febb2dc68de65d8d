#include "rewards/grade.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>
#include <sstream>

#include "core/json.h"

using namespace reckon;
using namespace reckon::rewards;
using nlohmann::json;

namespace {

/// What came out of a run.
struct Run {
  std::vector<std::string> lines;
  std::string problems;
  GradeCounts counts;
};

std::vector<std::string> split(const std::string& text) {
  std::istringstream in(text);
  std::vector<std::string> lines;
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

Run grade(const json& config, const std::string& input, const GradeOptions& options = {}) {
  std::istringstream in(input);
  std::ostringstream out;
  std::ostringstream problems;
  const auto reward = make_reward(config, "");
  const GradeCounts counts = grade_cases(*reward, in, out, problems, options);
  return {split(out.str()), problems.str(), counts};
}

Run grade_all(const std::vector<json>& configs, const std::string& input) {
  std::vector<std::unique_ptr<Reward>> rewards;
  for (const json& config : configs) rewards.push_back(make_reward(config, ""));
  std::istringstream in(input);
  std::ostringstream out;
  std::ostringstream problems;
  const GradeCounts counts = grade_cases(rewards, in, out, problems);
  return {split(out.str()), problems.str(), counts};
}

const json kAnswer = {{"kind", "answer"}};

/// A reward that remembers how many samples came together.
class Counting : public Reward {
 public:
  explicit Counting(std::vector<size_t>& batches)
      : Reward(RewardConfig{"counting", "", 1.0}), batches_(batches) {}

  RewardResult score(const RewardInput& input) const override {
    return {static_cast<double>(input.completion.size()), "", "", ""};
  }
  std::vector<RewardResult> score_all(std::span<const RewardInput> inputs) const override {
    batches_.push_back(inputs.size());
    return Reward::score_all(inputs);
  }

 private:
  std::vector<size_t>& batches_;
};

}  // namespace

TEST_CASE("every case gets one verdict, with its keys in order") {
  const Run run = grade(kAnswer, R"({"gold": "7", "completion": "so #### 7"}
{"gold": "7", "completion": "so #### 8"}
{"completion": "so #### 8"}
)");
  REQUIRE(run.lines.size() == 3);
  CHECK(run.lines[0] == R"({"score":1.0,"extracted":"7","gold":"7","reason":"correct"})");
  CHECK(run.lines[1] == R"({"score":0.0,"extracted":"8","gold":"7","reason":"answers 8, gold 7"})");
  CHECK(json::parse(run.lines[2]).at("score").is_null());
  CHECK(run.counts.graded == 3);
  CHECK(run.counts.bad == 0);
  CHECK(run.problems.empty());
}

TEST_CASE("a bare answer is not searched, and is never its own gold") {
  const Run run = grade(kAnswer, R"({"gold": 7, "answer": "7"}
{"gold": 7, "answer": 7}
{"gold": 7, "answer": "so #### 7"}
{"answer": "7"}
{"answer": "7", "completion": "#### 7"}
)");
  REQUIRE(run.lines.size() == 5);
  CHECK(json::parse(run.lines[0]).at("score") == 1.0);
  CHECK(json::parse(run.lines[1]).at("score") == 1.0);
  CHECK(json::parse(run.lines[2]).at("score") == 0.0);
  CHECK(json::parse(run.lines[3]).at("score").is_null());
  CHECK(json::parse(run.lines[4]).at("score") == 1.0);  // a column of the row
}

TEST_CASE("the columns of the kind are read from the case") {
  const Run run =
      grade({{"kind", "countdown"}}, R"({"answer": "3 * 4 + 5", "nums": [3, 4, 5], "target": 17})");
  REQUIRE(run.lines.size() == 1);
  CHECK(json::parse(run.lines[0]).at("score") == 1.0);
  const Run cut = grade({{"kind", "format"}},
                        R"({"completion": "<think></think><answer></answer>", "truncated": true})");
  CHECK(json::parse(cut.lines[0]).at("reason") == "does not end");
  GradeOptions options;
  options.max_tokens = 100;
  const Run length = grade({{"kind", "overlong"}, {"overlong_buffer_len", 10}},
                           R"({"completion": "", "num_tokens": 100}
{"completion": "", "num_tokens": 100, "max_tokens": 200})",
                           options);
  CHECK(json::parse(length.lines[0]).at("score") == -1.0);
  CHECK(json::parse(length.lines[1]).at("score") == 0.0);
}

TEST_CASE("a bad line is named by its number, and the others are graded") {
  GradeOptions options;
  options.source = "cases.jsonl";
  const Run run = grade(kAnswer, R"({"gold": 7, "answer": 7}
{"gold": 7, "answer":

[]
{"gold": 7}
{"gold": 7, "completion": 7}
{"gold": 7, "answer": []}
{"gold": 7, "answer": 7, "truncated": "no"}
{"gold": 7, "answer": 7}
)",
                        options);
  REQUIRE(run.lines.size() == 8);
  const json good = json::parse(run.lines.front());
  CHECK(json::parse(run.lines.back()) == good);
  for (size_t i = 1; i < 7; ++i) {
    CHECK(run.lines[i] == R"({"score":null,"extracted":"","gold":"","reason":"bad_line"})");
  }
  CHECK(run.counts.graded == 2);
  CHECK(run.counts.bad == 6);
  const auto problems = split(run.problems);
  REQUIRE(problems.size() == 6);
  const int numbers[] = {2, 4, 5, 6, 7, 8};
  for (size_t i = 0; i < 6; ++i) {
    INFO(problems[i]);
    CHECK(problems[i].find("cases.jsonl line " + std::to_string(numbers[i])) != std::string::npos);
  }
}

TEST_CASE("verdicts keep the order of the cases over windows") {
  std::string input;
  for (int i = 0; i < 25; ++i) {
    input += json{{"completion", std::string(static_cast<size_t>(i), 'x')}}.dump() + "\n";
    if (i % 10 == 3) input += "nonsense\n";
  }
  std::vector<size_t> batches;
  const Counting reward(batches);
  std::istringstream in(input);
  std::ostringstream out;
  std::ostringstream problems;
  GradeOptions options;
  options.window = 8;
  CHECK(grade_cases(reward, in, out, problems, options).graded == 25);
  const auto lines = split(out.str());
  REQUIRE(lines.size() == 28);
  int expected = 0;
  for (const std::string& line : lines) {
    const json score = json::parse(line).at("score");
    if (!score.is_null()) CHECK(score == expected++);
  }
  CHECK(batches == std::vector<size_t>{7, 7, 8, 3});
}

TEST_CASE("a window ends early when its lines are long") {
  std::vector<size_t> batches;
  const Counting reward(batches);
  std::istringstream in("{\"completion\":\"aaaaaaaaaaaaaaaaaaaa\"}\n{\"completion\":\"b\"}");
  std::ostringstream out;
  std::ostringstream problems;
  GradeOptions options;
  options.window_bytes = 30;
  grade_cases(reward, in, out, problems, options);
  CHECK(batches == std::vector<size_t>{1, 1});
}

TEST_CASE("several rewards are summed by their weights, and those without a value left out") {
  const std::vector<json> configs = {{{"kind", "answer"}, {"weight", 2}},
                                     {{"kind", "boxed"}, {"name", "box"}, {"weight", 0.5}}};
  const Run run = grade_all(configs, R"({"gold": 7, "completion": "\\boxed{7}"}
{"completion": "\\boxed{7}"}
nonsense
)");
  REQUIRE(run.lines.size() == 3);
  const json both = json::parse(run.lines[0]);
  CHECK(both.at("score") == 2.5);
  CHECK(both.at("rewards").at("answer").at("extracted") == "7");
  CHECK(both.at("rewards").at("box").at("score") == 1.0);
  const json one = json::parse(run.lines[1]);
  CHECK(one.at("score") == 0.5);
  CHECK(one.at("rewards").at("answer").at("score").is_null());
  CHECK(json::parse(run.lines[2]).at("reason") == "bad_line");
  CHECK(run.counts.bad == 1);
  CHECK(json::parse(grade_all({kAnswer}, R"({"completion": "7"})").lines[0]).at("score").is_null());
}

TEST_CASE("an empty input gives nothing, and a last line needs no end") {
  CHECK(grade(kAnswer, "").lines.empty());
  CHECK(grade(kAnswer, "\n \n\r\n").lines.empty());
  CHECK(grade(kAnswer, R"({"gold": 7, "answer": 7})").lines.size() == 1);
}
