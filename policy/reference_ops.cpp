#include "policy/ops.h"

namespace reckon::policy {

RopeTable make_rope_table(int64_t positions, const std::vector<double>& frequencies, double scale,
                          const at::TensorOptions& options) {
  const auto wide = at::TensorOptions().dtype(at::kDouble);
  const auto angle_type =
      c10::typeMetaToScalarType(options.dtype()) == at::kDouble ? at::kDouble : at::kFloat;
  const auto rounded = at::tensor(frequencies, wide).to(angle_type);
  const auto angles =
      at::outer(at::arange(positions, wide).to(angle_type), rounded).to(at::kDouble);
  return {(angles.cos() * scale).to(options), (angles.sin() * scale).to(options)};
}

namespace reference {

at::Tensor rms_norm(const at::Tensor& x, const at::Tensor& weight, double eps) {
  return x * (x.square().mean(-1, true) + eps).rsqrt() * weight;
}

at::Tensor project(const at::Tensor& x, const Linear& linear, const at::Tensor& residual) {
  // The bfloat16 mode reads weights and activations rounded and gives back x's type.
  const bool half = linear.storage == kernels::Storage::bfloat16;
  const auto type = half ? at::kBFloat16 : x.scalar_type();
  auto y = x.to(type).matmul(linear.weight.to(type).t()).to(x.scalar_type());
  for (const LowRankPart& part : linear.adapters) {
    const auto change = x.matmul(part.a.t()).matmul(part.b.t()) * linear.adapter_scale;
    const int64_t rows = part.b.size(0);
    y = y + at::constant_pad_nd(change, {part.first_row, linear.outputs() - part.first_row - rows});
  }
  if (linear.bias.defined()) y = y + linear.bias;
  return residual.defined() ? y + residual : y;
}

at::Tensor qk_norm(const at::Tensor& qkv, const at::Tensor& query_weight,
                   const at::Tensor& key_weight, const kernels::AttentionShape& shape, double eps) {
  const auto heads = qkv.view({qkv.size(0), -1, shape.head_size});
  const auto parts =
      heads.split_with_sizes({shape.query_heads, shape.key_heads, shape.key_heads}, 1);
  return at::cat(
             {rms_norm(parts[0], query_weight, eps), rms_norm(parts[1], key_weight, eps), parts[2]},
             1)
      .view_as(qkv);
}

// heads [T, H, D] with cosine and sine [T, D/2].
at::Tensor rotate(const at::Tensor& heads, const at::Tensor& cosine, const at::Tensor& sine) {
  const auto halves = heads.chunk(2, -1);
  const auto c = cosine.unsqueeze(1), s = sine.unsqueeze(1);
  return at::cat({halves[0] * c - halves[1] * s, halves[1] * c + halves[0] * s}, -1);
}

at::Tensor rope_attention(const at::Tensor& qkv, const RopeTable& rope,
                          const kernels::AttentionShape& shape, const std::vector<int64_t>& offsets,
                          const std::vector<int64_t>& prefixes) {
  const kernels::PackedLayout layout{offsets, prefixes};
  std::vector<at::Tensor> outs, keys, values;
  for (int64_t s = 0; s < layout.segments(); ++s) {
    const int64_t length = layout.length(s), before = layout.prefix_length(s);
    const auto rows = qkv.narrow(0, layout.begin(s), length).view({length, -1, shape.head_size});
    const auto parts =
        rows.split_with_sizes({shape.query_heads, shape.key_heads, shape.key_heads}, 1);
    const auto cosine = rope.cosine.narrow(0, before, length);
    const auto sine = rope.sine.narrow(0, before, length);
    const auto q = rotate(parts[0], cosine, sine);
    keys.push_back(rotate(parts[1], cosine, sine));
    values.push_back(parts[2]);
    const auto whole = [&](const std::vector<at::Tensor>& all) {
      const auto joined = before > 0
                              ? at::cat({all[static_cast<size_t>(layout.prefix(s))], all.back()})
                              : all.back();
      return joined.transpose(0, 1).unsqueeze(0);
    };
    // A row sees the whole prefix and its own segment up to itself.
    const auto mask =
        at::ones({length, before + length}, qkv.options().dtype(at::kBool)).tril(before);
    const auto out = at::scaled_dot_product_attention(q.transpose(0, 1).unsqueeze(0), whole(keys),
                                                      whole(values), mask, 0.0, false, {}, true);
    outs.push_back(out.squeeze(0).transpose(0, 1).reshape({length, shape.out_width()}));
  }
  return at::cat(outs, 0);
}

at::Tensor swiglu(const at::Tensor& gate_up) {
  const auto halves = gate_up.chunk(2, -1);
  return at::silu(halves[0]) * halves[1];
}

namespace {

constexpr int64_t kChunkLogits = int64_t{1} << 26;

// Log-probabilities of the whole vocabulary, float32 at least: the head never computes in bfloat16.
at::Tensor log_distribution(const at::Tensor& hidden, const Linear& head, double temperature) {
  const auto logits = hidden.matmul(head.merged_weight().t());
  const auto wide = logits.scalar_type() == at::kDouble ? at::kDouble : at::kFloat;
  return at::log_softmax(logits.to(wide) / temperature, -1);
}

at::Tensor gather_targets(const at::Tensor& values, const at::Tensor& targets) {
  return values.gather(1, targets.unsqueeze(1)).squeeze(1);
}

at::Tensor entropy_of(const at::Tensor& logp) { return at::special_entr(logp.exp()).sum(-1); }

}  // namespace

TokenLogprobs token_logprobs(const at::Tensor& hidden, const Linear& head, const at::Tensor& rows,
                             const at::Tensor& targets, double temperature) {
  const auto logp = log_distribution(hidden.index_select(0, rows), head, temperature);
  return {gather_targets(logp, targets), entropy_of(logp), logp.argmax(-1) == targets};
}

TokenLogprobs token_logprobs_backward(const at::Tensor& hidden, const Linear& head,
                                      const at::Tensor& rows, const at::Tensor& targets,
                                      double temperature, const TokenLoss& loss) {
  const int64_t tokens = rows.size(0);
  const int64_t chunk = std::max<int64_t>(1, kChunkLogits / head.outputs());
  auto dhidden = at::zeros(hidden.sizes(), hidden.options().requires_grad(false));
  bind_gradient(head.weight);
  std::vector<at::Tensor> logprobs, entropy, correct;
  for (int64_t first = 0; first < tokens; first += chunk) {
    const int64_t count = std::min(chunk, tokens - first);
    const at::NoGradGuard no_grad;
    const auto chosen = rows.narrow(0, first, count), target = targets.narrow(0, first, count);
    const auto h = hidden.index_select(0, chosen);
    const auto logp = log_distribution(h, head, temperature);
    logprobs.push_back(gather_targets(logp, target));
    entropy.push_back(entropy_of(logp));
    correct.push_back(logp.argmax(-1) == target);
    TokenGradients gradients;
    {
      const at::AutoGradMode enabled(true);
      gradients = loss(first, logprobs.back(), entropy.back());
    }
    // dlogits = (g·(onehot - p) - e·p·(log p + H)) / τ
    const auto p = logp.exp();
    auto dlogits = p * -gradients.logprobs.unsqueeze(1);
    if (gradients.entropy.defined()) {
      dlogits -= gradients.entropy.unsqueeze(1) * (p * logp + p * entropy.back().unsqueeze(1));
    }
    dlogits.scatter_add_(1, target.unsqueeze(1), gradients.logprobs.unsqueeze(1));
    dlogits = (dlogits / temperature).to(h.scalar_type());
    dhidden.index_add_(0, chosen, dlogits.mm(head.weight));
    if (head.weight.requires_grad()) head.weight.grad().addmm_(dlogits.t(), h);
  }
  hidden.backward(dhidden);
  return {at::cat(logprobs), at::cat(entropy), at::cat(correct)};
}

}  // namespace reference
}  // namespace reckon::policy
