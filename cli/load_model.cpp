#include "cli/load_model.h"

#include "policy/compute.h"

namespace reckon::cli {

void add_model_options(CLI::App& command, ModelOptions& options) {
  command.add_option("MODEL", options.path, "Hugging Face folder or GGUF file")->required();
  command.add_option("--device", options.device, "auto, cpu, cuda or cuda:N")
      ->capture_default_str();
  command
      .add_option("--dtype", options.dtype,
                  "float32, or bfloat16 for weights rounded to it; sums stay float32")
      ->capture_default_str();
}

policy::Pretrained load_model(const ModelOptions& options) {
  const auto compute = policy::parse_compute(options.device, options.dtype, "--");
  auto loaded = policy::load_pretrained(options.path, compute.options());
  loaded.model->set_storage(compute.storage);
  return loaded;
}

}  // namespace reckon::cli
