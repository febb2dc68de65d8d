#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/config.h"
#include "tasks/corpus.h"
#include "tasks/countdown.h"
#include "tasks/instructed_trace.h"
#include "tasks/weighted_choice.h"

namespace reckon::tasks {

/// Options of `{"kind": "instructed-traces"}`.
struct InstructedTracesConfig {
  std::string kind = "instructed-traces";
  int64_t max_number = 12;
  int64_t min_target = 10;
  int64_t max_target = 50;
  std::vector<double> patience_weights = {.68, .09, .05, .03, .015, .01, .005, .005, .005, .11};
  std::vector<double> english_prompt_weights = {.50, .15, .35};
  std::vector<double> korean_prompt_weights = {.40, .25, .35};
  double mixed_english = .6;
  double form_obeyed = .6;
  double list_fraction = .1;
  double operation_obeyed = .6;

  template <class V>
  static void visit(V& v) {
    using C = InstructedTracesConfig;
    v(&C::kind, "kind", "kind of the corpus", required(one_of({"instructed-traces"})));
    v(&C::max_number, "max_number", "numbers are 1 to this, all different", between(4, 12));
    v(&C::min_target, "min_target", "smallest target", between(1, 149));
    v(&C::max_target, "max_target", "largest target", between(1, 149));
    v(&C::patience_weights, "patience_weights",
      "ten weights: how often a document searches 0, 1, ... 8 branches, or until it finds");
    v(&C::english_prompt_weights, "english_prompt_weights",
      "three weights: how often the search behind an English prompt is all English, all Korean, or "
      "mixed word by word");
    v(&C::korean_prompt_weights, "korean_prompt_weights", "the same behind a Korean prompt");
    v(&C::mixed_english, "mixed_english", "share of English among the words of a mixed search",
      probability());
    v(&C::form_obeyed, "form_obeyed", "share of the answers in the asked form", probability());
    v(&C::list_fraction, "list_fraction", "share of the documents that are lists", probability());
    v(&C::operation_obeyed, "operation_obeyed", "share of the lists with the asked result",
      probability());
  }
};

/// Search traces of Countdown problems of the pretraining split, whose language and form follow the
/// prompt weakly, and some lists. Each document has its own random stream. Every Countdown document
/// ends with a right answer.
class InstructedTraces : public Corpus {
 public:
  /// Throws `invalid_argument` that names the key if weights are too few or negative, or the range
  /// holds no problem.
  InstructedTraces(const InstructedTracesConfig& config, const SourceContext& context);

  Document at(uint64_t n) const override;
  std::vector<std::string> vocabulary() const override;
  DocumentIds ids_at(uint64_t n) const override;

 private:
  /// What is drawn for a prompt: the share of English words of its search.
  double draw_english(UserLanguage language, RandomSequence& random) const;

  InstructedTracesConfig config_;
  CountdownSpace space_;
  WeightedChoice patience_;
  WeightedChoice english_prompt_;
  WeightedChoice korean_prompt_;
  uint64_t seed_;
  uint32_t stage_;
};

}  // namespace reckon::tasks
