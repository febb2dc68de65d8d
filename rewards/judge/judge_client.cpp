#include "rewards/judge/judge_client.h"

#include <nlohmann/json.hpp>

#include "core/error.h"
#include "core/json.h"
#include "rewards/judge/answer_json.h"
#include "rewards/judge/connection.h"

namespace reckon::rewards {

JudgeClient::JudgeClient(const JudgeOptions& options)
    : connection_(std::make_unique<Connection>(options)) {}

JudgeClient::~JudgeClient() = default;

std::vector<nlohmann::json> JudgeClient::ask(std::span<const nlohmann::json> requests) {
  std::vector<std::string> bodies;
  bodies.reserve(requests.size());
  for (const auto& request : requests) {
    bodies.push_back(request.at("kind").get<std::string>() + '\n' + json_text(request));
  }
  const auto answers = connection_->ask(std::move(bodies));
  std::vector<nlohmann::json> parsed;
  parsed.reserve(answers.size());
  for (const auto& answer : answers) {
    parsed.push_back(nlohmann::json::parse(answer, nullptr, false));
    check(parsed.back().is_object(), ErrorCode::internal,
          "expected an object, got {}, from the judge", json_summary(parsed.back()));
    throw_if_error(parsed.back());
  }
  return parsed;
}

}  // namespace reckon::rewards
