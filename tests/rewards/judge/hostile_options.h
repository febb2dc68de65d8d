#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "rewards/judge/judge_client.h"

namespace reckon::test {

/// The judge whose workers have kinds that misbehave.
inline rewards::JudgeOptions hostile_judge(int workers = 1) {
  rewards::JudgeOptions options;
  options.workers = workers;
  options.program = RECKON_HOSTILE_JUDGE;
  options.best_effort = true;
  return options;
}

/// A request that is answered by its own text.
inline nlohmann::json echo(const std::string& text) {
  return {{"kind", "echo"}, {"text", text}, {"gold", "right"}};
}

}  // namespace reckon::test
