#include "tasks/arithmetic_task.h"

#include <array>
#include <nlohmann/json.hpp>
#include <string_view>
#include <unordered_set>

#include "core/error.h"

namespace reckon::tasks {

namespace {

constexpr size_t kMostHeldOut = 4096;
/// Draws without a usable problem before the options are called empty. Of all draws at least
/// several in a hundred are usable where the options allow for problems of each number of steps.
constexpr int kMostDraws = 10'000;

struct WorkedExample {
  std::string_view question;
  std::string_view answer;
};

/// All of the split `pretraining`, so that no example gives away a problem that is asked.
constexpr std::array<WorkedExample, 4> kExamples = {{
    {"What is 9 + 4?", "9 + 4 = \\boxed{13}"},
    {"Lena has 14 pears. She gives 9 of them away. How many pears does Lena have now?",
     "14 - 9 = \\boxed{5}"},
    {"Calculate 18 - 7.", "18 - 7 = \\boxed{11}"},
    {"There are 12 cups on a table. Tom brings 6 more. How many cups are on the table now?",
     "12 + 6 = \\boxed{18}"},
}};

std::vector<ChatMessage> opening(int64_t examples) {
  std::vector<ChatMessage> messages;
  if (examples > 0) messages.push_back({"system", "You calculate."});
  for (size_t i = 0; i < static_cast<size_t>(examples); ++i) {
    messages.push_back({"user", std::string(kExamples[i].question)});
    messages.push_back({"assistant", std::string(kExamples[i].answer)});
  }
  return messages;
}

char sign_of(const std::string& operation) {
  if (operation == "multiply") return '*';
  return operation == "add" ? '+' : '-';
}

std::string class_of(const ArithmeticExpression& expression, bool story) {
  const size_t steps = expression.signs.size();
  return fmt::format("{} step{}{}", steps, steps == 1 ? "" : "s", story ? ", story" : "");
}

}  // namespace

ArithmeticTask::ArithmeticTask(const ArithmeticConfig& config, const SourceContext& context)
    : range_{{}, config.steps, config.max_number, config.max_factor},
      word_problems_(config.word_problems),
      opening_(opening(config.examples)),
      instruction_(config.instruction),
      place_(context.place()),
      seed_(context.seed),
      stage_(context.stage) {
  check(!config.operations.empty(), ErrorCode::invalid_argument,
        "expected at least one operation, got none, in {}", context.place("operations"));
  check(!config.steps.empty(), ErrorCode::invalid_argument,
        "expected at least one number of steps, got none, in {}", context.place("steps"));
  for (const std::string& operation : config.operations) {
    range_.operations.push_back(sign_of(operation));
  }
  at(0);  // fails here where no problem can be drawn, not in the middle of a run
  list_held_out();
}

Problem ArithmeticTask::make_problem(const ArithmeticExpression& expression, RandomSequence& random,
                                     uint32_t index) const {
  const bool story = random.next_uniform() < word_problems_;
  Problem problem;
  problem.index = index;
  problem.prompt =
      story ? arithmetic_story(expression, random) : arithmetic_question(expression, random);
  if (!instruction_.empty()) problem.prompt += " " + instruction_;
  problem.messages = opening_;
  problem.messages.push_back({"user", problem.prompt});
  auto columns = std::make_shared<nlohmann::json>();
  (*columns)["answer"] = arithmetic_value(expression);
  (*columns)["expression"] = arithmetic_text(expression);
  problem.columns = std::move(columns);
  problem.difficulty = class_of(expression, story);
  return problem;
}

Problem ArithmeticTask::draw(RandomSequence& random, ArithmeticSplit split, uint32_t index) const {
  for (int i = 0; i < kMostDraws; ++i) {
    const auto expression = draw_arithmetic(range_, random);
    if (expression && arithmetic_split(*expression) == split) {
      return make_problem(*expression, random, index);
    }
  }
  fail(ErrorCode::invalid_argument,
       "expected operations, steps and numbers that leave problems, got none in {} draws, in {}",
       kMostDraws, place_);
}

Problem ArithmeticTask::at(uint64_t position) const {
  RandomSequence random(RandomStream({seed_, stage_, Purpose::shuffle, position}), 0, 0);
  return draw(random, ArithmeticSplit::rl, static_cast<uint32_t>(position));
}

void ArithmeticTask::list_held_out() {
  // A seed of its own, so that the list is the same in every run.
  RandomSequence random(RandomStream({0, 0, Purpose::eval, 0}), 0, 0);
  std::unordered_set<std::string> seen;
  for (int barren = 0; held_out_.size() < kMostHeldOut && barren < kMostDraws; ++barren) {
    const auto expression = draw_arithmetic(range_, random);
    if (!expression || arithmetic_split(*expression) != ArithmeticSplit::held_out) continue;
    Problem problem = make_problem(*expression, random, static_cast<uint32_t>(held_out_.size()));
    if (!seen.insert(problem.prompt).second) continue;
    held_out_.push_back(std::move(problem));
    barren = 0;
  }
}

uint64_t ArithmeticTask::num_held_out() const { return held_out_.size(); }

std::vector<Problem> ArithmeticTask::held_out(uint64_t count) const {
  check(count <= held_out_.size(), ErrorCode::invalid_argument,
        "expected at most {} held-out problems, got {}, in the task arithmetic", held_out_.size(),
        count);
  return {held_out_.begin(), held_out_.begin() + static_cast<std::ptrdiff_t>(count)};
}

std::string ArithmeticTask::summary() const {
  return fmt::format("arithmetic: numbers to {}, factors to {}, {:.0f} % stories, {} held out",
                     range_.max_number, range_.max_factor, 100 * word_problems_, held_out_.size());
}

}  // namespace reckon::tasks
