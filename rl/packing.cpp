#include "rl/packing.h"

#include <algorithm>

#include "core/error.h"

namespace reckon::rl {
namespace {

bool same_prompt(const TrainingSequence& a, const TrainingSequence& b) {
  return std::equal(a.prompt.begin(), a.prompt.end(), b.prompt.begin(), b.prompt.end());
}

// Collects sequences until they become one micro-batch. The prompt of consecutive sequences that
// have the same one is a segment of its own, which their completions go on from.
class Packer {
 public:
  void add(const TrainingSequence& s, size_t number, bool shares_prompt) {
    check(!s.prompt.empty() && !s.completion.empty(), ErrorCode::invalid_argument,
          "expected a prompt and a completion of at least one token, got {} and {}",
          s.prompt.size(), s.completion.size());
    if (!shares_prompt) {
      ids_.insert(ids_.end(), s.prompt.begin(), s.prompt.end());
      close_segment(-1);
      prompt_ = std::ssize(prefixes_) - 1;
    }
    const int64_t first_row = std::ssize(ids_);
    if (s.completion.size() > 1) {
      ids_.insert(ids_.end(), s.completion.begin(), s.completion.end() - 1);
      close_segment(prompt_);
    }
    const size_t count = s.completion.size();
    rows_.push_back(offsets_[static_cast<size_t>(prompt_) + 1] - 1);
    for (size_t t = 1; t < count; ++t) rows_.push_back(first_row + static_cast<int64_t>(t) - 1);
    targets_.insert(targets_.end(), s.completion.begin(), s.completion.end());
    old_logprobs_.insert(old_logprobs_.end(), s.old_logprobs.begin(), s.old_logprobs.end());
    if (s.token_advantages.empty()) {
      advantages_.insert(advantages_.end(), count, s.advantage);
    } else {
      advantages_.insert(advantages_.end(), s.token_advantages.begin(), s.token_advantages.end());
    }
    sampler_logprobs_.insert(sampler_logprobs_.end(), s.sampler_logprobs.begin(),
                             s.sampler_logprobs.end());
    ref_logprobs_.insert(ref_logprobs_.end(), s.ref_logprobs.begin(), s.ref_logprobs.end());
    lengths_.insert(lengths_.end(), count, static_cast<float>(count));
    group_lengths_.insert(group_lengths_.end(), count, static_cast<float>(s.group_tokens));
    index_.insert(index_.end(), count, static_cast<int64_t>(members_.size()));
    counts_.push_back(static_cast<int64_t>(count));
    members_.push_back(number);
  }

  int64_t tokens() const { return static_cast<int64_t>(ids_.size()); }

  MicroBatch finish(const at::Device& device) const {
    MicroBatch out;
    out.batch = {at::tensor(ids_, at::kLong).to(device), offsets_, prefixes_};
    out.rows = at::tensor(rows_, at::kLong).to(device);
    out.targets = at::tensor(targets_, at::kLong).to(device);
    out.old_logprobs = values_or_none(old_logprobs_, device);
    out.sampler_logprobs = values_or_none(sampler_logprobs_, device);
    out.ref_logprobs = values_or_none(ref_logprobs_, device);
    out.advantages = at::tensor(advantages_).to(device);
    out.lengths = at::tensor(lengths_).to(device);
    out.group_lengths = at::tensor(group_lengths_).to(device);
    out.token_counts = counts_;
    out.sequences = {at::tensor(index_, at::kLong).to(device), out.lengths,
                     static_cast<int64_t>(members_.size())};
    out.members = members_;
    return out;
  }

 private:
  void close_segment(int64_t prefix) {
    offsets_.push_back(std::ssize(ids_));
    prefixes_.push_back(prefix);
  }

  static at::Tensor values_or_none(const std::vector<float>& values, const at::Device& device) {
    return values.empty() ? at::Tensor() : at::tensor(values).to(device);
  }

  int64_t prompt_ = -1;  // segment of the prompt at hand
  std::vector<int64_t> ids_, offsets_{0}, prefixes_, rows_, targets_, counts_, index_;
  std::vector<size_t> members_;
  std::vector<float> old_logprobs_, sampler_logprobs_, ref_logprobs_, lengths_, group_lengths_;
  std::vector<double> advantages_;
};

}  // namespace

std::vector<MicroBatch> pack_sequences(std::span<const TrainingSequence> sequences,
                                       int64_t max_tokens, const at::Device& device) {
  std::vector<MicroBatch> batches;
  Packer packer;
  for (size_t i = 0; i < sequences.size(); ++i) {
    const TrainingSequence& sequence = sequences[i];
    const int64_t completion = std::ssize(sequence.completion) - 1;
    const int64_t prompt = std::ssize(sequence.prompt);
    bool shares = packer.tokens() > 0 && same_prompt(sequences[i - 1], sequence);
    if (packer.tokens() > 0 && packer.tokens() + completion + (shares ? 0 : prompt) > max_tokens) {
      batches.push_back(packer.finish(device));
      packer = Packer();
      shares = false;
    }
    packer.add(sequence, i, shares);
  }
  if (packer.tokens() > 0) batches.push_back(packer.finish(device));
  return batches;
}

}  // namespace reckon::rl
