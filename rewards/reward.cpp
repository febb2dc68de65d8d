#include "rewards/reward.h"

#include <nlohmann/json.hpp>

#include "core/error.h"
#include "core/json.h"
#include "rewards/answer.h"
#include "rewards/countdown.h"
#include "rewards/format.h"
#include "rewards/overlong.h"
#include "rewards/random.h"

namespace reckon::rewards {

std::unique_ptr<Reward> make_reward(const nlohmann::json& config, const std::string& pointer,
                                    const std::string& file) {
  check(config.is_object(), ErrorCode::invalid_argument, "expected an object, got {}, in {} {}",
        json_summary(config), file, pointer);
  const auto found = config.find("kind");
  const std::string kind =
      found != config.end() && found->is_string() ? found->get<std::string>() : "";
  if (kind == "answer") {
    return std::make_unique<AnswerReward>(read_config<AnswerConfig>(config, pointer, file));
  }
  if (kind == "boxed") {
    return std::make_unique<BoxedReward>(read_config<RewardConfig>(config, pointer, file));
  }
  if (kind == "countdown") {
    return std::make_unique<CountdownReward>(read_config<TagConfig>(config, pointer, file));
  }
  if (kind == "format") {
    return std::make_unique<FormatReward>(read_config<FormatConfig>(config, pointer, file));
  }
  if (kind == "overlong") {
    return std::make_unique<OverlongReward>(read_config<OverlongConfig>(config, pointer, file));
  }
  if (kind == "random") {
    return std::make_unique<RandomReward>(read_config<RandomConfig>(config, pointer, file));
  }
  fail(ErrorCode::invalid_argument,
       "expected one of answer, boxed, countdown, format, overlong, random, got {}, in {} {}/kind",
       found == config.end() ? "nothing" : json_summary(*found), file, pointer);
}

}  // namespace reckon::rewards
