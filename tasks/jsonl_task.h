#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "core/config.h"
#include "tasks/column.h"
#include "tasks/epoch_order.h"
#include "tasks/task.h"

namespace reckon::tasks {

/// Options of a `{"kind": "jsonl"}` task.
struct JsonlConfig {
  std::string kind = "jsonl";
  std::string path;
  std::string dataset_prompt_column;
  std::string dataset_answer_column;
  std::string dataset_difficulty_column;
  std::string prompt_template;
  std::string system_prompt;
  std::string answer_format = "auto";
  double held_out_fraction = 0.1;
  bool shuffle = true;
  double max_unreadable = 0.01;

  template <class V>
  static void visit(V& v) {
    v(&JsonlConfig::kind, "kind", "kind of the task", required(one_of({"jsonl"})));
    v(&JsonlConfig::path, "path", "data set: one JSON object a line", required());
    v(&JsonlConfig::dataset_prompt_column, "dataset_prompt_column",
      "column with the prompt, or a JSON pointer to it: text that is sent as it is, or messages "
      "`{role, content}` for the model's chat format; if empty, `prompt`, `messages` or "
      "`question`");
    v(&JsonlConfig::dataset_answer_column, "dataset_answer_column",
      "column with the gold answer, or a JSON pointer to it; if empty, `gold` or `answer` where a "
      "row has one");
    v(&JsonlConfig::dataset_difficulty_column, "dataset_difficulty_column",
      "column with a class that evaluations report apart; if empty, none");
    v(&JsonlConfig::prompt_template, "prompt_template",
      "the prompt as a text with columns in braces, such as `{prompt} Call it {entry_point}.`; if "
      "empty, the prompt's column alone");
    v(&JsonlConfig::system_prompt, "system_prompt",
      "first message of every prompt that has none; a prompt of text then becomes the user's "
      "message");
    v(&JsonlConfig::answer_format, "answer_format",
      "how the gold answer stands in its column: gsm8k (after `####` in a line of its own), text "
      "(all of it), or auto (gsm8k where there is such a line)",
      one_of({"auto", "gsm8k", "text"}));
    v(&JsonlConfig::held_out_fraction, "held_out_fraction",
      "share of the prompts kept for evaluation, chosen by a hash of the prompt", probability());
    v(&JsonlConfig::shuffle, "shuffle", "read every epoch in an order of its own");
    v(&JsonlConfig::max_unreadable, "max_unreadable",
      "largest share of rows that may be left out because a reward cannot read their gold",
      probability());
  }
};

/// The answer after the last line that begins with `####`, without thousands separators, `$` and a
/// final period; the trimmed text itself if there is no such line.
std::string gold_answer(std::string_view text);

/// A data set of JSON lines. Columns of a problem are those of its row, plus `gold`: the text of
/// the answer column as `answer_format` says. A prompt of messages comes as `Problem::messages`.
/// Rows with an empty prompt and repetitions of a
/// prompt are left out and counted in the summary.
class JsonlTask : public ProblemSource {
 public:
  /// Reads the whole file. Throws `not_found`, `corrupt` that names file and line for a row that is
  /// not an object or lacks the prompt, and `invalid_argument` if no row is left.
  JsonlTask(const JsonlConfig& config, const SourceContext& context);

  /// Throws `invalid_argument` if every row is held out (`held_out_fraction` 1, for evaluation).
  Problem at(uint64_t position) const override;
  uint64_t num_held_out() const override;
  std::vector<Problem> held_out(uint64_t count) const override;
  std::string summary() const override;
  std::vector<DataRow> rows() const override;
  void leave_out(const std::vector<bool>& unusable) override;

 private:
  /// A problem and where it stands.
  struct Numbered {
    Problem problem;
    uint64_t line = 0;
  };

  void read(const JsonlConfig& config);
  void make_order();
  bool add_prompt(Problem& problem, const Row& row, const JsonlConfig& config);

  std::string path_;
  std::string place_;
  uint64_t seed_;
  uint32_t stage_;
  bool shuffle_;
  double max_unreadable_;
  uint64_t num_rows_ = 0;
  uint64_t num_empty_ = 0;
  uint64_t num_duplicate_ = 0;
  uint64_t num_unreadable_ = 0;
  std::unordered_set<std::string> seen_;  // prompts, while the file is read
  std::vector<Numbered> training_;        // in the order of the file
  std::vector<Numbered> held_out_;        // in the order of the hash of the prompt
  std::unique_ptr<EpochOrder> order_;     // null if there is no training row
};

}  // namespace reckon::tasks
