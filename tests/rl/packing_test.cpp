#include "rl/packing.h"

#include <doctest/doctest.h>

#include "rl/optimizer.h"
#include "tests/core/thrown_error.h"
#include "tests/rl/golden_rollout.h"

using namespace reckon;
using namespace reckon::rl;

namespace {

// Sequences with lengths of prompt and completion as given and ids that tell them apart.
class Sequences {
 public:
  explicit Sequences(const std::vector<std::pair<int, int>>& lengths) {
    int32_t id = 3;
    for (const auto& [prompt, completion] : lengths) {
      auto& one = owned_.emplace_back();
      for (int i = 0; i < prompt; ++i) one.prompt.push_back(3 + (id++ % 160));
      for (int i = 0; i < completion; ++i) {
        one.completion.push_back(3 + (id++ % 160));
        one.logprobs.push_back(-0.5F * static_cast<float>(i + 1));
      }
    }
    for (size_t i = 0; i < owned_.size(); ++i) {
      const auto& one = owned_[i];
      views_.push_back({one.prompt, one.completion, one.logprobs, 1.0 + static_cast<double>(i)});
    }
  }

  const std::vector<TrainingSequence>& views() const { return views_; }

 private:
  struct Owned {
    std::vector<int32_t> prompt, completion;
    std::vector<float> logprobs;
  };
  std::vector<Owned> owned_;
  std::vector<TrainingSequence> views_;
};

std::vector<int64_t> integers(const at::Tensor& tensor) {
  const auto values = tensor.to(at::kLong).contiguous();
  return {values.const_data_ptr<int64_t>(), values.const_data_ptr<int64_t>() + values.numel()};
}

// Which sequences each micro-batch holds, by their advantages (1, 2, ...).
std::vector<std::vector<int>> members(const std::vector<MicroBatch>& batches) {
  std::vector<std::vector<int>> out;
  for (const auto& batch : batches) {
    auto& group = out.emplace_back();
    int64_t first = 0;
    for (const int64_t count : batch.token_counts) {
      group.push_back(static_cast<int>(batch.advantages[first].item<double>()));
      first += count;
    }
  }
  return out;
}

// Adds the gradient of the sum of weighted log-probabilities.
void backward(const policy::Transformer& model, const MicroBatch& batch) {
  const auto out = policy::token_logprobs(model.forward(batch.batch), model.head(), batch.rows,
                                          batch.targets, 1.0);
  (out.logprobs * batch.advantages).sum().backward();
}

}  // namespace

TEST_CASE("a micro-batch holds at most its tokens, a longer sequence is alone") {
  // Tokens that are run: 20, 3, 5, 3, 6.
  const Sequences sequences({{10, 11}, {2, 2}, {3, 3}, {1, 3}, {6, 1}});
  for (const int64_t limit : {1, 6, 9, 11, 40}) {
    CAPTURE(limit);
    size_t seen = 0;
    for (const auto& batch : pack_sequences(sequences.views(), limit, at::kCPU)) {
      seen += batch.token_counts.size();
      CHECK((batch.batch.ids.numel() <= limit || batch.token_counts.size() == 1));
      CHECK(batch.batch.ids.numel() == batch.batch.offsets.back());
    }
    CHECK(seen == 5);
  }
  CHECK(members(pack_sequences(sequences.views(), 9, at::kCPU)) ==
        std::vector<std::vector<int>>{{1}, {2, 3}, {4, 5}});
  CHECK(members(pack_sequences(sequences.views(), 11, at::kCPU)) ==
        std::vector<std::vector<int>>{{1}, {2, 3, 4}, {5}});
}

TEST_CASE("every row predicts its target and carries what belongs to its sequence") {
  const Sequences sequences({{3, 2}, {1, 3}});
  const auto batch = pack_sequences(sequences.views(), 100, at::kCPU).at(0);
  const auto& first = sequences.views()[0];
  const auto& second = sequences.views()[1];
  // Prompts and completions are segments; last tokens are not run.
  CHECK(integers(batch.batch.ids) ==
        std::vector<int64_t>{first.prompt[0], first.prompt[1], first.prompt[2], first.completion[0],
                             second.prompt[0], second.completion[0], second.completion[1]});
  CHECK(batch.batch.offsets == std::vector<int64_t>{0, 3, 4, 5, 7});
  CHECK(batch.batch.prefixes == std::vector<int64_t>{-1, 0, -1, 2});
  CHECK(integers(batch.rows) == std::vector<int64_t>{2, 3, 4, 5, 6});
  CHECK(integers(batch.targets) == std::vector<int64_t>{first.completion[0], first.completion[1],
                                                        second.completion[0], second.completion[1],
                                                        second.completion[2]});
  CHECK(at::equal(batch.old_logprobs, at::tensor({-0.5F, -1.0F, -0.5F, -1.0F, -1.5F})));
  CHECK(at::equal(batch.advantages, at::tensor({1.0, 1.0, 2.0, 2.0, 2.0}, at::kDouble)));
  CHECK(at::equal(batch.lengths, at::tensor({2.0F, 2.0F, 3.0F, 3.0F, 3.0F})));
  CHECK(batch.token_counts == std::vector<int64_t>{2, 3});
}

