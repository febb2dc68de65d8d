#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/config.h"
#include "tasks/corpus.h"
#include "tasks/countdown.h"
#include "tasks/countdown_trace.h"
#include "tasks/weighted_choice.h"

namespace reckon::tasks {

/// Whether a problem is kept for pretraining.
bool is_pretraining(const CountdownProblem& problem);

/// Throws `invalid_argument` that names `place` if no problem of the space is.
void check_pretraining_problems(const CountdownSpace& space, const std::string& place);

/// Draws what a trace does: how many branches it searches at most, and which of the solutions it
/// answers if that was not enough.
CountdownTrace draw_trace(const CountdownProblem& problem, const WeightedChoice& patience,
                          int max_target, RandomSequence& random);

/// Options of `{"kind": "countdown-traces"}`.
struct CountdownTracesConfig {
  std::string kind = "countdown-traces";
  int64_t max_number = 12;
  int64_t min_target = 10;
  int64_t max_target = 50;
  std::vector<double> patience_weights = {.68, .09, .05, .03, .015, .01, .005, .005, .005, .11};

  template <class V>
  static void visit(V& v) {
    v(&CountdownTracesConfig::kind, "kind", "kind of the corpus",
      required(one_of({"countdown-traces"})));
    v(&CountdownTracesConfig::max_number, "max_number", "numbers are 1 to this, all different",
      between(4, 12));
    v(&CountdownTracesConfig::min_target, "min_target", "smallest target", between(1, 149));
    v(&CountdownTracesConfig::max_target, "max_target", "largest target", between(1, 149));
    v(&CountdownTracesConfig::patience_weights, "patience_weights",
      "ten weights: how often a document searches 0, 1, ... 8 branches, or until it finds");
  }
};

/// Search traces of Countdown problems of the pretraining split. Each document has its own random
/// stream. Every document ends with a right answer.
class CountdownTraces : public Corpus {
 public:
  /// Throws `invalid_argument` that names the key if the weights are not ten numbers of at least 0
  /// with a positive sum, or the range holds no problem.
  CountdownTraces(const CountdownTracesConfig& config, const SourceContext& context);

  Document at(uint64_t n) const override;
  std::vector<std::string> vocabulary() const override;
  DocumentIds ids_at(uint64_t n) const override;

 private:
  CountdownRange range_;
  CountdownSpace space_;
  WeightedChoice patience_;
  uint64_t seed_;
  uint32_t stage_;
};

}  // namespace reckon::tasks
