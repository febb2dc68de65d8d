#include "recipes/stage_plan.h"

#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "core/error.h"
#include "core/fingerprint.h"
#include "core/hash.h"
#include "core/json.h"
#include "policy/pretrained.h"

namespace reckon::recipes {
namespace {

using nlohmann::json;
namespace fs = std::filesystem;

void add(std::vector<StageReference>& list, const std::string& key, const std::string& name,
         StageReference::Kind kind = StageReference::model) {
  if (!name.empty()) list.push_back({key, name, kind});
}

void add_datasets(std::vector<StageReference>& list, const rl::SftDataOptions& options) {
  for (size_t d = 0; d < options.datasets.size(); ++d) {
    add(list, fmt::format("datasets/{}/samples", d), options.datasets[d].samples,
        StageReference::samples);
  }
}

void add_references(std::vector<StageReference>& list, const rl::PretrainConfig& config) {
  add(list, "policy", config.policy);
}

void add_references(std::vector<StageReference>& list, const rl::SftConfig& config) {
  add(list, "policy", config.policy);
  add_datasets(list, config);
}

void add_references(std::vector<StageReference>& list, const rl::GrpoConfig& config) {
  add(list, "policy", config.policy);
  add(list, "budget_of", config.budget_of, StageReference::any);
}

void add_references(std::vector<StageReference>& list, const rl::SampleConfig& config) {
  add(list, "policy", config.policy);
}

void add_references(std::vector<StageReference>& list, const rl::DistillConfig& config) {
  add(list, "policy", config.policy);
  add(list, "teacher", config.teacher);
  add_datasets(list, config);
}

void add_references(std::vector<StageReference>& list, const rl::EvalConfig& config) {
  const json& value = *config.policy;
  const json names = value.is_array() ? value : json::array({value});
  for (const json& name : names) {
    if (name.is_string()) add(list, "policy", name.get<std::string>());
  }
}

bool makes_model(const std::string& kind) { return kind != "eval" && kind != "sample"; }

bool is_model_path(const std::string& path) {
  return fs::is_regular_file(fs::path(path) / "config.json") || policy::is_adapter_folder(path) ||
         (path.ends_with(".gguf") && fs::is_regular_file(path));
}

// An earlier stage is named: it must come before and make what is wanted.
void check_earlier(const Recipe& recipe, size_t i, size_t found, const StageReference& reference,
                   const std::string& where) {
  const std::string& kind = stage_kind(recipe.stages[found]);
  check(found < i, ErrorCode::invalid_argument, "expected an earlier stage, got \"{}\", in {}",
        reference.name, where);
  check(reference.kind != StageReference::model || makes_model(kind), ErrorCode::invalid_argument,
        "expected a stage that makes a model, got the {} stage \"{}\", in {}", kind, reference.name,
        where);
  check(reference.kind != StageReference::samples || kind == "sample", ErrorCode::invalid_argument,
        "expected a sample stage, got the {} stage \"{}\", in {}", kind, reference.name, where);
}

// Strings in `value` under keys that name files.
void collect_paths(const json& value, std::set<std::string>& paths) {
  static const std::set<std::string> kKeys = {"path", "policy", "teacher", "samples",
                                               "command"};
  if (value.is_array()) {
    for (const json& item : value) collect_paths(item, paths);
    return;
  }
  if (!value.is_object()) return;
  for (const auto& [key, member] : value.items()) {
    const json list = member.is_array() ? member : json::array({member});
    for (const json& item : list) {
      if (kKeys.contains(key) && item.is_string()) paths.insert(item.get<std::string>());
    }
    collect_paths(member, paths);
  }
}

// Takes the fingerprint of each file once: the stages of a chain name the same model and data.
class Fingerprints {
 public:
  uint64_t of(const fs::path& path) {
    const auto [found, is_new] = known_.try_emplace(path.string());
    if (is_new) found->second = fingerprint(path);
    return found->second;
  }

