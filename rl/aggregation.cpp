#include "rl/aggregation.h"

#include "core/error.h"

namespace reckon::rl {

LossAggregation parse_loss_aggregation(const std::string& text) {
  if (text == "seq_mean_token_mean") return LossAggregation::seq_mean_token_mean;
  if (text == "constant") return LossAggregation::constant;
  if (text == "token_mean") return LossAggregation::token_mean;
  if (text == "group_token_mean") return LossAggregation::group_token_mean;
  if (text == "local_token_mean") return LossAggregation::local_token_mean;
  check(text == "seq_mean", ErrorCode::invalid_argument, "expected a loss aggregation, got {}",
        text);
  return LossAggregation::seq_mean;
}

at::Tensor aggregation_weights(LossAggregation aggregation, const LossCounts& counts,
                               const at::Tensor& lengths, const at::Tensor& group_lengths,
                               int64_t max_completion_length) {
  const auto completions = static_cast<double>(counts.completions);
  const auto at_least_one = [](int64_t n) { return static_cast<double>(std::max<int64_t>(1, n)); };
  switch (aggregation) {
    case LossAggregation::seq_mean_token_mean:
    case LossAggregation::seq_mean:
      return lengths.reciprocal() / completions;
    case LossAggregation::constant:
      return at::full_like(lengths,
                           1.0 / (completions * static_cast<double>(max_completion_length)));
    case LossAggregation::token_mean:
      return at::full_like(lengths, 1.0 / at_least_one(counts.tokens));
    case LossAggregation::group_token_mean:
      return group_lengths.to(lengths.options()).reciprocal() / at_least_one(counts.groups);
    case LossAggregation::local_token_mean:
      return at::full_like(lengths, 1.0 / (at_least_one(counts.micro_batches) *
                                           at_least_one(counts.micro_batch_tokens)));
  }
  fail(ErrorCode::internal, "expected a known aggregation");
}

at::Tensor sequence_mean(const at::Tensor& values, const SequenceIndex& sequences) {
  const auto sums =
      at::zeros({sequences.count}, values.options().requires_grad(false))
          .index_add(0, sequences.index, values / sequences.lengths.to(values.scalar_type()));
  return sums.index_select(0, sequences.index);
}

}  // namespace reckon::rl
