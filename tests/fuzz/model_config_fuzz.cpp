// config.json: what is read must be written and read again as the same configuration.
#include "policy/model_config.h"

#include <nlohmann/json.hpp>

#include "core/json.h"
#include "tests/fuzz/fuzz_input.h"

using namespace reckon;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::may_refuse([&] {
    const auto text = fuzz::as_text(data, size);
    const auto config = policy::parse_model_config(parse_json_text(text, "config.json"), "input");
    fuzz::must(config.num_parameters() > 0);
    const auto written = policy::write_model_config(config);
    fuzz::must(policy::write_model_config(policy::parse_model_config(written, "written")) ==
               written);
  });
  return 0;
}
