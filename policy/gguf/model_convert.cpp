#include "policy/gguf/model_convert.h"

#include <unistd.h>

#include <nlohmann/json.hpp>

#include "core/error.h"
#include "core/files.h"
#include "core/json.h"
#include "core/safetensors.h"
#include "policy/gguf/gguf_export.h"
#include "policy/gguf/gguf_file.h"
#include "policy/gguf/model_source.h"
#include "policy/gguf/quants.h"

namespace reckon::policy {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

// The names of a type in a folder.
struct FolderType {
  TensorType type;
  const char* torch_name;
};

FolderType folder_type(GgmlType type) {
  switch (type) {
    case GgmlType::f32:
      return {TensorType::f32, "float32"};
    case GgmlType::f16:
      return {TensorType::f16, "float16"};
    case GgmlType::bf16:
      return {TensorType::bf16, "bfloat16"};
    default:
      fail(ErrorCode::invalid_argument,
           "expected F32, F16 or BF16 for a Hugging Face folder, got {}",
           ggml_type_info(type).name);
  }
}

bool is_gguf_name(const fs::path& path) { return path.extension() == ".gguf"; }

// A path that names its target in one way only: absolute, without `..` and a last slash. (`x/..`
// need not exist, and a path through it would seem to be free.)
fs::path plain_path(const fs::path& path) {
  check(!path.empty(), ErrorCode::invalid_argument, "expected the name of a model, got none");
  const fs::path plain = fs::absolute(path).lexically_normal();
  return plain.has_filename() ? plain : plain.parent_path();
}

// Throws unless `output` is free, or a model other than the input.
void check_output(const fs::path& input, const fs::path& output) {
  std::error_code ignored;
  if (!fs::exists(output, ignored)) return;
  check(!fs::equivalent(input, output, ignored), ErrorCode::invalid_argument,
        "expected an output other than the input, got {}", output.string());
  if (is_gguf_name(output)) {
    check(is_gguf_file(output), ErrorCode::invalid_argument,
          "expected a GGUF file or nothing to replace, got something else, at {}", output.string());
    return;
  }
  check(fs::is_directory(output, ignored), ErrorCode::invalid_argument,
        "expected a folder (or a name that ends in .gguf), got a file, at {}", output.string());
  const bool replaceable =
      fs::is_empty(output, ignored) || fs::exists(output / "config.json", ignored);
  check(replaceable, ErrorCode::invalid_argument,
        "expected an empty folder or one with a model, got other files, in {}", output.string());
}

// The tensors of one file of weights, encoded.
struct Shard {
  std::vector<NamedTensor> tensors;
  std::vector<std::vector<std::byte>> data;
  std::size_t bytes = 0;
};

std::size_t value_count(const SourceTensor& tensor) {
  std::size_t count = 1;
  for (const std::int64_t size : tensor.shape) count *= static_cast<std::size_t>(size);
  return count;
}

// Writes the weights of a folder: one file, or several with an index.
class WeightsWriter {
 public:
  WeightsWriter(const fs::path& folder, GgmlType type, const ConvertOptions& options)
      : folder_(folder), type_(type), file_type_(folder_type(type).type), options_(options) {}

  void write(const std::vector<SourceTensor>& tensors) {
    plan(tensors);
    std::size_t done = 0;
    for (std::size_t i = 0; i < plan_.size(); ++i) {
      Shard shard;
      for (const SourceTensor* tensor : plan_[i]) {
        add(*tensor, shard);
        if (options_.progress) options_.progress(++done, tensors.size());
      }
      write_shard(file_name(i), shard);
    }
    if (plan_.size() > 1) write_index();
  }

 private:
  std::size_t bytes_of(const SourceTensor& tensor) const {
    return value_count(tensor) * tensor_type_size(file_type_);
  }

  void plan(const std::vector<SourceTensor>& tensors) {
    std::size_t bytes = 0;
    for (const SourceTensor& tensor : tensors) {
      if (plan_.empty() || bytes + bytes_of(tensor) > options_.shard_bytes) {
        plan_.emplace_back();
        bytes = 0;
      }
      plan_.back().push_back(&tensor);
      bytes += bytes_of(tensor);
    }
  }

