#include "policy/kernels/rowwise.h"
#include "policy/ops.h"

namespace reckon::policy {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::Function;
using torch::autograd::variable_list;

constexpr int64_t kChunkLogits = int64_t{1} << 20;  // logits that exist at one time

int64_t chunk_rows(int64_t vocabulary) { return std::max<int64_t>(1, kChunkLogits / vocabulary); }

// Statistics of one row of logits: log-sum-exp, entropy, and whether the target is the maximum.
template <class T>
struct RowResult {
  T log_sum, entropy;
  bool correct;
};

// Replaces a row of logits by its probabilities and returns what is known of it then.
template <class T>
RowResult<T> softmax_in_place(T* row, int64_t vocabulary, T scale, int64_t target) {
  const T target_scaled = row[target] * scale;
  std::vector<T> scaled(row, row + vocabulary);
  const auto stats = kernels::softmax_row<T>(scaled.data(), vocabulary, scale, row);
  T weighted = 0;
  for (int64_t v = 0; v < vocabulary; ++v) weighted += row[v] * (scaled[v] * scale - stats.maximum);
  const T inverse = T(1) / stats.sum;
  for (int64_t v = 0; v < vocabulary; ++v) row[v] *= inverse;
  // H = log Σe - Σ e·s / Σe, with s relative to the maximum.
  return {stats.log_sum, std::log(stats.sum) - weighted * inverse, target_scaled >= stats.maximum};
}

// logits of rows [first, first + count) of h, into `logits`.
template <class T>
void head_logits(const at::Tensor& h, const Linear& head, int64_t first, int64_t count, T* logits) {
  kernels::multiply<T>(h.const_data_ptr<T>() + first * h.size(1), h.size(1), count,
                       head.forward_pack<T>(), logits, head.outputs(), kernels::Store::overwrite);
}

struct Logprobs : Function<Logprobs> {
  static variable_list forward(AutogradContext* ctx, const at::Tensor& hidden,
                               const at::Tensor& weight, const at::Tensor& rows,
                               const at::Tensor& targets, double temperature, int64_t handle) {
    const auto& head = *reinterpret_cast<const Linear*>(handle);
    const auto h = hidden.index_select(0, rows);
    const int64_t n = h.size(0), vocabulary = head.outputs(), chunk = chunk_rows(vocabulary);
    auto logprobs = at::empty({n}, h.options()), entropy = at::empty({n}, h.options());
    auto correct = at::empty({n}, h.options().dtype(at::kBool));
    const auto* target = targets.const_data_ptr<int64_t>();
    AT_DISPATCH_FLOATING_TYPES(h.scalar_type(), "token_logprobs", [&] {
      const auto scale = static_cast<scalar_t>(1.0 / temperature);
      auto logits = at::empty({std::min(chunk, n), vocabulary}, h.options());
      auto* data = logits.data_ptr<scalar_t>();
      for (int64_t first = 0; first < n; first += chunk) {
        const int64_t count = std::min(chunk, n - first);
        head_logits<scalar_t>(h, head, first, count, data);
        at::parallel_for(0, count, 16, [&](int64_t begin, int64_t end) {
          for (int64_t i = begin; i < end; ++i) {
            auto* row = data + i * vocabulary;
            const int64_t token = first + i;
            const scalar_t logit = row[target[token]];
            const auto result = softmax_in_place(row, vocabulary, scale, target[token]);
            logprobs.data_ptr<scalar_t>()[token] =
                kernels::scaled_logprob(logit, scale, result.log_sum);
            entropy.data_ptr<scalar_t>()[token] = result.entropy;
            correct.data_ptr<bool>()[token] = result.correct;
          }
        });
      }
    });
    ctx->save_for_backward({h, rows, targets, weight});
    ctx->saved_data["head"] = handle;
    ctx->saved_data["temperature"] = temperature;
    ctx->saved_data["tokens"] = hidden.size(0);
    ctx->mark_non_differentiable({correct});
    ctx->set_materialize_grads(false);
    return {logprobs, entropy, correct};
  }

