#include "policy/ops.h"

#include "policy/kernels/rowwise.h"

namespace reckon::policy {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::Function;
using torch::autograd::variable_list;

constexpr int64_t kRowGrain = 128;      // rows a thread takes at a time
constexpr int64_t kGradientBlocks = 8;  // partial sums of a norm's weight gradient

// Graph nodes keep a pointer to the projection: the model outlives the graph of one update.
int64_t to_handle(const Linear& linear) { return reinterpret_cast<int64_t>(&linear); }
const Linear& from_handle(const c10::IValue& handle) {
  return *reinterpret_cast<const Linear*>(handle.toInt());
}

// Calls body(row) for all rows, over all threads.
template <class Body>
void for_rows(int64_t rows, Body body) {
  at::parallel_for(0, rows, kRowGrain, [&](int64_t begin, int64_t end) {
    for (int64_t row = begin; row < end; ++row) body(row);
  });
}

// Adds a gradient to the buffer that an optimizer has bound to `parameter` and returns nothing, or
// returns it where there is none: a second pass over all gradients would cost as much as AdamW.
template <class Add>
at::Tensor accumulate(const at::Tensor& parameter, Add add_to) {
  if (parameter.grad().defined()) {
    auto buffer = parameter.grad();
    add_to(buffer);
    return {};
  }
  auto fresh = at::zeros(parameter.sizes(), parameter.options().requires_grad(false));
  add_to(fresh);
  return fresh;
}

struct Embed : Function<Embed> {
  static at::Tensor forward(AutogradContext* ctx, const at::Tensor& ids, const at::Tensor& weight) {
    ctx->save_for_backward({ids, weight});
    return weight.index_select(0, ids);
  }

  static variable_list backward(AutogradContext* ctx, variable_list grads) {
    const auto saved = ctx->get_saved_variables();
    const auto &ids = saved[0], &weight = saved[1];
    const auto dy = grads[0].contiguous();
    const int64_t width = dy.size(1), tokens = dy.size(0);
    const auto* id = ids.const_data_ptr<int64_t>();
    auto dweight = accumulate(weight, [&](at::Tensor& sum) {
      AT_DISPATCH_FLOATING_TYPES(dy.scalar_type(), "embed_backward", [&] {
        const auto* source = dy.const_data_ptr<scalar_t>();
        auto* target = sum.data_ptr<scalar_t>();
        // Threads share columns, not tokens: every sum runs over the tokens in order.
        at::parallel_for(0, width, 32, [&](int64_t begin, int64_t end) {
          for (int64_t t = 0; t < tokens; ++t) {
            kernels::add_row(source + t * width + begin, end - begin,
                             target + id[t] * width + begin);
          }
        });
      });
    });
    return {at::Tensor(), dweight};
  }
};

struct RmsNorm : Function<RmsNorm> {
  static at::Tensor forward(AutogradContext* ctx, const at::Tensor& x, const at::Tensor& weight,
                            double eps) {
    auto y = at::empty_like(x);
    auto factors = at::empty({x.size(0)}, x.options());
    const int64_t width = x.size(1);
    AT_DISPATCH_FLOATING_TYPES(x.scalar_type(), "rms_norm", [&] {
      const auto* in = x.const_data_ptr<scalar_t>();
      const auto* w = weight.const_data_ptr<scalar_t>();
      auto* out = y.data_ptr<scalar_t>();
      auto* factor = factors.data_ptr<scalar_t>();
      for_rows(x.size(0), [&](int64_t row) {
        factor[row] = kernels::rms_norm_row<scalar_t>(
            in + row * width, w, width, static_cast<scalar_t>(eps), out + row * width);
      });
    });
    ctx->save_for_backward({x, weight, factors});
    return y;
  }

