#include "rl/packing.h"

#include <numeric>

#include "core/error.h"

namespace reckon::rl {
namespace {

int64_t tokens_of(const TrainingSequence& sequence) {
  return static_cast<int64_t>(sequence.prompt.size() + sequence.completion.size()) - 1;
}

// Collects sequences until they become one micro-batch.
class Packer {
 public:
  void add(const TrainingSequence& s) {
    check(!s.prompt.empty() && !s.completion.empty(), ErrorCode::invalid_argument,
          "expected a prompt and a completion of at least one token, got {} and {}",
          s.prompt.size(), s.completion.size());
    const auto first_row = static_cast<int64_t>(ids_.size() + s.prompt.size()) - 1;
    ids_.insert(ids_.end(), s.prompt.begin(), s.prompt.end());
    ids_.insert(ids_.end(), s.completion.begin(), s.completion.end() - 1);
    offsets_.push_back(static_cast<int64_t>(ids_.size()));
    const size_t count = s.completion.size();
    for (size_t t = 0; t < count; ++t) rows_.push_back(first_row + static_cast<int64_t>(t));
    targets_.insert(targets_.end(), s.completion.begin(), s.completion.end());
    old_logprobs_.insert(old_logprobs_.end(), s.old_logprobs.begin(), s.old_logprobs.end());
    advantages_.insert(advantages_.end(), count, s.advantage);
    lengths_.insert(lengths_.end(), count, static_cast<float>(count));
    counts_.push_back(static_cast<int64_t>(count));
  }

  int64_t tokens() const { return static_cast<int64_t>(ids_.size()); }

  MicroBatch finish(const at::Device& device) const {
    MicroBatch out;
    out.batch = {at::tensor(ids_, at::kLong).to(device), offsets_};
    out.rows = at::tensor(rows_, at::kLong).to(device);
    out.targets = at::tensor(targets_, at::kLong).to(device);
    if (!old_logprobs_.empty()) out.old_logprobs = at::tensor(old_logprobs_).to(device);
    out.advantages = at::tensor(advantages_).to(device);
    out.lengths = at::tensor(lengths_).to(device);
    out.token_counts = counts_;
    return out;
  }

 private:
  std::vector<int64_t> ids_, offsets_{0}, rows_, targets_, counts_;
  std::vector<float> old_logprobs_, lengths_;
  std::vector<double> advantages_;
};

}  // namespace

std::vector<MicroBatch> pack_sequences(std::span<const TrainingSequence> sequences,
                                       int64_t max_tokens, const at::Device& device) {
  std::vector<size_t> order(sequences.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) {
    return tokens_of(sequences[a]) < tokens_of(sequences[b]);
  });
  std::vector<MicroBatch> batches;
  Packer packer;
  for (const size_t i : order) {
    if (packer.tokens() > 0 && packer.tokens() + tokens_of(sequences[i]) > max_tokens) {
      batches.push_back(packer.finish(device));
      packer = Packer();
    }
    packer.add(sequences[i]);
  }
  if (packer.tokens() > 0) batches.push_back(packer.finish(device));
  return batches;
}

}  // namespace reckon::rl
