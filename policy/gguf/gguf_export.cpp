#include "policy/gguf/gguf_export.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <map>

#include "core/error.h"
#include "policy/gguf/gguf_config.h"
#include "policy/gguf/gguf_metadata_writer.h"
#include "policy/gguf/gguf_rope.h"
#include "policy/gguf/gguf_tensors.h"
#include "policy/gguf/gguf_writer.h"

namespace reckon::policy {
namespace {

constexpr std::uint32_t kQuantizationVersion = 2;  // of ggml's block layouts

// The numbers of `general.file_type`.
std::uint32_t file_type(GgmlType type) {
  switch (type) {
    case GgmlType::f32:
      return 0;
    case GgmlType::f16:
      return 1;
    case GgmlType::bf16:
      return 32;
    case GgmlType::q8_0:
      return 7;
    default:
      fail(ErrorCode::unsupported, "expected F32, F16, BF16 or Q8_0 to write, got {}",
           ggml_type_info(type).name);
  }
}

GgmlType stored_type(const ModelTensor& tensor, GgmlType wanted) {
  if (tensor.shape.size() == 1) return GgmlType::f32;
  const bool whole = tensor.shape.back() % 32 == 0;
  return wanted == GgmlType::q8_0 && !whole ? GgmlType::f16 : wanted;
}

// Gives the values of a tensor with its rows in the file's order.
void fill_in_file_order(const ModelTensor& tensor, const SourceTensor& source,
                        std::span<float> values) {
  if (tensor.rotary_heads == 0) {
    source.fill(values);
    return;
  }
  std::vector<float> rows(values.size());
  source.fill(rows);
  const std::size_t width = values.size() / static_cast<std::size_t>(tensor.shape.front());
  for (std::int64_t row = 0; row < tensor.shape.front(); ++row) {
    const auto from = static_cast<std::size_t>(row) * width;
    const auto to = static_cast<std::size_t>(gguf_row(tensor, row)) * width;
    std::copy_n(rows.begin() + static_cast<std::ptrdiff_t>(from), width,
                values.begin() + static_cast<std::ptrdiff_t>(to));
  }
}

void add_tensors(const ModelConfig& config, std::vector<SourceTensor> sources, GgmlType type,
                 GgufWriter& writer) {
  std::map<std::string, SourceTensor> by_name;
  for (SourceTensor& source : sources) by_name[source.name] = std::move(source);
  if (config.rope_scaling.kind == RopeScaling::Kind::llama3) {
    const std::vector<float> factors = rope_factors(config, config.rope_scaling);
    const auto fill = [factors](std::span<float> values) {
      std::copy(factors.begin(), factors.end(), values.begin());
    };
    writer.add_tensor({kRopeFactorsName, GgmlType::f32, {config.head_dim / 2}, fill});
  }
  for (ModelTensor& tensor : model_tensors(config)) {
    auto source = by_name.extract(tensor.hf_name);
    check(!source.empty(), ErrorCode::invalid_argument, "expected the tensor {}, got none",
          tensor.hf_name);
    if (source.mapped().shape != tensor.shape) {
      fail(ErrorCode::invalid_argument, "expected the shape [{}], got [{}], for {}",
           fmt::join(tensor.shape, ", "), fmt::join(source.mapped().shape, ", "), tensor.hf_name);
    }
    GgufOutputTensor output{tensor.gguf_name, stored_type(tensor, type), tensor.shape, {}};
    output.fill = [tensor = std::move(tensor), source = std::move(source.mapped())](
                      std::span<float> values) { fill_in_file_order(tensor, source, values); };
    writer.add_tensor(std::move(output));
  }
  // Some writers repeat a tied head, which is the embedding again.
  if (config.tie_word_embeddings) by_name.erase("lm_head.weight");
  check(by_name.empty(), ErrorCode::invalid_argument,
        "expected only tensors of this architecture, got {}",
        by_name.empty() ? "" : by_name.begin()->first);
}

}  // namespace

std::vector<std::string> write_gguf(const std::filesystem::path& path, const ModelConfig& config,
                                    const Tokenizer* tokenizer, std::vector<SourceTensor> tensors,
                                    const GgufExportOptions& options) {
  GgufWriter writer;
  writer.add_text("general.architecture", gguf_architecture(config.architecture));
  writer.add_text("general.type", "model");
  if (!options.name.empty()) writer.add_text("general.name", options.name);
  writer.add_integer("general.file_type", file_type(options.type));
  writer.add_integer("general.quantization_version", kQuantizationVersion);
  add_config_metadata(config, writer);
  std::vector<std::string> warnings = add_tokenizer_metadata(config, tokenizer, writer);
  const std::size_t count = tensors.size();
  add_tensors(config, std::move(tensors), options.type, writer);
  writer.write(path, [&](std::size_t done) {
    if (options.progress) options.progress(std::min(done, count), count);
  });
  return warnings;
}

}  // namespace reckon::policy
