#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "policy/model_config.h"

namespace reckon::policy {

/// One tensor of a model under both names. Where `rotary_heads` is not 0 a GGUF file holds the rows
/// of each of so many heads in another order: the two halves of a head interleaved, row i of the
/// first half followed by row i of the second.
struct ModelTensor {
  std::string hf_name;
  std::string gguf_name;
  std::vector<std::int64_t> shape;
  std::int64_t rotary_heads = 0;
};

/// All tensors of a model of this configuration, in the order of the layers; a tied head is not
/// among them.
std::vector<ModelTensor> model_tensors(const ModelConfig& config);

/// The row of a GGUF tensor that holds row `row` of the Hugging Face tensor.
std::int64_t gguf_row(const ModelTensor& tensor, std::int64_t row);

}  // namespace reckon::policy
