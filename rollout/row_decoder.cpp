#include "rollout/row_decoder.h"

#include <array>

#include "policy/kernels/rowwise.h"
#include "policy/kernels/vec.h"

namespace reckon::rollout {
namespace {

namespace kernels = policy::kernels;
using kernels::Store;

void resize(std::vector<float>& buffer, int64_t size) {
  if (static_cast<int64_t>(buffer.size()) < size) buffer.resize(static_cast<size_t>(size));
}

}  // namespace

RowDecoder::RowDecoder(const policy::Transformer& policy, DecodeThreads threads)
    : policy_(policy),
      config_(policy.config()),
      shape_(policy.attention_shape()),
      threads_(threads) {}

template <class Body>
void RowDecoder::for_rows(int64_t rows, Body body) const {
  if (threads_ == DecodeThreads::calling) {
    for (int64_t r = 0; r < rows; ++r) body(r);
    return;
  }
  at::parallel_for(0, rows, 1, [&](int64_t begin, int64_t end) {
    for (int64_t r = begin; r < end; ++r) body(r);
  });
}

// y = x wᵀ + b, or y += x wᵀ + b. The bias comes first, as in `policy::project`.
void RowDecoder::apply(const policy::Linear& linear, const float* x, int64_t rows, float* y,
                       Store store) const {
  const int64_t width = linear.outputs();
  if (linear.bias.defined()) {
    const float* bias = linear.bias.const_data_ptr<float>();
    for (int64_t r = 0; r < rows; ++r) {
      if (store == Store::overwrite) std::fill_n(y + r * width, width, 0.0f);
      kernels::add_row(bias, width, y + r * width);
    }
    store = Store::add;
  }
  const auto& packed = linear.packed<float>();
  if (threads_ == DecodeThreads::all) {
    kernels::multiply(x, linear.inputs(), rows, packed, y, width, store);
  } else {
    kernels::multiply_rows(x, linear.inputs(), rows, packed, y, width, store);
  }
}

std::span<const float> RowDecoder::run(std::span<const DecodeRow> rows, int64_t logit_rows) {
  const auto count = static_cast<int64_t>(rows.size());
  const int64_t width = config_.hidden_size;
  resize(x_, count * width);
  resize(normed_, count * width);
  resize(qkv_, count * shape_.qkv_width());
  resize(mixed_, count * shape_.out_width());
  resize(gate_up_, count * 2 * config_.intermediate_size);
  resize(activated_, count * config_.intermediate_size);
  resize(logits_, logit_rows * config_.vocab_size);

  const float* embedding = policy_.embedding().const_data_ptr<float>();
  for (int64_t r = 0; r < count; ++r) {
    std::copy_n(embedding + rows[r].token * width, width, x_.data() + r * width);
  }
  for (size_t i = 0; i < policy_.layers().size(); ++i) {
    attention(policy_.layers()[i], static_cast<int64_t>(i), rows);
    mlp(policy_.layers()[i], count);
  }
  norm_rows(x_.data() + (count - logit_rows) * width, policy_.final_norm(), logit_rows);
  apply(policy_.head(), normed_.data(), logit_rows, logits_.data(), Store::overwrite);
  return {logits_.data(), static_cast<size_t>(logit_rows * config_.vocab_size)};
}

void RowDecoder::norm_rows(const float* x, const at::Tensor& weight, int64_t rows) {
  const int64_t width = config_.hidden_size;
  for_rows(rows, [&](int64_t r) {
    kernels::rms_norm_row(x + r * width, weight.const_data_ptr<float>(), width,
                          static_cast<float>(config_.rms_norm_eps), normed_.data() + r * width);
  });
}

void RowDecoder::attention(const policy::TransformerLayer& layer, int64_t index,
                           std::span<const DecodeRow> rows) {
  const auto count = static_cast<int64_t>(rows.size());
  norm_rows(x_.data(), layer.input_norm, count);
  apply(layer.qkv, normed_.data(), count, qkv_.data(), Store::overwrite);
  rotate_and_store(layer, index, rows);
  for_rows(count, [&](int64_t r) { attend_row(rows[static_cast<size_t>(r)], r, index); });
  apply(layer.output, mixed_.data(), count, x_.data(), Store::add);
}

void RowDecoder::attend_row(const DecodeRow& row, int64_t index, int64_t layer) {
  const float scale = 1.0f / std::sqrt(static_cast<float>(shape_.head_size));
  const int64_t keys = row.prefix_length + row.slot + 1;
  thread_local std::vector<float> scores;
  resize(scores, shape_.group() * (kernels::padded<float>(keys) + kernels::kLanes<float>));
  for (int64_t head = 0; head < shape_.key_heads; ++head) {
    std::array<kernels::KeyValueView<float>, 2> parts;
    size_t used = 0;
    if (row.prefix_length > 0) parts[used++] = row.prefix->view(layer, head, row.prefix_length);
    parts[used++] = row.cache->view(layer, head, row.slot + 1);
    const int64_t column = head * shape_.group() * shape_.head_size;
    kernels::attend<float>(qkv_.data() + index * shape_.qkv_width() + column, shape_.head_size,
                           shape_.group(), shape_.head_size, {parts.data(), used}, scale,
                           mixed_.data() + index * shape_.out_width() + column, shape_.head_size,
                           scores.data(), nullptr);
  }
}

void RowDecoder::rotate_and_store(const policy::TransformerLayer& layer, int64_t index,
                                  std::span<const DecodeRow> rows) {
  const int64_t size = shape_.head_size, half = size / 2;
  const float* cosine = policy_.rope(0).cosine.const_data_ptr<float>();
  const float* sine = policy_.rope(0).sine.const_data_ptr<float>();
  const auto eps = static_cast<float>(config_.rms_norm_eps);
  for_rows(static_cast<int64_t>(rows.size()), [&](int64_t index_of_row) {
    const DecodeRow& target = rows[static_cast<size_t>(index_of_row)];
    float* row = qkv_.data() + index_of_row * shape_.qkv_width();
    const int64_t position = target.prefix_length + target.slot;
    for (int64_t head = 0; head < shape_.query_heads + shape_.key_heads; ++head) {
      float* values = row + head * size;
      if (layer.query_norm.defined()) {
        const auto& weight = head < shape_.query_heads ? layer.query_norm : layer.key_norm;
        kernels::rms_norm_row(values, weight.const_data_ptr<float>(), size, eps, values);
      }
      kernels::rope_head(values, cosine + position * half, sine + position * half, size, false);
    }
    const float* keys = row + shape_.query_heads * size;
    const float* values = keys + shape_.key_heads * size;
    for (int64_t head = 0; head < shape_.key_heads; ++head) {
      target.cache->store(index, head, target.slot, keys + head * size, values + head * size);
    }
  });
}

void RowDecoder::mlp(const policy::TransformerLayer& layer, int64_t rows) {
  norm_rows(x_.data(), layer.post_attention_norm, rows);
  apply(layer.gate_up, normed_.data(), rows, gate_up_.data(), Store::overwrite);
  const int64_t width = config_.intermediate_size;
  for_rows(rows, [&](int64_t r) {
    kernels::swiglu_row(gate_up_.data() + r * 2 * width, width, activated_.data() + r * width);
  });
  apply(layer.down, activated_.data(), rows, x_.data(), Store::add);
}

}  // namespace reckon::rollout
