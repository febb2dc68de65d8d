#include "rewards/verdict_json.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/error.h"
#include "core/json.h"

namespace reckon::rewards {

nlohmann::json verdict_json(const Verdict& verdict) {
  nlohmann::json score;
  if (verdict.score) score = *verdict.score;
  return {{"score", std::move(score)},
          {"reason", to_string(verdict.reason)},
          {"extracted", verdict.extracted},
          {"gold", verdict.gold},
          {"detail", verdict.detail}};
}

Verdict read_verdict(const nlohmann::json& value) {
  Verdict verdict;
  try {
    const auto& name = value.at("reason").get_ref<const std::string&>();
    const auto* reason = std::find(kReasonNames.begin(), kReasonNames.end(), name);
    check(reason != kReasonNames.end(), ErrorCode::corrupt, "expected a known reason, got {}",
          name);
    verdict.reason = static_cast<Reason>(reason - kReasonNames.begin());
    if (!value.at("score").is_null()) verdict.score = value.at("score").get<double>();
    value.at("extracted").get_to(verdict.extracted);
    value.at("gold").get_to(verdict.gold);
    value.at("detail").get_to(verdict.detail);
  } catch (const nlohmann::json::exception&) {
    fail(ErrorCode::corrupt, "expected a verdict, got {}, from the judge", json_summary(value));
  }
  return verdict;
}

}  // namespace reckon::rewards
