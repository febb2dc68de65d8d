#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "core/config.h"
#include "tasks/corpus.h"
#include "tasks/functions.h"
#include "tasks/task.h"

namespace reckon::tasks {

/// Options that task and corpus share.
struct FunctionsConfig {
  std::string kind = "functions";
  int64_t steps = 3;
  int64_t max_number = 9;

  template <class V>
  static void visit(V& v) {
    v(&FunctionsConfig::kind, "kind", "kind of the task", required(one_of({"functions"})));
    v(&FunctionsConfig::steps, "steps", "operations of a function", between(2, 6));
    v(&FunctionsConfig::max_number, "max_number", "numbers are 1 to this", between(2, 99));
  }
};

/// Small functions to be written in Python: "x plus 2 times 3" asks for one that adds and then
/// multiplies. Columns: `verification_info`, the tests as calls with expected values, which the
/// reward `code` reads, and `words`. Problems are drawn, each from its own random stream.
class FunctionsTask : public ProblemSource {
 public:
  FunctionsTask(const FunctionsConfig& config, const SourceContext& context);

  Problem at(uint64_t position) const override;
  /// At most 1,024.
  uint64_t num_held_out() const override { return held_out_.size(); }
  std::vector<Problem> held_out(uint64_t count) const override;
  std::string summary() const override;

 private:
  FunctionRange range_;
  uint64_t seed_;
  uint32_t stage_;
  std::vector<Problem> held_out_;
};

/// Options of `{"kind": "function-programs"}`.
struct FunctionProgramsConfig {
  std::string kind = "function-programs";
  int64_t steps = 3;
  int64_t max_number = 9;
  double grouped = 0.3;

  template <class V>
  static void visit(V& v) {
    v(&FunctionProgramsConfig::kind, "kind", "kind of the corpus",
      required(one_of({"function-programs"})));
    v(&FunctionProgramsConfig::steps, "steps", "operations of a function", between(2, 6));
    v(&FunctionProgramsConfig::max_number, "max_number", "numbers are 1 to this", between(2, 99));
    v(&FunctionProgramsConfig::grouped, "grouped",
      "share of the documents whose program keeps the order by parentheses; the others are wrong "
      "wherever Python multiplies first",
      probability());
  }
};

/// Programs for functions of the pretraining split, some right and some careless. Each document has
/// its own random stream.
class FunctionPrograms : public Corpus {
 public:
  FunctionPrograms(const FunctionProgramsConfig& config, const SourceContext& context);

  Document at(uint64_t n) const override;
  std::vector<std::string> vocabulary() const override { return words_; }
  DocumentIds ids_at(uint64_t n) const override;

 private:
  FunctionRange range_;
  std::vector<std::string> words_;
  std::map<std::string, int32_t, std::less<>> id_of_;
  double grouped_;
  uint64_t seed_;
  uint32_t stage_;
};

}  // namespace reckon::tasks
