#include "policy/token_logprobs.h"

#include "policy/kernels/rowwise.h"

namespace reckon::policy {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::Function;
using torch::autograd::variable_list;

constexpr int64_t kChunkLogits = int64_t{1} << 24;  // logits that exist at one time
constexpr int64_t kRowGrain = 4;

// The output head over some rows of hidden states: logits of one chunk of tokens at a time.
class Head {
 public:
  Head(const at::Tensor& hidden, const Linear& head, const at::Tensor& targets, double temperature)
      : hidden_(hidden),
        head_(head),
        target_(targets.const_data_ptr<int64_t>()),
        scale_(1.0 / temperature),
        tokens_(hidden.size(0)),
        chunk_(std::max<int64_t>(1, kChunkLogits / head.outputs())) {
    logprobs_ = at::empty({tokens_}, hidden.options());
    entropy_ = at::empty({tokens_}, hidden.options());
    correct_ = at::empty({tokens_}, hidden.options().dtype(at::kBool));
    logits_ = at::empty({std::min(chunk_, tokens_), head.outputs()}, hidden.options());
  }

  // Calls body(first, count) for each chunk.
  template <class Body>
  void for_chunks(Body body) const {
    for (int64_t first = 0; first < tokens_; first += chunk_) {
      body(first, std::min(chunk_, tokens_ - first));
    }
  }

  // Results of the tokens of a chunk; leaves exp(logit - maximum) in the scratch.
  template <class T>
  void forward(int64_t first, int64_t count) {
    rows_.resize(static_cast<size_t>(count));
    const int64_t vocabulary = head_.outputs();
    T* data = logits_.data_ptr<T>();
    const auto scale = static_cast<T>(scale_);
    kernels::multiply<T>(hidden_.const_data_ptr<T>() + first * hidden_.size(1), hidden_.size(1),
                         count, head_.packed<T>(), data, vocabulary, kernels::Store::overwrite);
    at::parallel_for(0, count, kRowGrain, [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i) {
        T* row = data + i * vocabulary;
        const T logit = row[target_[first + i]];
        const auto stats = kernels::softmax_entropy_row<T>(row, vocabulary, scale, row);
        logprobs_.data_ptr<T>()[first + i] =
            kernels::scaled_logprob(logit, scale, stats.softmax.log_sum);
        entropy_.data_ptr<T>()[first + i] = stats.entropy;
        correct_.data_ptr<bool>()[first + i] = logit * scale >= stats.softmax.maximum;
        rows_[static_cast<size_t>(i)] = {
            {static_cast<double>(stats.softmax.maximum), static_cast<double>(stats.softmax.sum),
             static_cast<double>(stats.softmax.log_sum)},
            static_cast<double>(stats.entropy)};
      }
    });
  }

  // Gradients of the chunk that `forward` saw last: rows of `dhidden`, and the head's own.
  template <class T>
  void backward(int64_t first, int64_t count, const at::Tensor& dlogprobs,
                const at::Tensor& dentropy, at::Tensor& dhidden, at::Tensor& dweight) {
    const int64_t vocabulary = head_.outputs();
    T* data = logits_.data_ptr<T>();
    const T* g = dlogprobs.defined() ? dlogprobs.const_data_ptr<T>() : nullptr;
    const T* e = dentropy.defined() ? dentropy.const_data_ptr<T>() : nullptr;
    at::parallel_for(0, count, kRowGrain, [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i) {
        const auto& row = rows_[static_cast<size_t>(i)];
        const kernels::RowEntropy<T> stats{
            {static_cast<T>(row.softmax.maximum), static_cast<T>(row.softmax.sum),
             static_cast<T>(row.softmax.log_sum)},
            static_cast<T>(row.entropy)};
        kernels::logit_gradient_row<T>(data + i * vocabulary, vocabulary, stats, target_[first + i],
                                       g ? g[i] : T(0), e ? e[i] : T(0), static_cast<T>(scale_));
      }
    });
    const auto dlogits = logits_.narrow(0, 0, count);
    auto rows = dhidden.narrow(0, first, count);
    at::mm_out(rows, dlogits, head_.weight.detach());
    if (dweight.defined()) dweight.addmm_(dlogits.t(), hidden_.narrow(0, first, count));
  }

  const at::Tensor& logprobs() const { return logprobs_; }
  const at::Tensor& entropy() const { return entropy_; }
  const at::Tensor& correct() const { return correct_; }

 private:
  const at::Tensor& hidden_;
  const Linear& head_;
  const int64_t* target_;
  double scale_;
  int64_t tokens_, chunk_;
  at::Tensor logprobs_, entropy_, correct_, logits_;
  std::vector<kernels::RowEntropy<double>> rows_;  // of the chunk; exact for float and double
};

at::Tensor slice(const at::Tensor& tensor, int64_t first, int64_t count) {
  return tensor.defined() ? tensor.narrow(0, first, count) : tensor;
}

// The buffer that gradients of the head's weight go to, or undefined if it is frozen.
at::Tensor weight_gradient(const Linear& head) {
  if (!head.weight.requires_grad()) return {};
  if (head.weight.grad().defined()) return head.weight.grad();
  return at::zeros(head.weight.sizes(), head.weight.options().requires_grad(false));
}

