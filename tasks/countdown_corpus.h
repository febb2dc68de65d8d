#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/config.h"
#include "tasks/corpus.h"
#include "tasks/countdown.h"

namespace reckon::tasks {

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
  int draw_patience(RandomSequence& random) const;

  CountdownRange range_;
  CountdownSpace space_;
  std::vector<double> patience_sums_;  // running sums of the weights
  uint64_t seed_;
  uint32_t stage_;
};

}  // namespace reckon::tasks
