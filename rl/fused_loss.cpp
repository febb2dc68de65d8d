#include "rl/fused_loss.h"

#include <torch/csrc/autograd/autograd.h>

namespace reckon::rl {
namespace {

// Puts the losses of a micro-batch's chunks together.
class Chunks {
 public:
  void add(const GrpoLoss& loss) {
    loss_.push_back(loss.loss.detach());
    policy_loss_.push_back(loss.policy_loss);
    if (loss.kl.defined()) kl_.push_back(loss.kl);
    low_.push_back(loss.clip_low);
    high_.push_back(loss.clip_high);
  }

  GrpoLoss whole() const {
    GrpoLoss out;
    out.loss = at::stack(loss_).sum();
    out.policy_loss = at::stack(policy_loss_).sum();
    if (!kl_.empty()) out.kl = at::cat(kl_);
    out.clip_low = at::cat(low_);
    out.clip_high = at::cat(high_);
    return out;
  }

 private:
  std::vector<at::Tensor> loss_, policy_loss_, kl_, low_, high_;
};

}  // namespace

FusedLoss fused_backward(const GrpoLossConfig& config, const LossTokens& constants,
                         const MicroBatch& batch, const policy::Transformer& model,
                         double temperature) {
  Chunks chunks;
  const auto loss = [&](int64_t first, const at::Tensor& logprobs, const at::Tensor& entropy) {
    LossTokens tokens = constants.narrow(first, logprobs.numel());
    tokens.logprobs = logprobs.detach().requires_grad_(true);
    tokens.entropies = entropy.detach().requires_grad_(config.entropy_weight != 0.0);
    const GrpoLoss chunk = grpo_loss(config, tokens);
    chunks.add(chunk);
    std::vector<at::Tensor> inputs{tokens.logprobs};
    if (config.entropy_weight != 0.0) inputs.push_back(tokens.entropies);
    auto gradients = torch::autograd::grad({chunk.loss}, inputs, {}, {}, false, true);
    if (!gradients[0].defined()) gradients[0] = at::zeros_like(logprobs);
    return policy::TokenGradients{gradients[0], gradients.size() > 1 ? gradients[1] : at::Tensor()};
  };
  auto values = policy::token_logprobs_backward(model.forward(batch.batch), model.head(),
                                                batch.rows, batch.targets, temperature, loss);
  return {chunks.whole(), std::move(values)};
}

}  // namespace reckon::rl
