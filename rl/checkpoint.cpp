#include "rl/checkpoint.h"

#include <charconv>
#include <nlohmann/json.hpp>

#include "core/error.h"
#include "core/files.h"
#include "core/json.h"
#include "core/jsonl.h"
#include "policy/pretrained.h"
#include "policy/tensor_file.h"

namespace reckon::rl {
namespace {

constexpr const char* kPrefix = "checkpoint-";

// Writes a folder under a temporary name and publishes it; nothing is left if `fill` throws.
template <class Fill>
void write_folder(const std::filesystem::path& target, Fill fill) {
  auto aside = target;
  aside += ".tmp-new";
  std::filesystem::remove_all(aside);
  std::error_code failure;
  std::filesystem::create_directories(aside, failure);
  check(!failure, ErrorCode::io, "expected to make the folder {}, got: {}", aside.string(),
        failure.message());
  try {
    fill(aside);
    publish_folder(aside, target);
  } catch (...) {
    std::filesystem::remove_all(aside, failure);
    throw;
  }
}

std::vector<FoundCheckpoint> all_checkpoints(const std::filesystem::path& stage_folder) {
  std::vector<FoundCheckpoint> found;
  if (!std::filesystem::is_directory(stage_folder)) return found;
  for (const auto& entry : std::filesystem::directory_iterator(stage_folder)) {
    const std::string name = entry.path().filename().string();
    if (!name.starts_with(kPrefix)) continue;
    int64_t step = 0;
    const char* end = name.data() + name.size();
    const auto parsed = std::from_chars(name.data() + std::string_view(kPrefix).size(), end, step);
    if (parsed.ec == std::errc() && parsed.ptr == end) found.push_back({entry.path(), step});
  }
  std::sort(found.begin(), found.end(),
            [](const FoundCheckpoint& a, const FoundCheckpoint& b) { return a.step < b.step; });
  return found;
}

// Writes the checkpoint of a step, with what `fill` puts into it beside the state.
template <class Fill>
void write_checkpoint(const StageContext& stage, int64_t step, nlohmann::json state,
                      std::optional<int64_t> keep, Fill fill) {
  state["step"] = step;
  state["hash"] = stage.hash;
  state["offsets"] = write_offsets(stage.log.sync());
  stage.cost.tick();
  state["cost"] = write_cost(stage.cost);
  write_folder(stage.folder / fmt::format("{}{:06}", kPrefix, step), [&](const auto& folder) {
    fill(folder);
    write_file_atomic(folder / "state.json", json_text(state, 2) + "\n");
  });
  const auto found = all_checkpoints(stage.folder);
  const auto kept = static_cast<size_t>(keep.value_or(static_cast<int64_t>(found.size())));
  for (size_t i = 0; i + kept < found.size(); ++i) std::filesystem::remove_all(found[i].folder);
}

}  // namespace

void save_checkpoint(const StageContext& stage, int64_t step, const nlohmann::json& state,
                     const CheckpointParts& parts, std::optional<int64_t> keep) {
  write_checkpoint(stage, step, state, keep, [&](const std::filesystem::path& folder) {
    const bool has_adapter = parts.model.lora().has_value();
    if (has_adapter) {
      policy::save_adapter(parts.model, folder);
    } else {
      policy::save_pretrained(parts.model, parts.tokenizer, folder);
    }
    parts.optimizer.save(folder / "optimizer.safetensors");
    // The reference of an adapter is its base, which never changes.
    if (parts.reference != nullptr && !has_adapter) {
      policy::save_tensors(folder / "reference.safetensors", parts.reference->named_views());
    }
    if (!parts.rollout.empty()) {
      JsonlWriter lines(folder / "rollout.jsonl");
      for (const auto& line : parts.rollout) lines.write(line);
    }
  });
}

void save_state(const StageContext& stage, int64_t step, const nlohmann::json& state,
                std::optional<int64_t> keep) {
  write_checkpoint(stage, step, state, keep, [](const std::filesystem::path&) {});
}

std::optional<FoundCheckpoint> newest_checkpoint(const std::filesystem::path& stage_folder) {
  const auto found = all_checkpoints(stage_folder);
  return found.empty() ? std::nullopt : std::optional(found.back());
}

nlohmann::json read_checkpoint_state(const std::filesystem::path& folder, const std::string& hash) {
  const auto path = folder / "state.json";
  auto state = read_json_file(path);
  check(state.is_object() && state.contains("step") && state["step"].is_number_integer() &&
            state.contains("hash") && state["hash"].is_string(),
        ErrorCode::corrupt, "expected an object with step and hash, got {}, in {}",
        json_summary(state), path.string());
  check(hash.empty() || state["hash"] == hash, ErrorCode::invalid_argument,
        "expected a checkpoint of the recipe with hash {}, got {}, in {}", hash,
        state["hash"].get<std::string>(), path.string());
  return state;
}

void read_members(const std::filesystem::path& file, const std::function<void()>& read) {
  try {
    read();
  } catch (const nlohmann::json::exception& error) {
    fail(ErrorCode::corrupt, "expected the members that a checkpoint has, got: {}, in {}",
         error.what(), file.string());
  }
}

void load_checkpoint(const std::filesystem::path& folder, policy::Transformer& model,
                     Optimizer& optimizer, policy::Transformer* reference) {
  const auto load = [&](const char* name, policy::Transformer& target) {
    const auto path = folder / name;
    const auto file = SafetensorsFile::open(path);
    for (const auto& [key, view] : target.named_views()) {
      policy::read_tensor_into(file, path, key, view);
    }
    target.repack();
  };
  if (model.lora()) {
    policy::load_adapter(folder, model);
    optimizer.load(folder / "optimizer.safetensors");
    return;
  }
  load("model.safetensors", model);
  optimizer.load(folder / "optimizer.safetensors");
  if (reference != nullptr) load("reference.safetensors", *reference);
}

std::optional<FoundCheckpoint> restore_checkpoint(
    const StageContext& stage, policy::Transformer& model, Optimizer& optimizer,
    policy::Transformer* reference, const std::function<void(const nlohmann::json& state)>& read) {
  const auto found = newest_checkpoint(stage.folder);
  if (!found) return std::nullopt;
  const nlohmann::json state = read_checkpoint_state(found->folder, stage.hash);
  load_checkpoint(found->folder, model, optimizer, reference);
  read_members(found->folder / "state.json", [&] { read(state); });
  return found;
}

std::vector<nlohmann::json> load_checkpoint_rollout(const std::filesystem::path& folder) {
  std::vector<nlohmann::json> lines;
  const auto path = folder / "rollout.jsonl";
  if (!std::filesystem::exists(path)) return lines;
  for_each_jsonl(
      path, [&](const nlohmann::json& line, uint64_t) { lines.push_back(line); },
      JsonlMode::strict);
  return lines;
}

void save_result(const StageContext& stage, const policy::Transformer& model,
                 const policy::Tokenizer& tokenizer) {
  write_folder(stage.folder / "model",
               [&](const auto& folder) { policy::save_pretrained(model, tokenizer, folder); });
  if (!model.lora()) return;
  write_folder(stage.folder / "adapter",
               [&](const auto& folder) { policy::save_adapter(model, folder); });
}

}  // namespace reckon::rl
