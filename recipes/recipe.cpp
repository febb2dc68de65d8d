#include "recipes/recipe.h"

#include <filesystem>
#include <nlohmann/json.hpp>

#include "core/error.h"
#include "core/files.h"
#include "core/hash.h"
#include "core/json.h"
#include "recipes/embedded.h"
#include "recipes/hints.h"

namespace reckon::recipes {
namespace {

using nlohmann::json;

constexpr int kMostBases = 16;

struct Document {
  json value;
  std::string source;
  std::filesystem::path folder;  // that `base` is relative to
};

bool is_shipped(const std::string& name) {
  const auto names = shipped_recipes();
  return std::find(names.begin(), names.end(), name) != names.end();
}

Document read_document(const std::string& name_or_path, const std::filesystem::path& folder) {
  const auto path = folder / name_or_path;
  if (std::filesystem::is_regular_file(path)) {
    return {read_json_file(path, true), path.string(), path.parent_path()};
  }
  if (is_shipped(name_or_path)) {
    const auto text = recipe_file(name_or_path + ".json");
    return {parse_json_text(text, name_or_path, true), name_or_path, {}};
  }
  std::string known;
  for (const auto& name : shipped_recipes()) known += (known.empty() ? "" : ", ") + name;
  fail(ErrorCode::not_found, "expected a recipe file or one of {}, got \"{}\"", known,
       name_or_path);
}

// Patches the stages of `base` by name (an object keyed by stage name).
void patch_stages(json& stages, const json& patch, const std::string& source) {
  for (const auto& [name, changes] : patch.items()) {
    const auto found = std::find_if(stages.begin(), stages.end(), [&](const json& stage) {
      return stage.is_object() && stage.value("name", json()) == name;
    });
    check(found != stages.end(), ErrorCode::invalid_argument,
          "expected the name of a stage of the base, got \"{}\", in {} /stages", name, source);
    found->merge_patch(changes);
  }
}

// Lays a recipe over its base, its base over the next one, and so on.
json flatten(Document document, int depth) {
  check(document.value.is_object(), ErrorCode::invalid_argument,
        "expected an object, got {}, in {}", json_summary(document.value), document.source);
  const auto base = document.value.find("base");
  if (base == document.value.end()) return document.value;
  check(base->is_string(), ErrorCode::invalid_argument,
        "expected the name of a recipe, got {}, in {} /base", json_summary(*base), document.source);
  check(depth < kMostBases, ErrorCode::invalid_argument,
        "expected at most {} bases on top of each other, got more (a circle?), in {} /base",
        kMostBases, document.source);
  json result = flatten(read_document(base->get<std::string>(), document.folder), depth + 1);
  json patch = document.value;
  patch.erase("base");
  if (patch.contains("stages") && patch["stages"].is_object() && result.contains("stages") &&
      result["stages"].is_array()) {
    patch_stages(result["stages"], patch["stages"], document.source);
    patch.erase("stages");
  }
  // The base's claim and description speak of the base.
  result.erase("claim");
  result.erase("description");
  const json more = patch.value("more_stages", json::array());
  patch.erase("more_stages");
  check(more.is_array(), ErrorCode::invalid_argument,
        "expected a list of stages, got {}, in {} /more_stages", json_summary(more),
        document.source);
  result.merge_patch(patch);
  check(more.empty() || result.value("stages", json()).is_array(), ErrorCode::invalid_argument,
        "expected a base with a list of stages, got {}, in {} /more_stages",
        json_summary(result.value("stages", json())), document.source);
  for (const json& stage : more) result["stages"].push_back(stage);
  return result;
}

template <class T>
StageConfig read_stage(const json& object, const std::string& pointer, const std::string& source,
                       ConfigProblems& problems) {
  return read_config<T>(object, pointer, source, foreign_names(), problems);
}

StageConfig read_any_stage(const json& object, const std::string& pointer,
                           const std::string& source, ConfigProblems& problems) {
  const json kind = object.is_object() ? object.value("kind", json()) : json();
  if (kind == "pretrain") return read_stage<rl::PretrainConfig>(object, pointer, source, problems);
  if (kind == "sft") return read_stage<rl::SftConfig>(object, pointer, source, problems);
  if (kind == "grpo") return read_stage<rl::GrpoConfig>(object, pointer, source, problems);
  if (kind == "sample") return read_stage<rl::SampleConfig>(object, pointer, source, problems);
  if (kind == "distill") return read_stage<rl::DistillConfig>(object, pointer, source, problems);
  if (kind == "eval") return read_stage<rl::EvalConfig>(object, pointer, source, problems);
  problems.add(source, pointer + "/kind", "one of: pretrain, sft, grpo, sample, distill, eval",
               json_summary(kind));
  return rl::EvalConfig{};
}

bool is_safe_name(const std::string& name) {
  const auto allowed = [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) || c == '-' || c == '_' || c == '.';
  };
  return !name.empty() && name.size() <= 100 && name.front() != '.' &&
         std::all_of(name.begin(), name.end(), allowed);
}

void check_names(const Recipe& recipe, ConfigProblems& problems) {
  constexpr const char* kExpected = "a name of letters, digits, '-', '_' and '.'";
  if (!is_safe_name(recipe.config.name)) {
    problems.add(recipe.source, "/name", kExpected, json_summary(recipe.config.name));
  }
  std::vector<std::string> seen;
  for (size_t i = 0; i < recipe.stages.size(); ++i) {
    const std::string& name = stage_name(recipe.stages[i]);
    const std::string pointer = json_pointer(json_pointer("/stages", i), "name");
    if (!is_safe_name(name)) problems.add(recipe.source, pointer, kExpected, json_summary(name));
    if (std::find(seen.begin(), seen.end(), name) != seen.end()) {
      problems.add(recipe.source, pointer, "stages of different names", "\"" + name + "\" twice");
    }
    seen.push_back(name);
  }
  if (recipe.stages.empty()) problems.add(recipe.source, "/stages", "at least one stage", "none");
}

}  // namespace

