#include "rl/supervised_step.h"

#include <nlohmann/json.hpp>

#include "core/progress.h"
#include "policy/token_logprobs.h"

namespace reckon::rl {

using nlohmann::json;

double SupervisedWindow::mean_loss() const {
  return loss / static_cast<double>(std::max<int64_t>(1, steps));
}

json SupervisedWindow::state() const {
  return {{"loss", loss},     {"correct", correct}, {"loss_tokens", loss_tokens},
          {"tokens", tokens}, {"steps", steps},     {"grad_norm", grad_norm}};
}

SupervisedWindow SupervisedWindow::from_state(const json& state) {
  SupervisedWindow out;
  out.loss = state.at("loss").get<double>();
  out.correct = state.at("correct").get<double>();
  out.loss_tokens = state.at("loss_tokens").get<int64_t>();
  out.tokens = state.at("tokens").get<int64_t>();
  out.steps = state.at("steps").get<int64_t>();
  out.grad_norm = state.at("grad_norm").get<double>();
  return out;
}

json SupervisedWindow::metrics() const {
  const auto count = static_cast<double>(steps);
  return {{"loss", loss / count},
          {"mean_token_accuracy", correct / static_cast<double>(loss_tokens)},
          {"grad_norm", grad_norm},
          {"step_time", seconds / count},
          {"time/update", seconds / count},
          {"tokens_per_second/update", static_cast<double>(tokens) / seconds}};
}

std::vector<tasks::DocumentIds> take_documents(
    const std::function<tasks::DocumentIds(uint64_t)>& next, int64_t tokens, uint64_t& cursor,
    uint64_t end) {
  std::vector<tasks::DocumentIds> documents;
  int64_t total = 0;
  while (cursor < end) {
    auto document = next(cursor);
    const int64_t length = std::ssize(document.prompt) + std::ssize(document.completion);
    if (!documents.empty() && total + length > tokens) break;
    ++cursor;
    total += length;
    documents.push_back(std::move(document));
  }
  return documents;
}

int64_t supervised_step(const std::vector<tasks::DocumentIds>& documents,
                        int64_t micro_batch_tokens, const policy::Transformer& model,
                        Optimizer& optimizer, double learning_rate, SupervisedWindow& window) {
  const double start = steady_seconds();
  // Step 1. Documents of this step, packed.
  std::vector<TrainingSequence> sequences;
  int64_t loss_tokens = 0, tokens = 0;
  for (const auto& d : documents) {
    sequences.push_back({d.prompt, d.completion, {}, 0.0});
    loss_tokens += std::ssize(d.completion);
    tokens += std::ssize(d.prompt) + std::ssize(d.completion);
  }
  // Step 2. Mean cross-entropy of the completion tokens, summed over micro-batches.
  optimizer.zero_grad();
  for (const auto& batch :
       pack_sequences(sequences, micro_batch_tokens, model.embedding().device())) {
    const auto out = policy::token_logprobs(model.forward(batch.batch), model.head(), batch.rows,
                                            batch.targets, 1.0);
    const auto loss = -out.logprobs.sum() / static_cast<double>(loss_tokens);
    loss.backward();
    window.loss += loss.item<double>();
    window.correct += out.correct.sum().item<double>();
  }
  // Step 3. Update.
  window.grad_norm = optimizer.step(learning_rate);
  ++window.steps;
  window.loss_tokens += loss_tokens;
  window.tokens += tokens;
  window.seconds += steady_seconds() - start;
  return tokens;
}

}  // namespace reckon::rl
