#pragma once

#include <span>
#include <vector>

#include "policy/transformer.h"
#include "rollout/kv_cache.h"

namespace reckon::rollout {

/// One token to run through the model: it sees `prefix_length` tokens of `prefix` (may be null) and
/// the tokens 0 … slot of `cache`, into which its own key and value are stored at `slot`.
struct DecodeRow {
  int32_t token;
  const KvCache* prefix;
  int64_t prefix_length;
  KvCache* cache;
  int64_t slot;
};

/// Who works on the rows of a `RowDecoder`.
enum class DecodeThreads {
  calling,  ///< the calling thread alone: others decode other rows
  all       ///< all threads together: each reads a part of the weights, once for all rows
};

/// Runs rows of tokens through the transformer with the kernels that training uses, so that the
/// logits are those of a full forward pass bit for bit. Holds scratch memory: one a thread. The
/// policy must be float32 on the CPU and outlive it.
class RowDecoder {
 public:
  explicit RowDecoder(const policy::Transformer& policy,
                      DecodeThreads threads = DecodeThreads::calling);

  /// Logits [last `logit_rows` rows, V]; valid until the next call. Rows of one cache must be in
  /// ascending slots.
  std::span<const float> run(std::span<const DecodeRow> rows, int64_t logit_rows);

 private:
  void attention(const policy::TransformerLayer& layer, int64_t index,
                 std::span<const DecodeRow> rows);
  void mlp(const policy::TransformerLayer& layer, int64_t rows);
  void rotate_and_store(const policy::TransformerLayer& layer, int64_t index,
                        std::span<const DecodeRow> rows);
  void norm_rows(const float* x, const at::Tensor& weight, int64_t rows);
  void attend_row(const DecodeRow& row, int64_t index, int64_t layer);
  void apply(const policy::Linear& linear, const float* x, int64_t rows, float* y,
             policy::kernels::Store store) const;
  template <class Body>
  void for_rows(int64_t rows, Body body) const;

  const policy::Transformer& policy_;
  const policy::ModelConfig& config_;
  policy::kernels::AttentionShape shape_;
  DecodeThreads threads_;
  std::vector<float> x_, normed_, qkv_, mixed_, gate_up_, activated_, logits_;
};

}  // namespace reckon::rollout