// Sums `values` into the rows they belong to, in their order.
at::Tensor scatter_rows(const at::Tensor& values, const at::Tensor& rows, int64_t tokens) {
  const int64_t width = values.size(1);
  auto out = at::zeros({tokens, width}, values.options());
  const auto* row = rows.const_data_ptr<int64_t>();
  AT_DISPATCH_FLOATING_TYPES(values.scalar_type(), "scatter_rows", [&] {
    for (int64_t i = 0; i < values.size(0); ++i) {
      kernels::add_row(values.const_data_ptr<scalar_t>() + i * width, width,
                       out.data_ptr<scalar_t>() + row[i] * width);
    }
  });
  return out;
}

struct Logprobs : Function<Logprobs> {
  static variable_list forward(AutogradContext* ctx, const at::Tensor& hidden,
                               const at::Tensor& weight, const at::Tensor& rows,
                               const at::Tensor& targets, double temperature, int64_t handle) {
    const auto& linear = *reinterpret_cast<const Linear*>(handle);
    const auto h = hidden.index_select(0, rows);
    Head head(h, linear, targets, temperature);
    AT_DISPATCH_FLOATING_TYPES(h.scalar_type(), "token_logprobs", [&] {
      head.for_chunks([&](int64_t first, int64_t count) { head.forward<scalar_t>(first, count); });
    });
    if (hidden.requires_grad() || weight.requires_grad()) {
      ctx->save_for_backward({h, rows, targets});
    }
    ctx->saved_data["head"] = handle;
    ctx->saved_data["temperature"] = temperature;
    ctx->saved_data["tokens"] = hidden.size(0);
    ctx->mark_non_differentiable({head.correct()});
    ctx->set_materialize_grads(false);
    return {head.logprobs(), head.entropy(), head.correct()};
  }

  static variable_list backward(AutogradContext* ctx, variable_list grads) {
    const auto saved = ctx->get_saved_variables();
    const auto &h = saved[0], &rows = saved[1];
    const auto& linear = *reinterpret_cast<const Linear*>(ctx->saved_data["head"].toInt());
    Head head(h, linear, saved[2], ctx->saved_data["temperature"].toDouble());
    auto dh = at::empty_like(h), dweight = weight_gradient(linear);
    const auto dlogprobs = grads[0].defined() ? grads[0].contiguous() : at::Tensor();
    const auto dentropy = grads[1].defined() ? grads[1].contiguous() : at::Tensor();
    AT_DISPATCH_FLOATING_TYPES(h.scalar_type(), "token_logprobs_backward", [&] {
      head.for_chunks([&](int64_t first, int64_t count) {
        head.forward<scalar_t>(first, count);
        head.backward<scalar_t>(first, count, slice(dlogprobs, first, count),
                                slice(dentropy, first, count), dh, dweight);
      });
    });
    // Already where it belongs if the optimizer has bound a buffer.
    if (linear.weight.grad().defined()) dweight = at::Tensor();
    return {scatter_rows(dh, rows, ctx->saved_data["tokens"].toInt()),
            dweight,
            at::Tensor(),
            at::Tensor(),
            at::Tensor(),
            at::Tensor()};
  }
};

}  // namespace

void bind_gradient(at::Tensor parameter) {
  if (!parameter.requires_grad() || parameter.grad().defined()) return;
  parameter.mutable_grad() = at::zeros(parameter.sizes(), parameter.options().requires_grad(false));
}

TokenLogprobs token_logprobs(const at::Tensor& hidden, const Linear& head, const at::Tensor& rows,
                             const at::Tensor& targets, double temperature) {
  if (!hidden.is_cpu()) return reference::token_logprobs(hidden, head, rows, targets, temperature);
  const auto out = Logprobs::apply(hidden, head.weight, rows, targets, temperature,
                                   reinterpret_cast<int64_t>(&head));
  return {out[0], out[1], out[2]};
}

TokenLogprobs token_logprobs_backward(const at::Tensor& hidden, const Linear& linear,
                                      const at::Tensor& rows, const at::Tensor& targets,
                                      double temperature, const TokenLoss& loss) {
  if (!hidden.is_cpu()) {
    return reference::token_logprobs_backward(hidden, linear, rows, targets, temperature, loss);
  }
  at::Tensor h, dhidden;
  {
    const at::NoGradGuard no_grad;
    h = hidden.detach().index_select(0, rows);
    dhidden = at::empty_like(h);
  }
  Head head(h, linear, targets, temperature);
  bind_gradient(linear.weight);
  auto dweight = weight_gradient(linear);
  AT_DISPATCH_FLOATING_TYPES(h.scalar_type(), "token_logprobs_backward", [&] {
    head.for_chunks([&](int64_t first, int64_t count) {
      head.forward<scalar_t>(first, count);
      const auto gradients = loss(first, head.logprobs().narrow(0, first, count),
                                  head.entropy().narrow(0, first, count));
      const at::NoGradGuard no_grad;
      head.backward<scalar_t>(
          first, count, gradients.logprobs.contiguous(),
          gradients.entropy.defined() ? gradients.entropy.contiguous() : at::Tensor(), dhidden,
          dweight);
    });
  });
  hidden.backward(scatter_rows(dhidden, rows, hidden.size(0)));
  return {head.logprobs(), head.entropy(), head.correct()};
}

}  // namespace reckon::policy
