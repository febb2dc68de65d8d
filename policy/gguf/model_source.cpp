#include "policy/gguf/model_source.h"

#include <fmt/ranges.h>

#include <cstring>
#include <nlohmann/json.hpp>
#include <set>

#include "core/error.h"
#include "core/json.h"
#include "policy/gguf/gguf_model.h"
#include "policy/gguf/gguf_tensors.h"
#include "policy/gguf/gguf_tokenizer.h"
#include "policy/gguf/quants.h"
#include "policy/model_config_members.h"
#include "policy/weight_files.h"

namespace reckon::policy {
namespace {

namespace fs = std::filesystem;

// The GGUF type of the same bytes; none for types without one.
std::optional<GgmlType> ggml_type(TensorType type) {
  switch (type) {
    case TensorType::f32:
      return GgmlType::f32;
    case TensorType::f16:
      return GgmlType::f16;
    case TensorType::bf16:
      return GgmlType::bf16;
    default:
      return {};
  }
}

void read_doubles(std::span<const std::byte> bytes, std::span<float> values) {
  for (std::size_t i = 0; i < values.size(); ++i) {
    double value;
    std::memcpy(&value, bytes.data() + i * sizeof value, sizeof value);
    values[i] = static_cast<float>(value);
  }
}

// Notes the types of matrices until two differ.
class CommonType {
 public:
  void see(std::optional<GgmlType> type) {
    common_ = seen_ && common_ != type ? std::nullopt : type;
    mixed_ = mixed_ || (seen_ && !common_);
    seen_ = true;
  }

  std::optional<GgmlType> result() const {
    const bool plain =
        common_ == GgmlType::f32 || common_ == GgmlType::f16 || common_ == GgmlType::bf16;
    return plain && !mixed_ ? common_ : std::nullopt;
  }

 private:
  std::optional<GgmlType> common_;
  bool seen_ = false;
  bool mixed_ = false;
};

// Buffers that older programs saved with the weights; they follow from the configuration.
bool is_rotary_buffer(const std::string& name) {
  return name.ends_with(".self_attn.rotary_emb.inv_freq");
}

void check_surplus(const WeightFiles& files, const ModelConfig& config,
                   const std::vector<ModelTensor>& tensors) {
  std::set<std::string_view> known;
  for (const ModelTensor& tensor : tensors) known.insert(tensor.hf_name);
  if (config.tie_word_embeddings) known.insert("lm_head.weight");  // the embedding again
  for (const std::string& name : files.names()) {
    if (known.contains(name) || is_rotary_buffer(name)) continue;
    fail(ErrorCode::unsupported, "expected only tensors of this architecture, got {}, in {}",
         json_summary(nlohmann::json(name)), files.path_of(name).string());
  }
}

SourceTensor folder_tensor(const std::shared_ptr<const WeightFiles>& files,
                           const ModelTensor& expected) {
  const TensorView* view = files->find(expected.hf_name);
  check(view != nullptr, ErrorCode::corrupt, "expected the tensor {}, got none, in {}",
        expected.hf_name, files->path().string());
  const std::string place = files->path_of(expected.hf_name).string() + "/" + expected.hf_name;
  if (view->shape != expected.shape) {
    fail(ErrorCode::corrupt, "expected the shape [{}], got [{}], in {}",
         fmt::join(expected.shape, ", "), fmt::join(view->shape, ", "), place);
  }
  check(ggml_type(view->type) || view->type == TensorType::f64, ErrorCode::unsupported,
        "expected F64, F32, F16 or BF16, got {}, in {}", tensor_type_name(view->type), place);
  const auto fill = [files, view](std::span<float> values) {
    const std::optional<GgmlType> type = ggml_type(view->type);
    if (type) {
      dequantize(*type, view->bytes, values);
    } else {
      read_doubles(view->bytes, values);
    }
  };
  return {expected.hf_name, expected.shape, fill};
}

// The ids that end a text when the model generates; often more than those of config.json.
void read_generation_config(const fs::path& folder, ModelConfig& config) {
  const fs::path path = folder / "generation_config.json";
  std::error_code ignored;
  if (!fs::exists(path, ignored)) return;
  const nlohmann::json document = read_json_file(path);
  const std::vector<std::int64_t> ids = ConfigMembers(document, path.string()).ids("eos_token_id");
  if (!ids.empty()) config.eos_token_ids = ids;
}

ModelSource open_folder(const fs::path& folder) {
  ModelSource source;
  const fs::path config_path = folder / "config.json";
  source.config = parse_model_config(read_json_file(config_path), config_path.string());
  read_generation_config(folder, source.config);
  std::error_code ignored;
  if (fs::exists(folder / "tokenizer.json", ignored)) source.tokenizer = load_tokenizer(folder);
  const auto files = std::make_shared<const WeightFiles>(WeightFiles::open(folder));
  const std::vector<ModelTensor> tensors = model_tensors(source.config);
  CommonType type;
  for (const ModelTensor& tensor : tensors) {
    source.tensors.push_back(folder_tensor(files, tensor));
    if (tensor.shape.size() > 1) type.see(ggml_type(files->find(tensor.hf_name)->type));
  }
  check_surplus(*files, source.config, tensors);
  source.type = type.result();
  return source;
}

ModelSource open_gguf(const fs::path& path) {
  const auto model = std::make_shared<const GgufModel>(GgufModel::open(path));
  ModelSource source;
  source.config = model->config();
  if (has_gguf_tokenizer(model->file())) source.tokenizer = model->tokenizer();
  CommonType type;
  for (const std::string& name : model->names()) {
    const std::vector<std::int64_t>& shape = model->shape(name);
    if (shape.size() > 1) type.see(model->type(name));
    source.tensors.push_back(
        {name, shape, [model, name](std::span<float> values) { model->read(name, values); }});
  }
  source.type = type.result();
  return source;
}

}  // namespace

ModelSource open_model_source(const fs::path& path) {
  std::error_code ignored;
  check(fs::exists(path, ignored), ErrorCode::not_found,
        "expected a model folder or a GGUF file, got nothing, at {}", path.string());
  return fs::is_directory(path, ignored) ? open_folder(path) : open_gguf(path);
}

}  // namespace reckon::policy