TEST_CASE("neighbours with one prompt share it, once in each micro-batch") {
  Sequences sequences({{3, 4}, {3, 1}, {3, 3}, {2, 2}});
  auto views = sequences.views();
  views[1].prompt = views[2].prompt = views[0].prompt;
  const auto batch = pack_sequences(views, 100, at::kCPU).at(0);
  // 3 of the shared prompt, 3 + 0 + 2 of its completions, 2 + 1 of the last sequence.
  CHECK(batch.batch.offsets == std::vector<int64_t>{0, 3, 6, 8, 10, 11});
  CHECK(batch.batch.prefixes == std::vector<int64_t>{-1, 0, 0, -1, 3});
  CHECK(integers(batch.rows) == std::vector<int64_t>{2, 3, 4, 5, 2, 2, 6, 7, 9, 10});
  const auto cut = pack_sequences(views, 7, at::kCPU);
  CHECK(members(cut) == std::vector<std::vector<int>>{{1, 2}, {3}, {4}});
  CHECK(cut.at(1).batch.prefixes == std::vector<int64_t>{-1, 0});
}

TEST_CASE("a shared prompt changes neither log-probabilities nor the gradient") {
  Sequences sequences({{6, 9}, {6, 1}, {6, 5}, {2, 4}, {2, 7}});
  auto views = sequences.views();
  views[1].prompt = views[2].prompt = views[0].prompt;
  views[4].prompt = views[3].prompt;
  const auto model = golden_model();
  Optimizer optimizer(*model, OptimizerConfig{});
  std::vector<at::Tensor> alone;
  for (const auto& sequence : views) {
    const auto batch = pack_sequences(std::span(&sequence, 1), 1, at::kCPU).at(0);
    alone.push_back(policy::token_logprobs(model->forward(batch.batch), model->head(), batch.rows,
                                           batch.targets, 1.0)
                        .logprobs.detach());
    backward(*model, batch);
  }
  const auto gradient = optimizer.flat_gradient().clone();
  optimizer.zero_grad();
  const auto batch = pack_sequences(views, 100, at::kCPU).at(0);
  const auto together = policy::token_logprobs(model->forward(batch.batch), model->head(),
                                               batch.rows, batch.targets, 1.0);
  CHECK(at::equal(together.logprobs, at::cat(alone)));
  backward(*model, batch);
  CHECK(relative_error(optimizer.flat_gradient(), gradient) < 1e-12);
}

TEST_CASE("the gradient of packed sequences is the sum of theirs alone") {
  const Sequences sequences({{3, 9}, {5, 2}, {1, 1}, {7, 7}, {2, 12}});
  const auto model = golden_model();
  Optimizer optimizer(*model, OptimizerConfig{});
  for (const auto& sequence : sequences.views()) {
    backward(*model, pack_sequences(std::span(&sequence, 1), 1, at::kCPU).at(0));
  }
  const auto alone = optimizer.flat_gradient().clone();
  for (const int64_t limit : {100, 16}) {
    optimizer.zero_grad();
    for (const auto& batch : pack_sequences(sequences.views(), limit, at::kCPU)) {
      backward(*model, batch);
    }
    CHECK(relative_error(optimizer.flat_gradient(), alone) < 1e-12);
  }
}

TEST_CASE("nothing to pack gives no micro-batch") {
  CHECK(pack_sequences({}, 10, at::kCPU).empty());
}

TEST_CASE("a sequence without prompt or completion is an error") {
  for (const auto& lengths : {std::pair(0, 3), std::pair(3, 0)}) {
    const Sequences sequences({lengths});
    const auto error = tests::thrown_by([&] { pack_sequences(sequences.views(), 10, at::kCPU); });
    CHECK(error.code == ErrorCode::invalid_argument);
    CHECK(error.says("at least one token"));
  }
}
