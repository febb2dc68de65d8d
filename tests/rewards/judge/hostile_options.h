#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "rewards/judge/judge_client.h"

namespace reckon::test {

/// The judge whose workers have kinds that misbehave.
rewards::JudgeOptions hostile_judge(int workers = 1);

/// A request that is answered by its own text.
nlohmann::json echo(const std::string& text);

}  // namespace reckon::test
