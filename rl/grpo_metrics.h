#pragma once

#include <nlohmann/json_fwd.hpp>
#include <span>

#include "rl/rollout_buffer.h"

namespace reckon::rl {

/// Metrics of the completions of one minibatch under TRL's names: rewards, lengths, groups without
/// signal, covariances, words (docs/formats.md).
nlohmann::json completion_metrics(const GrpoConfig& config, std::span<const ScoredGroup> groups,
                                  const Scorer& scorer);

/// The part of them that is about rewards: means, deviations, accuracy, what could not be scored.
nlohmann::json reward_metrics(std::span<const ScoredGroup> groups, const Scorer& scorer);

/// The part that is about lengths, whatever the rewards.
nlohmann::json length_metrics(std::span<const ScoredGroup> groups);

/// Metrics of an update: loss, clipping, entropy, and the gap between sampler and trainer.
nlohmann::json update_metrics(const GrpoConfig& config, const UpdateResult& update,
                              const SamplingGap& gap);

/// The line of one completion for completions.jsonl. Without rewards it has no answer and no reason.
nlohmann::json completion_line(const std::string& stage, int64_t step, const ScoredGroup& group,
                               size_t sample, const Scorer& scorer);

/// Adds `logprobs`, of each sampled token at the sampling temperature, and `tokens`, their texts, to
/// a line of completions.jsonl. A character that several tokens make up belongs to the last one.
void add_tokens(nlohmann::json& line, const ScoredCompletion& sample,
                const policy::Tokenizer& tokenizer);

/// Lengths in tokens of all completions.
std::vector<double> completion_lengths(std::span<const ScoredGroup> groups);

}  // namespace reckon::rl
