#include "policy/pretrained.h"

#include <nlohmann/json.hpp>
#include <set>

#include "core/error.h"
#include "core/files.h"
#include "core/json.h"
#include "policy/tensor_file.h"

namespace reckon::policy {

namespace {

// Throws unless the file holds exactly the tensors of the configuration. Without memory for them:
// a configuration may ask for any size, the file is as large as it is.
void check_tensors(const ModelConfig& config, const SafetensorsFile& file,
                   const std::filesystem::path& path) {
  const Transformer outline(config, at::TensorOptions().device(at::kMeta));
  std::set<std::string> known;
  for (const auto& [name, view] : outline.named_views()) {
    check_tensor(file, path, name, view.sizes());
    known.insert(name);
  }
  for (const std::string& name : file.names()) {
    // Some writers repeat a tied head, which is the embedding again.
    const bool tied_head = config.tie_word_embeddings && name == "lm_head.weight";
    check(known.contains(name) || tied_head, ErrorCode::unsupported,
          "expected only tensors of this architecture, got {}, in {}", name, path.string());
  }
}

}  // namespace

std::unique_ptr<Transformer> load_transformer(const std::filesystem::path& folder,
                                              const at::TensorOptions& options) {
  const auto config_path = folder / "config.json";
  const auto config = parse_model_config(read_json_file(config_path), config_path.string());
  const auto path = folder / "model.safetensors";
  const auto file = SafetensorsFile::open(path);
  check_tensors(config, file, path);
  auto model = std::make_unique<Transformer>(config, options);
  for (const auto& [name, view] : model->named_views()) read_tensor_into(file, path, name, view);
  model->repack();
  return model;
}
Pretrained load_pretrained(const std::filesystem::path& folder, const at::TensorOptions& options) {
  check(std::filesystem::is_directory(folder), ErrorCode::not_found,
        "expected a model folder, got nothing of that kind, in {}", folder.string());
  Pretrained loaded{load_transformer(folder, options), load_tokenizer(folder)};
  check(loaded.tokenizer->vocab_size() <= loaded.model->config().vocab_size, ErrorCode::corrupt,
        "expected a tokenizer of at most {} tokens, got {}, in {}",
        loaded.model->config().vocab_size, loaded.tokenizer->vocab_size(), folder.string());
  return loaded;
}

void save_pretrained(const Transformer& model, const Tokenizer& tokenizer,
                     const std::filesystem::path& folder) {
  write_file_atomic(folder / "config.json",
                    json_text(write_model_config(model.config()), 2) + "\n");
  save_tensors(folder / "model.safetensors", model.named_views(), {{"format", "pt"}});
  tokenizer.save(folder);
}

}  // namespace reckon::policy
