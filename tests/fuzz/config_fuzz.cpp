// A recipe's JSON with comments, a zero byte, and an override: read as the options of tasks and
// rewards, written, and read again.
#include "core/config.h"

#include <nlohmann/json.hpp>

#include "core/json.h"
#include "rewards/reward.h"
#include "tasks/arithmetic_task.h"
#include "tasks/jsonl_task.h"
#include "tests/fuzz/fuzz_input.h"

using namespace reckon;

namespace {

template <class Config>
void round_trip(const nlohmann::json& object) {
  fuzz::may_refuse([&] {
    const auto config = read_config<Config>(object, "/task", "input");
    const auto written = write_config(config);
    fuzz::must(write_config(read_config<Config>(written, "/task", "written")) == written);
  });
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view text = fuzz::as_text(data, size);
  const std::string_view source = fuzz::cut_part(text);
  fuzz::may_refuse([&] {
    nlohmann::json document = parse_json_text(source, "input", true);
    fuzz::must(parse_json_text(json_text(document), "written") == document);
    round_trip<tasks::ArithmeticConfig>(document);
    round_trip<tasks::JsonlConfig>(document);
    fuzz::may_refuse([&] { rewards::make_reward(document, "/rewards/0", "input"); });
    fuzz::may_refuse([&] { apply_override(document, std::string(text)); });
    json_text(document);
  });
  return 0;
}