  std::string file_name(std::size_t i) const {
    if (plan_.size() == 1) return "model.safetensors";
    return fmt::format("model-{:05}-of-{:05}.safetensors", i + 1, plan_.size());
  }

  void add(const SourceTensor& tensor, Shard& shard) const {
    std::vector<float> values(value_count(tensor));
    tensor.fill(values);
    shard.data.emplace_back(bytes_of(tensor));
    quantize(type_, values, shard.data.back());
    shard.tensors.push_back({tensor.name, file_type_, tensor.shape, shard.data.back()});
  }

  void write_shard(const std::string& name, const Shard& shard) {
    for (const NamedTensor& tensor : shard.tensors) {
      weight_map_[tensor.name] = name;
      total_bytes_ += tensor.bytes.size();
    }
    write_safetensors(folder_ / name, shard.tensors, {{"format", "pt"}});
  }

  void write_index() const {
    const json index = {{"metadata", {{"total_size", total_bytes_}}}, {"weight_map", weight_map_}};
    write_file_atomic(folder_ / "model.safetensors.index.json", json_text(index, 2) + "\n");
  }

  const fs::path& folder_;
  GgmlType type_;
  TensorType file_type_;
  const ConvertOptions& options_;
  std::vector<std::vector<const SourceTensor*>> plan_;  // by file
  json weight_map_ = json::object();
  std::size_t total_bytes_ = 0;
};

// The ids of special tokens, which transformers takes from here when it generates.
json generation_config(const ModelConfig& config) {
  json out = {{"_from_model_config", true}};
  const auto& ends = config.eos_token_ids;
  if (ends.size() == 1) out["eos_token_id"] = ends.front();
  if (ends.size() > 1) out["eos_token_id"] = ends;
  if (config.bos_token_id) out["bos_token_id"] = *config.bos_token_id;
  if (config.pad_token_id) out["pad_token_id"] = *config.pad_token_id;
  return out;
}

// A new folder beside `final_folder`, so that it can be renamed; removed if that does not happen.
class UnfinishedFolder {
 public:
  explicit UnfinishedFolder(const fs::path& final_folder) : path_(final_folder) {
    path_ += fmt::format(".tmp-{}", getpid());
    std::error_code error;
    fs::create_directories(path_, error);
    check(!error, ErrorCode::io, "expected to create a folder, got \"{}\", at {}", error.message(),
          path_.string());
  }
  UnfinishedFolder(const UnfinishedFolder&) = delete;
  UnfinishedFolder& operator=(const UnfinishedFolder&) = delete;
  ~UnfinishedFolder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }

  const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

void write_folder(const fs::path& output, const ModelSource& source, GgmlType type,
                  const ConvertOptions& options) {
  const char* torch_name = folder_type(type).torch_name;
  const UnfinishedFolder folder(output);
  json config = write_model_config(source.config);
  config["torch_dtype"] = torch_name;
  write_file_atomic(folder.path() / "config.json", json_text(config, 2) + "\n");
  write_file_atomic(folder.path() / "generation_config.json",
                    json_text(generation_config(source.config), 2) + "\n");
  if (source.tokenizer) source.tokenizer->save(folder.path());
  WeightsWriter(folder.path(), type, options).write(source.tensors);
  publish_folder(folder.path(), output);
}

}  // namespace

ConvertResult convert_model(const fs::path& input_path, const fs::path& output_path,
                            const ConvertOptions& options) {
  const fs::path input = plain_path(input_path), output = plain_path(output_path);
  check_output(input, output);
  ModelSource source = open_model_source(input);
  ConvertResult result;
  result.type = options.type.value_or(source.type.value_or(GgmlType::f16));
  if (!source.tokenizer) result.warnings.push_back("the model has no tokenizer");
  if (!is_gguf_name(output)) {
    write_folder(output, source, result.type, options);
    return result;
  }
  const std::vector<std::string> warnings = write_gguf(
      output, source.config, source.tokenizer.get(), std::move(source.tensors),
      {.type = result.type, .name = input.stem().string(), .progress = options.progress});
  result.warnings.insert(result.warnings.end(), warnings.begin(), warnings.end());
  return result;
}

}  // namespace reckon::policy
