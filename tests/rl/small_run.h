#pragma once

#include <functional>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "core/files.h"
#include "rl/distill.h"
#include "rl/grpo.h"
#include "rl/pretrain.h"
#include "rl/sample.h"
#include "rl/sft.h"

namespace reckon::rl {

/// Called with the number of each problem or document that a stage asks for.
using OnDraw = std::function<void(uint64_t)>;

/// A model of the preset `tiny-smoke` with the words of Countdown. Many ids end a completion, so
/// that an untrained model writes completions of different lengths.
policy::Pretrained small_policy(uint64_t seed = 7);

/// Countdown problems; `on_draw` is called for each training problem.
std::unique_ptr<tasks::ProblemSource> small_task(OnDraw on_draw = {});

/// A configuration of a `grpo` stage of few and short answers with a coin as the reward, changed
/// by the members of `settings`, and its preset filled in.
GrpoConfig small_grpo(const nlohmann::json& settings);

/// The same for a `pretrain` stage on Countdown traces.
PretrainConfig small_pretrain(const nlohmann::json& settings);

/// The same for a `sample` stage: a coin says what is right, one answer in batches of 4 problems.
SampleConfig small_sample(const nlohmann::json& settings);

/// The same for an `sft` stage on 40 Countdown traces.
SftConfig small_sft(const nlohmann::json& settings);

/// The same for a `distill` stage with method `on_policy`.
DistillConfig small_distill(const nlohmann::json& settings);

/// What a test puts between a stage and the world.
struct Hooks {
  OnDraw on_draw;
  /// Wraps the tokenizer.
  std::function<std::shared_ptr<const policy::Tokenizer>(policy::Pretrained&)> tokenizer;
  std::unique_ptr<tasks::ProblemSource> task;  ///< instead of Countdown
};

/// A run folder with one small stage in it, removed at the end. Each call goes on from the newest
/// checkpoint as a restarted program would.
class SmallRun {
 public:
  StageEnd grpo(const GrpoConfig& config, Hooks hooks = {}) const;
  StageEnd pretrain(const PretrainConfig& config, Hooks hooks = {}) const;
  StageEnd sample(const SampleConfig& config, Hooks hooks = {}) const;
  StageEnd sft(const SftConfig& config) const;
  /// The teacher is another small model, with more to say.
  StageEnd distill(const DistillConfig& config, Hooks hooks = {}) const;

  /// Forgets all that came after checkpoint `step`, apart from lines in the logs: the run was
  /// killed before the next checkpoint was complete.
  void kill_after(int64_t step) const;
  /// Makes `to` a copy of this run.
  void copy_to(const SmallRun& to) const;

  /// Lines of `NAME.jsonl` as text, without measurements of the machine.
  std::vector<std::string> lines(const std::string& name) const;
  /// The same as JSON.
  std::vector<nlohmann::json> objects(const std::string& name) const;
  /// Bytes of a file of the stage's folder.
  std::string stage_file(const std::string& name) const;
  /// Bytes of the weights of the stage's result.
  std::string weights() const;
  std::filesystem::path stage_folder() const { return folder_.path() / "stages" / "only"; }
  const std::filesystem::path& path() const { return folder_.path(); }

  uint64_t seed = 7;
  std::string hash = "0123456789abcdef";
  int threads = 1;  ///< of tensor operators and the engine
  /// What products of the policy read.
  policy::kernels::Storage storage = policy::kernels::Storage::full;

 private:
  template <class Make>
  StageEnd run(Make make) const;

  TempFolder folder_;
};

/// Whether two runs ended with the same logs and weights.
bool same_result(const SmallRun& a, const SmallRun& b);

}  // namespace reckon::rl
