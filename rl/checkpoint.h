#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <vector>

#include "policy/tokenizer.h"
#include "policy/transformer.h"
#include "rl/optimizer.h"
#include "rl/stage.h"

namespace reckon::rl {

/// What a checkpoint is made of. Random draws and data positions follow from the step, so there is
/// no generator state.
struct CheckpointParts {
  const policy::Transformer& model;
  const policy::Tokenizer& tokenizer;
  const Optimizer& optimizer;
  const policy::Transformer* reference = nullptr;  ///< if a KL term needs it
  std::vector<nlohmann::json> rollout;             ///< completions that later updates still need
};

/// Writes `folder/checkpoint-SSSSSS` of the stage aside and renames it: a killed run leaves no half
/// checkpoint. Of a model with an adapter only the adapter is written. `state` (an object) is what
/// the stage itself needs; step, hash, cost and file offsets are added. Then removes the oldest ones
/// beyond `keep`. Throws `io`; older checkpoints stay then.
void save_checkpoint(const StageContext& stage, int64_t step, const nlohmann::json& state,
                     const CheckpointParts& parts, std::optional<int64_t> keep);

/// The same for a stage that trains nothing: a checkpoint of `state` alone.
void save_state(const StageContext& stage, int64_t step, const nlohmann::json& state,
                std::optional<int64_t> keep);

/// A checkpoint found on disk.
struct FoundCheckpoint {
  std::filesystem::path folder;
  int64_t step;
};

/// The newest checkpoint of a stage folder, or none.
std::optional<FoundCheckpoint> newest_checkpoint(const std::filesystem::path& stage_folder);

/// The state saved with a checkpoint. Throws `corrupt`; `invalid_argument` if it belongs to a
/// recipe with another hash (`hash` empty: any).
nlohmann::json read_checkpoint_state(const std::filesystem::path& folder, const std::string& hash);

/// Runs `read`, which takes JSON of `file` apart. Throws `corrupt` that names the file if a member
/// is missing or of another type.
void read_members(const std::filesystem::path& file, const std::function<void()>& read);

/// Weights and moments of a checkpoint, and the reference where `reference` is not null. A model
/// with an adapter takes only the adapter, and the reference stays its base.
void load_checkpoint(const std::filesystem::path& folder, policy::Transformer& model,
                     Optimizer& optimizer, policy::Transformer* reference);

/// Makes `model`, `optimizer` and `reference` (may be null) those of the newest checkpoint of the
/// stage, and hands its state to `read`, which may throw what `nlohmann::json` throws. Returns the
/// checkpoint; none, and nothing is changed, if there is none. Throws like the functions above.
std::optional<FoundCheckpoint> restore_checkpoint(
    const StageContext& stage, policy::Transformer& model, Optimizer& optimizer,
    policy::Transformer* reference, const std::function<void(const nlohmann::json& state)>& read);

/// Lines of the rollout saved with a checkpoint; empty if it stood between two rollouts.
std::vector<nlohmann::json> load_checkpoint_rollout(const std::filesystem::path& folder);

/// Publishes the stage's result `folder/model`, and what is an adapter of it also as
/// `folder/adapter`.
void save_result(const StageContext& stage, const policy::Transformer& model,
                 const policy::Tokenizer& tokenizer);

}  // namespace reckon::rl