 private:
  std::map<std::string, uint64_t> known_;
};

json file_identities(const Recipe& recipe, const json& inputs, Fingerprints& fingerprints) {
  std::set<std::string> paths;
  collect_paths(inputs, paths);
  json identities = json::object();
  for (const std::string& path : paths) {
    if (path.empty() || find_stage(recipe, path)) continue;
    if (const uint64_t identity = fingerprints.of(path)) identities[path] = hex16(identity);
    // Says which tokenizer made the ids of samples.
    const auto summary = fs::path(path).parent_path() / "summary.json";
    if (path.ends_with("samples.jsonl") && fs::exists(summary)) {
      identities[summary.string()] = hex16(fingerprints.of(summary));
    }
  }
  return identities;
}

}  // namespace

std::vector<StageReference> stage_references(const StageConfig& stage) {
  std::vector<StageReference> list;
  std::visit([&](const auto& config) { add_references(list, config); }, stage);
  return list;
}

std::optional<size_t> find_stage(const Recipe& recipe, const std::string& name) {
  for (size_t i = 0; i < recipe.stages.size(); ++i) {
    if (stage_name(recipe.stages[i]) == name) return i;
  }
  return std::nullopt;
}

void check_references(const Recipe& recipe, size_t i) {
  for (const StageReference& reference : stage_references(recipe.stages[i])) {
    const std::string where =
        recipe.source + " " + json_pointer("/stages", i) + "/" + reference.key;
    if (const auto found = find_stage(recipe, reference.name)) {
      check_earlier(recipe, i, *found, reference, where);
      continue;
    }
    switch (reference.kind) {
      case StageReference::model:
        check(is_model_path(reference.name), ErrorCode::not_found,
              "expected an earlier stage or a model folder, got \"{}\", in {}", reference.name,
              where);
        break;
      case StageReference::samples:
        check(fs::is_regular_file(reference.name), ErrorCode::not_found,
              "expected an earlier sample stage or a file of samples, got \"{}\", in {}",
              reference.name, where);
        break;
      case StageReference::any:
        fail(ErrorCode::not_found, "expected an earlier stage, got \"{}\", in {}", reference.name,
             where);
    }
  }
}

std::vector<std::string> policy_names(const rl::EvalConfig& config, const std::string& where) {
  const json& value = *config.policy;
  const json list = value.is_array() ? value : json::array({value});
  std::vector<std::string> names;
  for (const json& name : list) {
    check(name.is_string(), ErrorCode::invalid_argument,
          "expected the name of a stage or a list of them, got {}, in {}", json_summary(value),
          where);
    names.push_back(name.get<std::string>());
  }
  check(!names.empty(), ErrorCode::invalid_argument,
        "expected at least one policy, got none, in {}", where);
  return names;
}

std::vector<std::string> stage_hashes(const Recipe& recipe) {
  const json& resolved = *recipe.resolved;
  std::map<std::string, std::string> hashes;
  Fingerprints fingerprints;
  std::vector<std::string> list;
  for (size_t i = 0; i < recipe.stages.size(); ++i) {
    const json& stage = resolved.at("stages").at(i);
    json inputs = {{"index", i},
                   {"stage", stage},
                   {"seed", resolved.at("seed")},
                   {"device", resolved.at("device")},
                   {"dtype", resolved.at("dtype")},
                   {"model", resolved.at("model")},
                   {"sandbox", resolved.at("sandbox")}};
    const auto own_task = stage.find("task");
    if (own_task == stage.end() || own_task->is_null()) inputs["task"] = resolved.value("task", json());
    for (const auto& reference : stage_references(recipe.stages[i])) {
      const auto found = hashes.find(reference.name);
      if (found != hashes.end()) inputs["stages"][reference.name] = found->second;
    }
    inputs["files"] = file_identities(recipe, inputs, fingerprints);
    list.push_back(hex16(fnv1a(json_text(inputs))));
    hashes[stage_name(recipe.stages[i])] = list.back();
  }
  return list;
}

}  // namespace reckon::recipes
