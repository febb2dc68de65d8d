#include "tests/rewards/judge/hostile_options.h"

#include <nlohmann/json.hpp>

namespace reckon::test {

rewards::JudgeOptions hostile_judge(int workers) {
  rewards::JudgeOptions options;
  options.workers = workers;
  options.program = RECKON_HOSTILE_JUDGE;
  options.best_effort = true;
  return options;
}

nlohmann::json echo(const std::string& text) {
  return {{"kind", "echo"}, {"text", text}, {"gold", "right"}};
}

}  // namespace reckon::test