  static variable_list backward(AutogradContext* ctx, variable_list grads) {
    const auto saved = ctx->get_saved_variables();
    const auto &x = saved[0], &weight = saved[1], &factors = saved[2];
    const auto dy = grads[0].contiguous();
    const int64_t rows = x.size(0), width = x.size(1);
    auto dx = at::empty_like(x);
    auto partial = at::zeros({kGradientBlocks, width}, x.options());
    AT_DISPATCH_FLOATING_TYPES(x.scalar_type(), "rms_norm_backward", [&] {
      // A fixed number of blocks, summed in order: the same bits for any number of threads.
      at::parallel_for(0, kGradientBlocks, 1, [&](int64_t begin, int64_t end) {
        for (int64_t block = begin; block < end; ++block) {
          auto* dweight = partial.data_ptr<scalar_t>() + block * width;
          const int64_t last = rows * (block + 1) / kGradientBlocks;
          for (int64_t row = rows * block / kGradientBlocks; row < last; ++row) {
            kernels::rms_norm_row_backward<scalar_t>(
                dy.const_data_ptr<scalar_t>() + row * width,
                x.const_data_ptr<scalar_t>() + row * width, weight.const_data_ptr<scalar_t>(),
                factors.const_data_ptr<scalar_t>()[row], width,
                dx.data_ptr<scalar_t>() + row * width, dweight);
          }
        }
      });
    });
    return {dx, partial.sum(0), at::Tensor()};
  }
};

// y = x (w + Σ s·b a)ᵀ + bias + residual. Only the forward product must be ours, bit for bit what
// decoding computes; gradients are LibTorch's products.
struct Project : Function<Project> {
  static at::Tensor forward(AutogradContext* ctx, const at::Tensor& x, const at::Tensor& weight,
                            const std::optional<at::Tensor>& bias,
                            const std::optional<at::Tensor>& residual, int64_t handle,
                            at::TensorList adapters) {
    const Linear& linear = from_handle(handle);
    const auto rows = x.contiguous();
    auto y = residual ? residual->clone() : at::empty({x.size(0), linear.outputs()}, x.options());
    const bool starts_empty = !residual && !bias;
    if (bias) residual ? y.add_(*bias) : y.copy_(bias->expand_as(y));
    AT_DISPATCH_FLOATING_TYPES(x.scalar_type(), "project", [&] {
      kernels::multiply<scalar_t>(rows.const_data_ptr<scalar_t>(), rows.size(1), rows.size(0),
                                  linear.packed<scalar_t>(), y.data_ptr<scalar_t>(), y.size(1),
                                  starts_empty ? kernels::Store::overwrite : kernels::Store::add);
    });
    const bool trains = weight.requires_grad() || !adapters.empty();
    ctx->save_for_backward({trains ? rows : at::Tensor()});
    ctx->saved_data["linear"] = handle;
    ctx->saved_data["x"] = x.requires_grad();
    ctx->saved_data["weight"] = weight.requires_grad();
    ctx->saved_data["bias"] = bias && bias->requires_grad();
    ctx->saved_data["residual"] = residual && residual->requires_grad();
    return y;
  }

