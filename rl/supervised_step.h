#pragma once

#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <vector>

#include "rl/optimizer.h"
#include "rl/packing.h"
#include "tasks/corpus.h"

namespace reckon::rl {

/// What some optimizer steps of next-token training sum up to until they are logged.
struct SupervisedWindow {
  double loss = 0.0, correct = 0.0, seconds = 0.0;
  int64_t loss_tokens = 0, tokens = 0, steps = 0;
  double grad_norm = 0.0;  ///< of the last step

  /// Mean loss of the steps; 0 without any.
  double mean_loss() const;

  /// What a checkpoint that stands between two metrics lines keeps, so that the next line goes on
  /// with its sums; seconds are not kept.
  nlohmann::json state() const;
  /// The same sums out of `state()`. Throws what `nlohmann::json` throws.
  static SupervisedWindow from_state(const nlohmann::json& state);

  /// The keys of a metrics line that the sums give.
  nlohmann::json metrics() const;
};

/// As many of the next documents as fit `tokens` tokens, at least one. `next` gives document number
/// `cursor`, which is moved behind the last one taken; documents from `end` on are not asked for.
std::vector<tasks::DocumentIds> take_documents(
    const std::function<tasks::DocumentIds(uint64_t)>& next, int64_t tokens, uint64_t& cursor,
    uint64_t end);

/// One optimizer step on the mean cross-entropy of the documents' completion tokens, in
/// micro-batches of at most `micro_batch_tokens` tokens. Adds to `window`. Throws like
/// `Optimizer::step`.
int64_t supervised_step(const std::vector<tasks::DocumentIds>& documents,
                        int64_t micro_batch_tokens, const policy::Transformer& model,
                        Optimizer& optimizer, double learning_rate, SupervisedWindow& window);

}  // namespace reckon::rl
