#include "rl/stage_cost.h"

#include <nlohmann/json.hpp>

#include "core/progress.h"

namespace reckon::rl {
namespace {

constexpr double kForward = 2.0;
constexpr double kForwardBackward = 6.0;

double product(double factor, int64_t parameters, int64_t tokens) {
  return factor * static_cast<double>(parameters) * static_cast<double>(tokens);
}

}  // namespace

void StageCost::tick() {
  const double now = steady_seconds();
  if (last_tick_) seconds += now - *last_tick_;
  last_tick_ = now;
}

void StageCost::add_prompt(int64_t parameters, int64_t tokens) {
  prompt_tokens += tokens;
  flops += product(kForward, parameters, tokens);
}

void StageCost::add_sampled(int64_t parameters, int64_t tokens) {
  sampled_tokens += tokens;
  flops += product(kForward, parameters, tokens);
}

void StageCost::add_trained(int64_t parameters, int64_t tokens) {
  trained_tokens += tokens;
  flops += product(kForwardBackward, parameters, tokens);
}

void StageCost::add_scored(int64_t parameters, int64_t tokens) {
  scored_tokens += tokens;
  flops += product(kForward, parameters, tokens);
}

nlohmann::json write_cost(const StageCost& cost) {
  return {{"num_parameters", cost.num_parameters}, {"prompt_tokens", cost.prompt_tokens},
          {"sampled_tokens", cost.sampled_tokens}, {"trained_tokens", cost.trained_tokens},
          {"scored_tokens", cost.scored_tokens},   {"flops", cost.flops},
          {"time/seconds", cost.seconds}};
}

StageCost read_cost(const nlohmann::json& json) {
  StageCost cost;
  cost.num_parameters = json.value("num_parameters", int64_t{0});
  cost.prompt_tokens = json.value("prompt_tokens", int64_t{0});
  cost.sampled_tokens = json.value("sampled_tokens", int64_t{0});
  cost.trained_tokens = json.value("trained_tokens", int64_t{0});
  cost.scored_tokens = json.value("scored_tokens", int64_t{0});
  cost.flops = json.value("flops", 0.0);
  cost.seconds = json.value("time/seconds", 0.0);
  return cost;
}

}  // namespace reckon::rl