const std::string& stage_name(const StageConfig& stage) {
  return std::visit([](const auto& config) -> const std::string& { return config.name; }, stage);
}

const std::string& stage_kind(const StageConfig& stage) {
  return std::visit([](const auto& config) -> const std::string& { return config.kind; }, stage);
}

namespace {

// The rewards of each kind of stage.
struct RewardsOf {
  std::vector<JsonValue> operator()(const rl::PretrainConfig& config) const {
    return config.gate ? config.gate->rewards : std::vector<JsonValue>{};
  }
  std::vector<JsonValue> operator()(const rl::SftConfig&) const { return {}; }
  std::vector<JsonValue> operator()(const rl::GrpoConfig& config) const {
    auto rewards = config.rewards;
    if (config.overlong_buffer_len > 0) {
      rewards.emplace_back(json{{"kind", "overlong"},
                                {"overlong_buffer_len", config.overlong_buffer_len},
                                {"overlong_penalty_factor", config.overlong_penalty_factor}});
    }
    return rewards;
  }
  // Of sample, distill and eval stages.
  template <class Config>
  std::vector<JsonValue> operator()(const Config& config) const {
    return config.rewards;
  }
};

struct CompletionLimit {
  int64_t operator()(const rl::PretrainConfig& config) const {
    return config.gate ? config.gate->max_completion_length : 0;
  }
  int64_t operator()(const rl::SftConfig&) const { return 0; }
  template <class Config>
  int64_t operator()(const Config& config) const {
    return config.max_completion_length;
  }
};

}  // namespace

std::vector<JsonValue> stage_rewards(const StageConfig& stage) {
  return std::visit(RewardsOf{}, stage);
}

int64_t completion_limit(const StageConfig& stage) { return std::visit(CompletionLimit{}, stage); }

std::string stage_rewards_key(const StageConfig& stage) {
  return std::holds_alternative<rl::PretrainConfig>(stage) ? "gate/rewards" : "rewards";
}

Recipe resolve_recipe(const json& document, const std::string& source) {
  ConfigProblems problems;
  Recipe recipe;
  recipe.source = source;
  recipe.config = read_config<RecipeConfig>(document, "", source, foreign_names(), problems);
  for (size_t i = 0; i < recipe.config.stages.size(); ++i) {
    recipe.stages.push_back(
        read_any_stage(*recipe.config.stages[i], json_pointer("/stages", i), source, problems));
  }
  if (problems.empty()) check_names(recipe, problems);
  problems.throw_if_any();

  json resolved = write_config(recipe.config);
  for (size_t i = 0; i < recipe.stages.size(); ++i) {
    auto& stage = recipe.stages[i];
    if (auto* grpo = std::get_if<rl::GrpoConfig>(&stage)) {
      *grpo = rl::resolve_loss_preset(*grpo, source + " " + json_pointer("/stages", i));
    }
    resolved["stages"][i] =
        std::visit([](const auto& config) { return write_config(config); }, stage);
  }
  recipe.resolved = JsonValue(resolved);
  resolved.erase("speed");
  recipe.hash = hex16(fnv1a(json_text(resolved)));
  return recipe;
}

Recipe load_recipe(const std::string& name_or_path, const std::vector<std::string>& overrides) {
  Document document = read_document(name_or_path, {});
  const std::string source = document.source;
  json flat = flatten(std::move(document), 0);
  for (const std::string& assignment : overrides) apply_override(flat, assignment);
  return resolve_recipe(flat, source);
}

}  // namespace reckon::recipes
