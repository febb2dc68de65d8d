#include "rl/rollout_logprobs.h"

#include "rl/packing.h"

namespace reckon::rl {
namespace {

void scatter(const MicroBatch& batch, const at::Tensor& values,
             std::vector<std::vector<float>>& out) {
  const auto host = values.to(at::kCPU, at::kFloat).contiguous();
  const float* data = host.const_data_ptr<float>();
  for (size_t s = 0; s < batch.members.size(); ++s) {
    out[batch.members[s]].assign(data, data + batch.token_counts[s]);
    data += batch.token_counts[s];
  }
}

template <class Member>
void store(std::span<ScoredGroup> groups, std::vector<std::vector<float>> values, Member member) {
  size_t i = 0;
  for (ScoredGroup& group : groups) {
    for (ScoredCompletion& sample : group.completions) sample.*member = std::move(values[i++]);
  }
}

}  // namespace

std::vector<std::vector<float>> completion_logprobs(const GrpoConfig& config,
                                                    std::span<const ScoredGroup> groups,
                                                    const policy::Transformer& model) {
  const at::NoGradGuard no_grad;
  std::vector<TrainingSequence> sequences;
  for (const ScoredGroup& group : groups) {
    for (const ScoredCompletion& sample : group.completions) {
      sequences.push_back({group.prompt_ids, sample.completion.ids, {}});
    }
  }
  std::vector<std::vector<float>> out(sequences.size());
  for (const MicroBatch& batch :
       pack_sequences(sequences, config.micro_batch_tokens, model.embedding().device())) {
    scatter(batch,
            policy::token_logprobs(model.forward(batch.batch), model.head(), batch.rows,
                                   batch.targets, config.temperature)
                .logprobs,
            out);
  }
  return out;
}

void add_rollout_logprobs(const GrpoConfig& config, std::span<ScoredGroup> groups,
                          const policy::Transformer& model, const policy::Transformer* reference) {
  if (config.old_logprobs == "recompute") {
    store(groups, completion_logprobs(config, groups, model), &ScoredCompletion::old_logprobs);
  }
  if (config.beta > 0.0 && *config.kl_placement == "reward") {
    store(groups, completion_logprobs(config, groups, *reference), &ScoredCompletion::ref_logprobs);
  }
}

}  // namespace reckon::rl
