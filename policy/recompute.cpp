#include "policy/recompute.h"

#include <torch/csrc/autograd/autograd.h>
#include <torch/csrc/autograd/custom_function.h>

namespace reckon::policy {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::Function;
using torch::autograd::variable_list;

// What a graph node keeps of a layer.
struct Layer : torch::CustomClassHolder {
  explicit Layer(LayerFunction f) : run(std::move(f)) {}
  LayerFunction run;
};

struct Recompute : Function<Recompute> {
  static at::Tensor forward(AutogradContext* ctx, const at::Tensor& x, at::TensorList parameters,
                            const c10::IValue& layer) {
    variable_list saved(parameters.begin(), parameters.end());
    saved.push_back(x);
    ctx->save_for_backward(std::move(saved));
    ctx->saved_data["layer"] = layer;
    ctx->saved_data["x"] = x.requires_grad();
    return static_cast<Layer&>(*layer.toCapsule()).run(x);
  }

  static variable_list backward(AutogradContext* ctx, variable_list grads) {
    auto inputs = ctx->get_saved_variables();
    const bool wants_x = ctx->saved_data["x"].toBool();
    const auto x = inputs.back().detach().requires_grad_(wants_x);
    inputs.pop_back();
    if (wants_x) inputs.push_back(x);
    at::Tensor y;
    {
      const at::AutoGradMode enabled(true);
      y = static_cast<Layer&>(*ctx->saved_data["layer"].toCapsule()).run(x);
    }
    // Gradients that a bound buffer took come back undefined: they are where they belong.
    variable_list found = torch::autograd::grad({y}, inputs, {grads[0]}, false, false, true);
    variable_list out{wants_x ? found.back() : at::Tensor()};
    if (wants_x) found.pop_back();
    out.insert(out.end(), found.begin(), found.end());
    out.emplace_back();
    return out;
  }
};

}  // namespace

at::Tensor recompute(const at::Tensor& x, std::vector<at::Tensor> parameters, LayerFunction layer) {
  std::erase_if(parameters, [](const at::Tensor& p) { return !p.defined() || !p.requires_grad(); });
  const auto held = c10::IValue::make_capsule(c10::make_intrusive<Layer>(std::move(layer)));
  return Recompute::apply(x, at::TensorList(parameters), held);
}

}  // namespace reckon::policy
