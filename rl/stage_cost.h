#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>

namespace reckon::rl {

/// What a stage has computed so far. Floating-point operations are counted per parameter N and
/// token: 2 N for a token that is only run forward, 6 N for one that is trained on (Kaplan et al.,
/// 2001.08361, section 2.1; attention is left out). Kept in checkpoints, so that a resumed stage
/// counts on.
struct StageCost {
  int64_t num_parameters = 0;  ///< of the policy
  int64_t prompt_tokens = 0;   ///< prefilled; the prompt of a group once
  int64_t sampled_tokens = 0;
  int64_t trained_tokens = 0;  ///< run forward and backward, prompts among them
  int64_t scored_tokens = 0;   ///< run forward only: by a reference or teacher, or once more
  double flops = 0.0;
  double seconds = 0.0;  ///< of wall time, interruptions left out

  /// Adds the time since the last call to `seconds`; the first call only starts the clock.
  void tick();

  /// Counts tokens that a model of `num_parameters` was given.
  void add_prompt(int64_t parameters, int64_t tokens);
  void add_sampled(int64_t parameters, int64_t tokens);
  void add_trained(int64_t parameters, int64_t tokens);
  void add_scored(int64_t parameters, int64_t tokens);

 private:
  std::optional<double> last_tick_;
};

/// As it stands in checkpoints and cost.json.
nlohmann::json write_cost(const StageCost& cost);
/// Reads what `write_cost` wrote; members that are missing count 0.
StageCost read_cost(const nlohmann::json& json);

}  // namespace reckon::rl
