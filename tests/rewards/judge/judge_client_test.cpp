#include "rewards/judge/judge_client.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "core/error.h"

using namespace reckon;
using namespace reckon::rewards;
using nlohmann::json;

namespace {

JudgeOptions hostile(int workers = 1) {
  JudgeOptions options;
  options.workers = workers;
  options.program = RECKON_HOSTILE_JUDGE;
  options.best_effort = true;
  return options;
}

}  // namespace

TEST_CASE("answers come in the order of the requests") {
  JudgeClient client(hostile(2));
  std::vector<json> requests;
  for (int i = 0; i < 1000; ++i) {
    requests.push_back({{"kind", "echo"}, {"text", std::to_string(i)}, {"gold", "7"}});
  }
  const auto answers = client.ask(requests);
  REQUIRE(answers.size() == 1000);
  for (size_t i = 0; i < 1000; ++i) {
    CHECK(answers[i]["extracted"] == std::to_string(i));
    CHECK(answers[i]["score"] == (i == 7 ? 1.0 : 0.0));
  }
}
