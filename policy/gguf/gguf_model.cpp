#include "policy/gguf/gguf_model.h"

#include <fmt/ranges.h>

#include <cstring>
#include <nlohmann/json.hpp>
#include <set>

#include "core/error.h"
#include "core/json.h"
#include "policy/gguf/gguf_config.h"
#include "policy/gguf/gguf_rope.h"
#include "policy/gguf/gguf_tokenizer.h"
#include "policy/gguf/quants.h"

namespace reckon::policy {
namespace {

std::string shown(std::string_view name) { return json_summary(nlohmann::json(name)); }

// The file must hold the tensors of the configuration in their shapes and no other.
void check_tensors(const GgufFile& file, const ModelConfig& config,
                   const std::vector<ModelTensor>& tensors) {
  std::set<std::string_view> known;
  if (config.architecture == Architecture::llama) known.insert(kRopeFactorsName);
  for (const ModelTensor& expected : tensors) {
    const std::string place = file.file_name() + "/" + expected.gguf_name;
    const GgufTensor* tensor = file.find_tensor(expected.gguf_name);
    check(tensor != nullptr, ErrorCode::corrupt, "expected a tensor, got none, in {}", place);
    if (tensor->shape != expected.shape) {
      fail(ErrorCode::corrupt, "expected the shape [{}], got [{}], in {}",
           fmt::join(expected.shape, ", "), fmt::join(tensor->shape, ", "), place);
    }
    known.insert(expected.gguf_name);
  }
  for (const std::string& name : file.names()) {
    check(known.contains(name), ErrorCode::unsupported,
          "expected only tensors of this architecture, got {}, in {}",
          known.contains(name) ? "" : shown(name), file.file_name());
  }
}

}  // namespace

GgufModel::GgufModel(GgufFile file) : file_(std::move(file)), config_(read_gguf_config(file_)) {
  std::vector<ModelTensor> tensors = model_tensors(config_);
  check_tensors(file_, config_, tensors);
  for (ModelTensor& tensor : tensors) {
    names_.push_back(tensor.hf_name);
    tensors_.emplace(tensor.hf_name, std::move(tensor));
  }
}

GgufModel GgufModel::open(const std::filesystem::path& path) {
  return GgufModel(GgufFile::open(path));
}

const ModelTensor& GgufModel::at(const std::string& name) const {
  const auto found = tensors_.find(name);
  if (found == tensors_.end()) {
    fail(ErrorCode::not_found, "expected a tensor {}, got none of that name, in {}", shown(name),
         file_.file_name());
  }
  return found->second;
}

const std::vector<std::int64_t>& GgufModel::shape(const std::string& name) const {
  return at(name).shape;
}

GgmlType GgufModel::type(const std::string& name) const {
  return file_.find_tensor(at(name).gguf_name)->type;
}

std::unique_ptr<Tokenizer> GgufModel::tokenizer() const {
  std::unique_ptr<Tokenizer> tokenizer = read_gguf_tokenizer(file_);
  check(tokenizer->vocab_size() <= config_.vocab_size, ErrorCode::corrupt,
        "expected a tokenizer of at most {} tokens, got {}, in {}", config_.vocab_size,
        tokenizer->vocab_size(), file_.file_name());
  return tokenizer;
}

void GgufModel::read(const std::string& name, std::span<float> values) const {
  const ModelTensor& model_tensor = at(name);
  const GgufTensor& tensor = *file_.find_tensor(model_tensor.gguf_name);
  check(values.size() == static_cast<std::size_t>(tensor.size()), ErrorCode::invalid_argument,
        "expected room for {} values, got {}, for {}", tensor.size(), values.size(), name);
  if (model_tensor.rotary_heads == 0) {
    dequantize(tensor.type, tensor.bytes, values);
    return;
  }
  // Rows of a bias are single values, of which no quantised type could decode one alone.
  const auto rows = static_cast<std::size_t>(tensor.shape.front());
  const std::size_t width = values.size() / rows;
  std::vector<float> bias(width == 1 ? values.size() : 0);
  if (width == 1) dequantize(tensor.type, tensor.bytes, bias);
  const std::size_t row_bytes = tensor.bytes.size() / rows;
  for (std::size_t row = 0; row < rows; ++row) {
    const auto from =
        static_cast<std::size_t>(gguf_row(model_tensor, static_cast<std::int64_t>(row)));
    if (width == 1) {
      values[row] = bias[from];
    } else {
      dequantize(tensor.type, tensor.bytes.subspan(from * row_bytes, row_bytes),
                 values.subspan(row * width, width));
    }
  }
}

}  // namespace reckon::policy