  // Turns the probabilities of a chunk into the gradient of its logits, in place:
  // dlogits = (g·(onehot - p) - e·p·(log p + H)) / τ, g and e the gradients of logp and entropy.
  template <class T>
  static void logit_gradients(T* data, int64_t vocabulary, int64_t count, const int64_t* target,
                              const T* dlogprob, const T* dentropy, T scale) {
    at::parallel_for(0, count, 16, [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i) {
        T* row = data + i * vocabulary;
        const auto result = softmax_in_place(row, vocabulary, scale, target[i]);
        const T g = dlogprob == nullptr ? T(0) : dlogprob[i] * scale;
        const T e = dentropy == nullptr ? T(0) : dentropy[i] * scale;
        for (int64_t v = 0; v < vocabulary; ++v) {
          const T p = row[v];
          row[v] = -g * p;
          if (e != T(0) && p > T(0)) row[v] -= e * p * (std::log(p) + result.entropy);
        }
        row[target[i]] += g;
      }
    });
  }

  static variable_list backward(AutogradContext* ctx, variable_list grads) {
    const auto saved = ctx->get_saved_variables();
    const auto &h = saved[0], &rows = saved[1], &targets = saved[2], &weight = saved[3];
    const auto& head = *reinterpret_cast<const Linear*>(ctx->saved_data["head"].toInt());
    const int64_t n = h.size(0), vocabulary = head.outputs(), chunk = chunk_rows(vocabulary);
    auto dh = at::empty_like(h), dweight = at::zeros_like(weight);
    const auto dlogprobs = grads[0].defined() ? grads[0].contiguous() : at::Tensor();
    const auto dentropy = grads[1].defined() ? grads[1].contiguous() : at::Tensor();
    AT_DISPATCH_FLOATING_TYPES(h.scalar_type(), "token_logprobs_backward", [&] {
      const auto scale = static_cast<scalar_t>(1.0 / ctx->saved_data["temperature"].toDouble());
      auto logits = at::empty({std::min(chunk, n), vocabulary}, h.options());
      auto* data = logits.data_ptr<scalar_t>();
      const auto from = [](const at::Tensor& t, int64_t first) -> const scalar_t* {
        return t.defined() ? t.const_data_ptr<scalar_t>() + first : nullptr;
      };
      for (int64_t first = 0; first < n; first += chunk) {
        const int64_t count = std::min(chunk, n - first);
        head_logits<scalar_t>(h, head, first, count, data);
        logit_gradients<scalar_t>(data, vocabulary, count,
                                  targets.const_data_ptr<int64_t>() + first, from(dlogprobs, first),
                                  from(dentropy, first), scale);
        kernels::multiply<scalar_t>(data, vocabulary, count, head.backward_pack<scalar_t>(),
                                    dh.data_ptr<scalar_t>() + first * h.size(1), h.size(1),
                                    kernels::Store::overwrite);
        kernels::accumulate_outer<scalar_t>(data, vocabulary, from(h, first * h.size(1)), h.size(1),
                                            count, vocabulary, h.size(1),
                                            dweight.data_ptr<scalar_t>());
      }
    });
    auto dhidden = at::zeros({ctx->saved_data["tokens"].toInt(), h.size(1)}, h.options());
    dhidden.index_copy_(0, rows, dh);
    return {dhidden, dweight, at::Tensor(), at::Tensor(), at::Tensor(), at::Tensor()};
  }
};

}  // namespace

TokenLogprobs token_logprobs(const at::Tensor& hidden, const Linear& head, const at::Tensor& rows,
                             const at::Tensor& targets, double temperature) {
  if (!hidden.is_cpu()) return reference::token_logprobs(hidden, head, rows, targets, temperature);
  const auto out = Logprobs::apply(hidden, head.weight, rows, targets, temperature,
                                   reinterpret_cast<int64_t>(&head));
  return {out[0], out[1], out[2]};
}

}  // namespace reckon::policy
