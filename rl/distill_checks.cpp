#include "core/error.h"
#include "rl/distill.h"

namespace reckon::rl {

SftConfig sft_config(const DistillConfig& config) {
  SftConfig out;
  static_cast<SftDataOptions&>(out) = config;
  static_cast<MemoryOptions&>(out) = config;
  static_cast<OptimizerConfig&>(out) = config;
  out.name = config.name;
  out.policy = config.policy;
  out.max_steps = config.max_steps;
  out.save_steps = config.save_steps;
  out.save_total_limit = config.save_total_limit;
  out.logging_steps = config.logging_steps;
  return out;
}

void check_distill(const DistillConfig& config, const std::string& place) {
  if (config.method == "samples") {
    check(config.teacher.empty(), ErrorCode::invalid_argument,
          "expected no teacher with method samples, whose teacher is who sampled, got \"{}\", in "
          "{}/teacher",
          config.teacher, place);
    return;
  }
  check(!config.teacher.empty(), ErrorCode::invalid_argument,
        "expected an earlier stage or a model folder, got none, in {}/teacher", place);
  check(config.datasets.empty(), ErrorCode::invalid_argument,
        "expected no data sets with method on_policy, got {}, in {}/datasets",
        config.datasets.size(), place);
  check(config.max_steps > 0, ErrorCode::invalid_argument,
        "expected at least 1 with method on_policy, got {}, in {}/max_steps", config.max_steps,
        place);
  check(config.eval_prompts == 0 || !config.rewards.empty(), ErrorCode::invalid_argument,
        "expected rewards that score {} held-out prompts, got none, in {}/rewards",
        config.eval_prompts, place);
}

void check_same_tokenizer(const policy::Tokenizer& student, const policy::Tokenizer& teacher,
                          const std::string& place) {
  check(student.vocab_size() == teacher.vocab_size(), ErrorCode::invalid_argument,
        "expected a teacher with the student's tokenizer of {} tokens, got one of {}, in {}",
        student.vocab_size(), teacher.vocab_size(), place);
  for (int32_t id = 0; id < student.vocab_size(); ++id) {
    check(student.token(id) == teacher.token(id), ErrorCode::invalid_argument,
          "expected a teacher with the student's tokenizer, where token {} is \"{}\", got \"{}\", "
          "in {}",
          id, student.token(id), teacher.token(id), place);
  }
}

}  // namespace reckon::rl
