#include "policy/pretrained.h"

#include <nlohmann/json.hpp>

#include "core/error.h"
#include "core/files.h"
#include "core/json.h"
#include "policy/gguf/model_source.h"
#include "policy/model_files.h"
#include "policy/tensor_file.h"
#include "policy/weight_files.h"

namespace reckon::policy {
namespace {

// Checked by `open_model_source` against the files, so a configuration that asks for more than
// they hold costs no memory.
std::unique_ptr<Transformer> build(const ModelSource& source, const std::filesystem::path& path,
                                   const at::TensorOptions& options) {
  const at::NoGradGuard no_grad;
  auto model = std::make_unique<Transformer>(source.config, options);
  std::map<std::string, at::Tensor> targets;
  for (const auto& [name, view] : model->named_views()) targets.emplace(name, view);
  const bool wide = c10::typeMetaToScalarType(options.dtype()) == at::kDouble;
  const std::optional<WeightFiles> files =
      wide && !is_gguf_path(path) ? std::optional(WeightFiles::open(path)) : std::nullopt;
  for (const SourceTensor& tensor : source.tensors) {
    at::Tensor& target = targets.at(tensor.name);
    if (files) {  // float64 files keep all their digits
      target.copy_(read_tensor(*files->find(tensor.name)));
      continue;
    }
    auto values = at::empty(tensor.shape, at::TensorOptions().dtype(at::kFloat));
    tensor.fill({values.data_ptr<float>(), static_cast<size_t>(values.numel())});
    target.copy_(values);
  }
  model->repack();
  return model;
}

Pretrained load_base(const std::filesystem::path& path, const at::TensorOptions& options) {
  check(std::filesystem::exists(path), ErrorCode::not_found,
        "expected a model folder or a GGUF file, got nothing of that kind, in {}", path.string());
  const ModelSource source = open_model_source(path);
  Pretrained loaded{build(source, path, options), source.tokenizer,
                    std::filesystem::absolute(path).lexically_normal()};
  if (!loaded.tokenizer) loaded.tokenizer = load_model_tokenizer(path);
  check(loaded.tokenizer->vocab_size() <= loaded.model->config().vocab_size, ErrorCode::corrupt,
        "expected a tokenizer of at most {} tokens, got {}, in {}",
        loaded.model->config().vocab_size, loaded.tokenizer->vocab_size(), path.string());
  return loaded;
}

// The base of an adapter: a path as it is, or else beside the adapter.
std::filesystem::path base_of(const LoraConfig& config, const std::filesystem::path& folder) {
  if (std::filesystem::exists(config.base_model)) return config.base_model;
  const auto beside = folder / config.base_model;
  check(!config.base_model.empty() && std::filesystem::exists(beside), ErrorCode::not_found,
        "expected the path of a model, got \"{}\", in {}/base_model_name_or_path",
        config.base_model, (folder / "adapter_config.json").string());
  return beside;
}

void add_and_merge(const std::filesystem::path& adapter, const LoraConfig& config,
                   Transformer& model) {
  model.add_adapters(config, 0, 0);
  load_adapter(adapter, model);
  model.merge_adapters();
}

}  // namespace

std::unique_ptr<Transformer> load_transformer(const std::filesystem::path& path,
                                              const at::TensorOptions& options) {
  if (!is_adapter_folder(path)) return build(open_model_source(path), path, options);
  const LoraConfig config = read_adapter_config(path);
  const auto base = base_of(config, path);
  auto model = build(open_model_source(base), base, options);
  add_and_merge(path, config, *model);
  return model;
}

Pretrained load_pretrained(const std::filesystem::path& path, const at::TensorOptions& options) {
  if (!is_adapter_folder(path)) return load_base(path, options);
  const LoraConfig config = read_adapter_config(path);
  Pretrained loaded = load_base(base_of(config, path), options);
  add_and_merge(path, config, *loaded.model);
  loaded.source = std::filesystem::absolute(path).lexically_normal();
  return loaded;
}

void save_pretrained(const Transformer& model, const Tokenizer& tokenizer,
                     const std::filesystem::path& folder) {
  write_file_atomic(folder / "config.json",
                    json_text(write_model_config(model.config()), 2) + "\n");
  if (!model.config().eos_token_ids.empty()) {
    write_file_atomic(folder / "generation_config.json",
                      json_text({{"eos_token_id", model.config().eos_token_ids}}, 2) + "\n");
  }
  save_tensors(folder / "model.safetensors", merged_tensors(model), {{"format", "pt"}});
  tokenizer.save(folder);
}

}  // namespace reckon::policy
