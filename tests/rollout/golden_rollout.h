#pragma once

#include <cstring>

#include "rollout/engine.h"
#include "tests/policy/golden_model.h"

namespace reckon::tests {

/// Prompts of different lengths over the golden vocabulary of 170 tokens; prompt i has index 10 +
/// i.
inline std::vector<rollout::Prompt> golden_prompts() {
  std::vector<rollout::Prompt> prompts;
  for (const int32_t length : {5, 1, 17, 40, 2, 33}) {
    rollout::Prompt prompt{.index = 10 + static_cast<uint32_t>(prompts.size()), .ids = {}};
    for (int32_t i = 0; i < length; ++i) prompt.ids.push_back((3 + 7 * i + 31 * length) % 170);
    prompts.push_back(std::move(prompt));
  }
  return prompts;
}

/// Sampling that ends completions early and late: each token is an end token with chance 1/8 or so.
inline rollout::SamplingParams golden_sampling(double temperature = 1.0) {
  rollout::SamplingParams params{.temperature = temperature, .max_new_tokens = 24};
  for (int32_t id = 4; id < 170; id += 8) params.stop_token_ids.push_back(id);
  return params;
}

inline RandomStream golden_stream() { return RandomStream({.seed = 5, .stage = 1, .step = 3}); }

inline bool bits_equal(const std::vector<float>& a, const std::vector<float>& b) {
  return a.size() == b.size() &&
         (a.empty() || std::memcmp(a.data(), b.data(), a.size() * sizeof(float)) == 0);
}

/// Whether two completions agree in every id, every bit of the log-probabilities, and their end.
inline bool bits_equal(const rollout::Completion& a, const rollout::Completion& b) {
  return a.ids == b.ids && bits_equal(a.logprobs, b.logprobs) &&
         bits_equal(a.logprobs_t1, b.logprobs_t1) &&
         bits_equal(a.logprobs_truncated, b.logprobs_truncated) &&
         a.finish_reason == b.finish_reason;
}

template <class T>
bool bits_equal(const std::vector<T>& a, const std::vector<T>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](const T& left, const T& right) { return bits_equal(left, right); });
}

}  // namespace reckon::tests
