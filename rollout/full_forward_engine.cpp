#include "core/error.h"
#include "rollout/engine.h"

namespace reckon::rollout {
namespace {

struct OpenCompletion {
  size_t prompt;
  uint32_t sample;
  Completion* out;
  bool released = false;
};

class FullForwardEngine : public RolloutEngine {
 public:
  FullForwardEngine(const policy::Transformer& policy, const EngineOptions& options)
      : policy_(policy), options_(options) {}

  std::vector<Group> generate(std::span<const Prompt> prompts, int64_t num_samples,
                              const SamplingParams& params, const RandomStream& stream,
                              const OnGroup& on_group) override {
    check_prompts(prompts, policy_.config().vocab_size);
    const at::NoGradGuard no_grad;
    std::vector<Group> groups(prompts.size(), Group(static_cast<size_t>(num_samples)));
    std::vector<OpenCompletion> open;
    for (size_t p = 0; p < prompts.size() && params.max_new_tokens > 0; ++p) {
      for (int64_t s = 0; s < num_samples; ++s) {
        open.push_back({p, static_cast<uint32_t>(s), &groups[p][static_cast<size_t>(s)]});
      }
    }
    Sampler sampler(params);
    while (!open.empty()) {
      if (options_.stop && options_.stop()) return groups;
      const auto logits = last_logits(prompts, open);
      std::vector<OpenCompletion> still_open;
      for (size_t i = 0; i < open.size(); ++i) {
        const auto row = logits[static_cast<int64_t>(i)];
        const bool goes_on = accept(sampler, prompts[open[i].prompt], open[i], row, params, stream);
        if (options_.on_token) {
          options_.on_token(open[i].prompt, open[i].sample, open[i].out->ids.back());
        }
        if (goes_on) still_open.push_back(open[i]);
      }
      open = std::move(still_open);
    }
    for (size_t p = 0; on_group && p < prompts.size(); ++p) on_group(p, groups[p]);
    return groups;
  }

 private:
  // Logits [open, V] after the last token of each open completion, float32 on the CPU.
  at::Tensor last_logits(std::span<const Prompt> prompts,
                         const std::vector<OpenCompletion>& open) const {
    std::vector<int64_t> ids, last;
    policy::PackedBatch batch;
    batch.offsets = {0};
    for (const OpenCompletion& completion : open) {
      const auto& prompt = prompts[completion.prompt].ids;
      ids.insert(ids.end(), prompt.begin(), prompt.end());
      ids.insert(ids.end(), completion.out->ids.begin(), completion.out->ids.end());
      batch.offsets.push_back(static_cast<int64_t>(ids.size()));
      last.push_back(static_cast<int64_t>(ids.size()) - 1);
    }
    const auto device = policy_.embedding().device();
    batch.ids = at::tensor(ids, at::kLong).to(device);
    const auto rows = at::tensor(last, at::kLong).to(device);
    const auto hidden = policy_.forward(batch).index_select(0, rows);
    return policy::project(hidden, policy_.head()).to(at::kCPU, at::kFloat).contiguous();
  }

  static bool accept(Sampler& sampler, const Prompt& prompt, OpenCompletion& completion,
                     const at::Tensor& logits, const SamplingParams& params,
                     const RandomStream& stream) {
    Completion& out = *completion.out;
    const int32_t forbidden =
        params.forbid_until && !completion.released ? params.forbid_until->forbidden : -1;
    const std::span<const float> row(logits.const_data_ptr<float>(),
                                     static_cast<size_t>(logits.numel()));
    const double uniform =
        stream.uniform(static_cast<uint32_t>(out.ids.size()), completion.sample, prompt.index);
    const SampledToken token = sampler.sample(row, uniform, forbidden);
    out.ids.push_back(token.id);
    out.logprobs.push_back(token.logprob);
    out.logprobs_t1.push_back(token.logprob_t1);
    if (params.truncates()) out.logprobs_truncated.push_back(token.logprob_truncated);
    if (params.forbid_until && params.forbid_until->releases(token.id)) completion.released = true;
    if (params.is_stop(token.id)) {
      out.finish_reason = FinishReason::stop;
      return false;
    }
    return static_cast<int64_t>(out.ids.size()) < params.max_new_tokens;
  }

  const policy::Transformer& policy_;
  EngineOptions options_;
};

}  // namespace

std::unique_ptr<RolloutEngine> make_full_forward_engine(const policy::Transformer& policy,
                                                        const EngineOptions& options) {
  return std::make_unique<FullForwardEngine>(policy, options);
}

const char* to_string(FinishReason reason) {
  return reason == FinishReason::stop ? "stop" : "length";
}

void check_prompts(std::span<const Prompt> prompts, int64_t vocab_size) {
  for (const Prompt& prompt : prompts) {
    check(!prompt.ids.empty(), ErrorCode::invalid_argument,
          "expected at least one token in a prompt, got none, in prompt {}", prompt.index);
    for (const int32_t id : prompt.ids) {
      check(id >= 0 && id < vocab_size, ErrorCode::invalid_argument,
            "expected token ids below {}, got {}, in prompt {}", vocab_size, id, prompt.index);
    }
  }
}

}  // namespace reckon::rollout
