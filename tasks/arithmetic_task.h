#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/config.h"
#include "tasks/arithmetic.h"
#include "tasks/task.h"

namespace reckon::tasks {

/// Options of `{"kind": "arithmetic"}`.
struct ArithmeticConfig {
  std::string kind = "arithmetic";
  std::vector<std::string> operations = {"add", "subtract", "multiply"};
  std::vector<int64_t> steps = {1, 2};
  int64_t max_number = 50;
  int64_t max_factor = 12;
  double word_problems = 0.5;
  int64_t examples = 0;
  std::string instruction = "Think briefly, then put the final answer in \\boxed{}.";

  template <class V>
  static void visit(V& v) {
    v(&ArithmeticConfig::kind, "kind", "kind of the task", required(one_of({"arithmetic"})));
    v(&ArithmeticConfig::operations, "operations",
      "what is asked for, each equally likely; a product only stands first",
      one_of({"add", "subtract", "multiply"}));
    v(&ArithmeticConfig::steps, "steps", "how many operations a problem has, each equally likely",
      between(1, 8));
    v(&ArithmeticConfig::max_number, "max_number", "numbers are 2 to this", between(2, 1'000'000));
    v(&ArithmeticConfig::max_factor, "max_factor", "factors are 2 to this", between(2, 10'000));
    v(&ArithmeticConfig::word_problems, "word_problems", "share of problems told as a short story",
      probability());
    v(&ArithmeticConfig::examples, "examples",
      "worked examples, as earlier turns of the conversation, before every question",
      between(0, 4));
    v(&ArithmeticConfig::instruction, "instruction", "sentence after every question; may be empty");
  }
};

/// Sums and products with whole numbers, bare or told as a short story, as one message of a user
/// (`prompt` holds its text, for models without a chat format), behind the worked examples that
/// were asked for. Problems are drawn, each from its own random stream, and kept if they are of the
/// wanted split. Columns of a problem: `answer` (a number) and `expression`.
class ArithmeticTask : public ProblemSource {
 public:
  /// Throws `invalid_argument` that names the key if the options leave no problem to draw.
  ArithmeticTask(const ArithmeticConfig& config, const SourceContext& context);

  Problem at(uint64_t position) const override;
  /// At most 4,096; fewer where the options leave few different problems.
  uint64_t num_held_out() const override;
  std::vector<Problem> held_out(uint64_t count) const override;
  std::string summary() const override;

 private:
  Problem draw(RandomSequence& random, ArithmeticSplit split, uint32_t index) const;
  Problem make_problem(const ArithmeticExpression& expression, RandomSequence& random,
                       uint32_t index) const;
  void list_held_out();

  ArithmeticRange range_;
  double word_problems_;
  std::vector<ChatMessage> opening_;  // what stands before the question
  std::string instruction_;
  std::string place_;
  uint64_t seed_;
  uint32_t stage_;
  std::vector<Problem> held_out_;
};

}  // namespace reckon::tasks
