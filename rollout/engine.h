#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "core/philox.h"
#include "policy/transformer.h"
#include "rollout/sampling.h"

namespace reckon::rollout {

/// One prompt to answer. `index` addresses its random draws and must be unique within a call.
struct Prompt {
  uint32_t index = 0;
  std::vector<int32_t> ids;
};

/// How a completion ended.
enum class FinishReason { stop, length };

/// "stop" or "length".
const char* to_string(FinishReason reason);

/// One sampled answer. The end token is part of `ids` where it was sampled. The vectors are
/// parallel.
struct Completion {
  std::vector<int32_t> ids;
  std::vector<float> logprobs;            ///< at the sampling temperature, before any filter
  std::vector<float> logprobs_t1;         ///< at temperature 1
  std::vector<float> logprobs_truncated;  ///< after the filters; empty where none acts
  FinishReason finish_reason = FinishReason::length;
};

/// All answers to one prompt, in the order of the sample number.
using Group = std::vector<Completion>;

/// Called once for each prompt as soon as its group is complete, from any thread, so that rewards
/// can be computed while other groups are still being sampled.
using OnGroup = std::function<void(size_t prompt, const Group& group)>;

/// Samples completions from a policy. A completion is a function of the weights, the stream, the
/// prompt (index and ids) and the sample number alone: never of the other requests, of their order,
/// or of where it was computed.
class RolloutEngine {
 public:
  virtual ~RolloutEngine() = default;

  /// `num_samples` completions of each prompt, sample numbers 0 …. Groups come back in the order of
  /// `prompts`. Throws `invalid_argument` for an empty prompt or ids outside the vocabulary.
  virtual std::vector<Group> generate(std::span<const Prompt> prompts, int64_t num_samples,
                                      const SamplingParams& params, const RandomStream& stream,
                                      const OnGroup& on_group = {}) = 0;
};

/// Settings that do not change what a completion is.
struct EngineOptions {
  int64_t rows_per_thread = 32;  ///< sequences that one thread decodes together
  bool share_prompt = true;      ///< compute a group's prompt once
  /// Threads decode all rows together, each reading a part of the weights, instead of each its own
  /// rows. Absent: for models whose weights do not fit in the caches.
  std::optional<bool> share_weights = {};
  /// Asked before every token, from any thread; once it says true, `generate` returns soon, without
  /// `on_group` for the groups that were not complete. Those hold completions that were cut short.
  std::function<bool()> stop = {};
  /// Called with every token as soon as it is sampled, the end token too, from the thread that
  /// sampled it: `prompt` counts those of the call.
  std::function<void(size_t prompt, uint32_t sample, int32_t token)> on_token = {};
};

/// The engine for the device of `policy`, which must outlive it: cached decoding on the CPU, plain
/// forward passes elsewhere. It reads the policy's own parameters; there is no copy to refresh.
std::unique_ptr<RolloutEngine> make_engine(const policy::Transformer& policy,
                                           const EngineOptions& options = {});

/// An engine that runs the whole sequence through `Transformer::forward` for every token. Slow, on
/// any device; the twin that cached decoding is tested against.
std::unique_ptr<RolloutEngine> make_full_forward_engine(const policy::Transformer& policy,
                                                        const EngineOptions& options = {});

/// Throws unless every prompt is usable with a vocabulary of `vocab_size`.
void check_prompts(std::span<const Prompt> prompts, int64_t vocab_size);

}  // namespace reckon::rollout