  static variable_list backward(AutogradContext* ctx, variable_list grads) {
    const auto x = ctx->get_saved_variables()[0];
    const Linear& linear = from_handle(ctx->saved_data["linear"]);
    const auto dy = grads[0].contiguous();
    variable_list out(5);
    if (ctx->saved_data["x"].toBool()) out[0] = dy.mm(linear.weight.detach());
    if (ctx->saved_data["weight"].toBool()) {
      out[1] = accumulate(linear.weight, [&](at::Tensor& sum) { sum.addmm_(dy.t(), x); });
    }
    if (ctx->saved_data["bias"].toBool()) {
      out[2] = accumulate(linear.bias, [&](at::Tensor& sum) { sum.add_(dy.sum(0)); });
    }
    if (ctx->saved_data["residual"].toBool()) out[3] = dy;
    for (const LowRankPart& part : linear.adapters) {
      const auto a = part.a.detach(), b = part.b.detach();
      const auto up = dy.narrow(1, part.first_row, b.size(0));
      const auto inner = up.mm(b);  // [T, r]
      const double scale = linear.adapter_scale;
      if (out[0].defined()) out[0].addmm_(inner, a, 1.0, scale);
      out.push_back(
          accumulate(part.a, [&](at::Tensor& sum) { sum.addmm_(inner.t(), x, 1.0, scale); }));
      out.push_back(accumulate(
          part.b, [&](at::Tensor& sum) { sum.addmm_(up.t(), x.mm(a.t()), 1.0, scale); }));
    }
    return out;
  }
};

void rotate_rows(at::Tensor& qkv, const RopeTable& rope, const kernels::AttentionShape& shape,
                 const kernels::PackedLayout& layout, bool backward) {
  AT_DISPATCH_FLOATING_TYPES(qkv.scalar_type(), "rotate_rows", [&] {
    auto* data = qkv.data_ptr<scalar_t>();
    const auto* cosine = rope.cosine.const_data_ptr<scalar_t>();
    const auto* sine = rope.sine.const_data_ptr<scalar_t>();
    const int64_t half = shape.head_size / 2;
    for_rows(qkv.size(0), [&](int64_t row) {
      const auto after = std::upper_bound(layout.offsets.begin(), layout.offsets.end(), row);
      const int64_t segment = after - layout.offsets.begin() - 1;
      const int64_t position = row - layout.begin(segment) + layout.prefix_length(segment);
      for (int64_t head = 0; head < shape.query_heads + shape.key_heads; ++head) {
        kernels::rope_head<scalar_t>(data + row * shape.qkv_width() + head * shape.head_size,
                                     cosine + position * half, sine + position * half,
                                     shape.head_size, backward);
      }
    });
  });
}

struct RopeAttention : Function<RopeAttention> {
  static at::Tensor forward(AutogradContext* ctx, const at::Tensor& input, const at::Tensor& cosine,
                            const at::Tensor& sine, std::vector<int64_t> shape_list,
                            std::vector<int64_t> offsets, std::vector<int64_t> prefixes) {
    const kernels::AttentionShape shape{shape_list[0], shape_list[1], shape_list[2]};
    const kernels::PackedLayout layout{offsets, prefixes};
    // The projection before us does not need its output again, so it is rotated where it stands.
    auto qkv = input.is_leaf() && input.requires_grad() ? input.clone() : input.detach();
    rotate_rows(qkv, {cosine, sine}, shape, layout, false);
    auto out = at::empty({qkv.size(0), shape.out_width()}, qkv.options());
    auto log_sums = at::empty({qkv.size(0), shape.query_heads}, qkv.options());
    AT_DISPATCH_FLOATING_TYPES(qkv.scalar_type(), "attention", [&] {
      kernels::attention_forward<scalar_t>(qkv.const_data_ptr<scalar_t>(), shape, layout,
                                           out.data_ptr<scalar_t>(), log_sums.data_ptr<scalar_t>());
    });
    ctx->save_for_backward({qkv, out, log_sums, cosine, sine});
    ctx->saved_data["shape"] = shape_list;
    ctx->saved_data["offsets"] = std::move(offsets);
    ctx->saved_data["prefixes"] = std::move(prefixes);
    return out;
  }

  static variable_list backward(AutogradContext* ctx, variable_list grads) {
    const auto saved = ctx->get_saved_variables();
    const auto &qkv = saved[0], &out = saved[1], &log_sums = saved[2];
    const auto list = ctx->saved_data["shape"].toIntVector();
    const kernels::AttentionShape shape{list[0], list[1], list[2]};
    const auto offsets = ctx->saved_data["offsets"].toIntVector();
    const auto prefixes = ctx->saved_data["prefixes"].toIntVector();
    const kernels::PackedLayout layout{offsets, prefixes};
    const auto dout = grads[0].contiguous();
    auto dqkv = at::empty_like(qkv);
    AT_DISPATCH_FLOATING_TYPES(qkv.scalar_type(), "attention_backward", [&] {
      kernels::attention_backward<scalar_t>(
          dout.const_data_ptr<scalar_t>(), qkv.const_data_ptr<scalar_t>(),
          out.const_data_ptr<scalar_t>(), log_sums.const_data_ptr<scalar_t>(), shape, layout,
          dqkv.data_ptr<scalar_t>());
    });
    rotate_rows(dqkv, {saved[3], saved[4]}, shape, layout, true);
    return {dqkv, at::Tensor(), at::Tensor(), at::Tensor(), at::Tensor(), at::Tensor()};
  }
};

struct SwiGlu : Function<SwiGlu> {
  static at::Tensor forward(AutogradContext* ctx, const at::Tensor& gate_up) {
    ctx->save_for_backward({gate_up});
    const int64_t width = gate_up.size(1) / 2;
    auto y = at::empty({gate_up.size(0), width}, gate_up.options());
    AT_DISPATCH_FLOATING_TYPES(y.scalar_type(), "swiglu", [&] {
      const auto* in = gate_up.const_data_ptr<scalar_t>();
      auto* out = y.data_ptr<scalar_t>();
      for_rows(y.size(0), [&](int64_t row) {
        kernels::swiglu_row<scalar_t>(in + row * 2 * width, width, out + row * width);
      });
    });
    return y;
  }

