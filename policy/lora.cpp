#include "policy/lora.h"

#include <fmt/ranges.h>

#include <array>
#include <nlohmann/json.hpp>

#include "core/error.h"
#include "core/files.h"
#include "core/json.h"
#include "core/philox.h"
#include "policy/transformer.h"

namespace reckon::policy {
namespace {

using nlohmann::json;

constexpr const char* kConfigFile = "adapter_config.json";
constexpr const char* kTensorFile = "adapter_model.safetensors";
constexpr int64_t kLargestRank = 4096;

// "q_proj" of "self_attn.q_proj".
std::string last_part(const std::string& path) { return path.substr(path.rfind('.') + 1); }

constexpr std::array<const char*, 7> kModules = {"q_proj",    "k_proj",  "v_proj",   "o_proj",
                                                 "gate_proj", "up_proj", "down_proj"};

// Fills with U(-bound, bound), one Philox sequence for each matrix.
void fill_uniform(at::Tensor tensor, double bound, const RandomStream& stream, uint32_t index) {
  RandomSequence draws(stream, 1, index);
  auto values = at::empty(tensor.sizes(), at::TensorOptions().dtype(at::kDouble));
  auto* data = values.data_ptr<double>();
  for (int64_t i = 0; i < values.numel(); ++i) data[i] = (2.0 * draws.next_uniform() - 1.0) * bound;
  tensor.copy_(values);
}

// Members that change what an adapter computes, and the values that change nothing.
void check_plain_lora(const json& object, const std::string& file) {
  const auto check_one = [&](const char* key, const std::vector<json>& allowed) {
    if (!object.contains(key)) return;
    check(std::find(allowed.begin(), allowed.end(), object.at(key)) != allowed.end(),
          ErrorCode::unsupported, "expected {}, got {}, in {}/{}", json_text(allowed.front()),
          json_summary(object.at(key)), file, key);
  };
  const json none = nullptr, empty = json::object(), list = json::array();
  check_one("peft_type", {"LORA"});
  check_one("bias", {"none"});
  for (const char* key : {"use_dora", "use_rslora", "fan_in_fan_out", "use_qalora", "lora_bias"}) {
    check_one(key, {false, none});
  }
  for (const char* key :
       {"rank_pattern", "alpha_pattern", "layers_to_transform", "layers_pattern", "exclude_modules",
        "modules_to_save", "target_parameters", "trainable_token_indices", "layer_replication",
        "megatron_config", "alora_invocation_tokens"}) {
    check_one(key, {none, empty, list});
  }
}

}  // namespace

std::vector<std::string> lora_modules(const std::vector<std::string>& target_modules,
                                      const std::string& place) {
  const auto asked = [&](const std::string& name) {
    return std::find(target_modules.begin(), target_modules.end(), name) != target_modules.end();
  };
  for (const std::string& name : target_modules) {
    check(
        name == "all-linear" || std::find(kModules.begin(), kModules.end(), name) != kModules.end(),
        ErrorCode::invalid_argument, "expected some of {} or all-linear, got \"{}\", in {}",
        fmt::join(kModules, ", "), name, place);
  }
  check(!target_modules.empty(), ErrorCode::invalid_argument,
        "expected at least one projection, got none, in {}", place);
  std::vector<std::string> chosen;
  for (const char* name : kModules) {
    if (asked("all-linear") || asked(name)) chosen.push_back(name);
  }
  return chosen;
}

void Transformer::add_adapters(const LoraConfig& config, uint64_t seed, uint32_t stage) {
  check(!lora_, ErrorCode::invalid_argument,
        "expected a model without an adapter, got one that has it");
  check(config.rank >= 1 && config.rank <= kLargestRank, ErrorCode::invalid_argument,
        "expected a rank of 1 to {}, got {}, in lora_r", kLargestRank, config.rank);
  check(std::isfinite(config.alpha), ErrorCode::invalid_argument,
        "expected a finite number, got {}, in lora_alpha", config.alpha);
  const at::NoGradGuard no_grad;
  requires_grad(false);
  lora_ = config;
  lora_->target_modules = lora_modules(config.target_modules, "lora_target_modules");
  const RandomStream stream({seed, stage, Purpose::init, 0});
  uint32_t index = 0;
  for (TransformerLayer& layer : layers_) {
    for (const LinearPart& part : linear_parts(config_)) {
      const auto& chosen = lora_->target_modules;
      if (std::find(chosen.begin(), chosen.end(), last_part(part.name)) == chosen.end()) continue;
      Linear& linear = layer.*part.fused;
      LowRankPart adapter{part.first_row, at::empty({config.rank, linear.inputs()}, options_),
                          at::zeros({part.rows, config.rank}, options_)};
      fill_uniform(adapter.a, 1.0 / std::sqrt(static_cast<double>(linear.inputs())), stream,
                   index++);
      linear.adapters.push_back(std::move(adapter));
      linear.adapter_scale = config.scale();
    }
  }
  repack();
}

void Transformer::merge_adapters() {
  const at::NoGradGuard no_grad;
  for (Linear* linear : linears()) {
    if (linear->adapters.empty()) continue;
    linear->weight.detach().copy_(linear->merged_weight());
    linear->adapters.clear();
  }
  lora_.reset();
  repack();
}

std::unique_ptr<Transformer> Transformer::base_model() const {
  auto base = std::make_unique<Transformer>(config_, options_);
  base->embedding_ = embedding_.detach();
  base->final_norm_ = final_norm_.detach();
  base->layers_ = layers_;
  base->head_ = head_;
  for (Linear* linear : base->linears()) linear->adapters.clear();
  base->repack();
  return base;
}

std::vector<at::Tensor> Transformer::trainable_parameters() const {
  if (!lora_) return parameters();
  std::vector<at::Tensor> all;
  for (const auto& [name, tensor] : adapter_tensors(*this)) all.push_back(tensor);
  return all;
}

NamedTensors adapter_tensors(const Transformer& model) {
  NamedTensors out;
  const auto parts = linear_parts(model.config());
  for (size_t i = 0; i < model.layers().size(); ++i) {
    for (const LinearPart& part : parts) {
      for (const LowRankPart& adapter : (model.layers()[i].*part.fused).adapters) {
        if (adapter.first_row != part.first_row) continue;
        const auto prefix = fmt::format("base_model.model.model.layers.{}.{}.", i, part.name);
        out.emplace_back(prefix + "lora_A.weight", adapter.a);
        out.emplace_back(prefix + "lora_B.weight", adapter.b);
      }
    }
  }
  return out;
}

NamedTensors merged_tensors(const Transformer& model) {
  NamedTensors out = model.named_views();
  if (!model.lora()) return out;
  for (size_t i = 0; i < model.layers().size(); ++i) {
    for (const LinearPart& part : linear_parts(model.config())) {
      const Linear& linear = model.layers()[i].*part.fused;
      if (linear.adapters.empty()) continue;
      const auto name = fmt::format("model.layers.{}.{}.weight", i, part.name);
      const auto place = std::find_if(out.begin(), out.end(),
                                      [&](const auto& entry) { return entry.first == name; });
      place->second = linear.merged_weight().narrow(0, part.first_row, part.rows).clone();
    }
  }
  return out;
}

void save_adapter(const Transformer& model, const std::filesystem::path& folder) {
  check(model.lora().has_value(), ErrorCode::invalid_argument,
        "expected a model with an adapter, got one without, for {}", folder.string());
  const LoraConfig& config = *model.lora();
  const json object = {{"peft_type", "LORA"},
                       {"task_type", "CAUSAL_LM"},
                       {"base_model_name_or_path", config.base_model},
                       {"r", config.rank},
                       {"lora_alpha", config.alpha},
                       {"lora_dropout", 0.0},
                       {"target_modules", config.target_modules},
                       {"bias", "none"},
                       {"fan_in_fan_out", false},
                       {"init_lora_weights", true},
                       {"inference_mode", true},
                       {"use_dora", false},
                       {"use_rslora", false}};
  write_file_atomic(folder / kConfigFile, json_text(object, 2) + "\n");
  save_tensors(folder / kTensorFile, adapter_tensors(model), {{"format", "pt"}});
}

void load_adapter(const std::filesystem::path& folder, Transformer& model) {
  const at::NoGradGuard no_grad;
  const auto path = folder / kTensorFile;
  const auto file = SafetensorsFile::open(path);
  const auto tensors = adapter_tensors(model);
  check(file.names().size() == tensors.size(), ErrorCode::corrupt,
        "expected {} tensors of an adapter, got {}, in {}", tensors.size(), file.names().size(),
        path.string());
  for (const auto& [name, tensor] : tensors) read_tensor_into(file, path, name, tensor.detach());
  model.repack();
}

bool is_adapter_folder(const std::filesystem::path& folder) {
  return std::filesystem::is_regular_file(folder / kConfigFile);
}

LoraConfig read_adapter_config(const std::filesystem::path& folder) {
  const auto path = (folder / kConfigFile).string();
  const json object = read_json_file(path);
  check(object.is_object(), ErrorCode::corrupt, "expected an object, got {}, in {}",
        json_summary(object), path);
  check_plain_lora(object, path);
  LoraConfig config;
  try {
    config.rank = object.at("r").get<int64_t>();
    config.alpha = object.at("lora_alpha").get<double>();
    config.base_model = object.at("base_model_name_or_path").get<std::string>();
    const json& targets = object.at("target_modules");
    config.target_modules = targets.is_string()
                                ? std::vector<std::string>{targets.get<std::string>()}
                                : targets.get<std::vector<std::string>>();
  } catch (const json::exception& error) {
    fail(ErrorCode::corrupt,
         "expected r, lora_alpha, target_modules and base_model_name_or_path, got: {}, in {}",
         error.what(), path);
  }
  config.target_modules = lora_modules(config.target_modules, path + "/target_modules");
  check(config.rank >= 1 && config.rank <= kLargestRank && std::isfinite(config.alpha),
        ErrorCode::corrupt, "expected a rank of 1 to {} and a finite alpha, got {} and {}, in {}",
        kLargestRank, config.rank, config.alpha, path);
  return config;
}

}  // namespace reckon::policy