  static variable_list backward(AutogradContext* ctx, variable_list grads) {
    const auto gate_up = ctx->get_saved_variables()[0];
    const auto dy = grads[0].contiguous();
    auto dgate_up = at::empty_like(gate_up);
    const int64_t width = dy.size(1);
    AT_DISPATCH_FLOATING_TYPES(dy.scalar_type(), "swiglu_backward", [&] {
      const auto* up = dy.const_data_ptr<scalar_t>();
      const auto* in = gate_up.const_data_ptr<scalar_t>();
      auto* out = dgate_up.data_ptr<scalar_t>();
      for_rows(dy.size(0), [&](int64_t row) {
        kernels::swiglu_row_backward<scalar_t>(up + row * width, in + row * 2 * width, width,
                                               out + row * 2 * width);
      });
    });
    return {dgate_up};
  }
};

}  // namespace

at::Tensor embed(const at::Tensor& ids, const at::Tensor& weight) {
  return weight.is_cpu() ? Embed::apply(ids, weight) : weight.index_select(0, ids);
}

at::Tensor rms_norm(const at::Tensor& x, const at::Tensor& weight, double eps) {
  return x.is_cpu() ? RmsNorm::apply(x, weight, eps) : reference::rms_norm(x, weight, eps);
}

at::Tensor project(const at::Tensor& x, const Linear& linear, const at::Tensor& residual) {
  if (!x.is_cpu()) return reference::project(x, linear, residual);
  const auto if_defined = [](const at::Tensor& tensor) {
    return tensor.defined() ? std::optional(tensor) : std::nullopt;
  };
  std::vector<at::Tensor> adapters;
  for (const LowRankPart& part : linear.adapters) {
    adapters.push_back(part.a);
    adapters.push_back(part.b);
  }
  return Project::apply(x, linear.weight, if_defined(linear.bias), if_defined(residual),
                        to_handle(linear), at::TensorList(adapters));
}

at::Tensor qk_norm(const at::Tensor& qkv, const at::Tensor& query_weight,
                   const at::Tensor& key_weight, const kernels::AttentionShape& shape, double eps) {
  if (!qkv.is_cpu()) return reference::qk_norm(qkv, query_weight, key_weight, shape, eps);
  const auto heads = [&](int64_t first, int64_t count) {
    return qkv.narrow(1, first * shape.head_size, count * shape.head_size);
  };
  const auto normed = [&](const at::Tensor& part, const at::Tensor& weight) {
    return rms_norm(part.reshape({-1, shape.head_size}), weight, eps).view(part.sizes());
  };
  return at::cat({normed(heads(0, shape.query_heads), query_weight),
                  normed(heads(shape.query_heads, shape.key_heads), key_weight),
                  heads(shape.query_heads + shape.key_heads, shape.key_heads)},
                 1);
}

at::Tensor rope_attention(const at::Tensor& qkv, const RopeTable& rope,
                          const kernels::AttentionShape& shape, const std::vector<int64_t>& offsets,
                          const std::vector<int64_t>& prefixes) {
  if (!qkv.is_cpu()) return reference::rope_attention(qkv, rope, shape, offsets, prefixes);
  return RopeAttention::apply(
      qkv, rope.cosine, rope.sine,
      std::vector<int64_t>{shape.query_heads, shape.key_heads, shape.head_size}, offsets, prefixes);
}

at::Tensor swiglu(const at::Tensor& gate_up) {
  return gate_up.is_cpu() ? SwiGlu::apply(gate_up) : reference::swiglu(gate_up);
}

}  // namespace reckon::policy
