// How recipe files are read, laid over each other, completed and hashed.
#include "recipes/recipe.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "core/json.h"
#include "recipes/embedded.h"
#include "recipes/run.h"
#include "tests/recipes/recipe_files.h"

using namespace reckon;
using namespace reckon::recipes;
using namespace reckon::tests;
using nlohmann::json;

namespace {

// The other files of the published chain: general data and prompts, and a student.
void add_paper_inputs(std::vector<std::string>& inputs, const RecipeFolder& folder) {
  folder.write("general.jsonl", R"({"messages": [{"role": "user", "content": "Hello."}, )"
                                R"({"role": "assistant", "content": "Hello to you."}]})"
                                "\n");
  const std::string general = (folder.path() / "general.jsonl").string();
  const std::string problems = (folder.path() / "problems.jsonl").string();
  for (const char* stage : {"dev3", "student"}) {
    inputs.push_back(fmt::format("stages.{}.datasets.1.path={}", stage, general));
  }
  for (const int part : {0, 1}) {
    inputs.push_back(fmt::format("stages.r1.task.parts.{}.task.path={}", part, problems));
  }
  inputs.emplace_back("stages.student.policy=tests/golden/model_llama_tiny");
}

// What a shipped recipe asks its user for: a model, and a data set of which enough is held out.
std::vector<std::string> user_inputs(const std::string& name, const RecipeFolder& folder) {
  const RecipeConfig config = load_recipe(name, {}).config;
  std::vector<std::string> inputs;
  if (!config.model.path.empty()) inputs.emplace_back("model.path=tests/golden/model_llama_tiny");
  if ((**config.task).value("kind", "") != "jsonl") return inputs;
  // Tests of programs are read in a sandbox each, so there are fewer of them.
  const bool programs = (**config.task).contains("prompt_template");
  std::string rows;
  for (int i = 0; i < (programs ? 100 : 1200); ++i) {
    const std::string n = std::to_string(i);
    if (programs) {
      rows += R"({"prompt": "Give )" + n + R"(.", "entry_point": "f", "tests": ["assert f() == )" +
              n + "\"]}\n";
      continue;
    }
    rows += R"({"question": "What is )" + n + R"( + 0?", "answer": "Nothing is added.\n#### )" + n +
            "\"}\n";
  }
  folder.write("problems.jsonl", rows);
  inputs.push_back("task.path=" + (folder.path() / "problems.jsonl").string());
  inputs.emplace_back("task.held_out_fraction=0.6");
  if (name == "r1-paper") add_paper_inputs(inputs, folder);
  return inputs;
}

const rl::GrpoConfig& grpo(const Recipe& recipe, size_t stage = 1) {
  return std::get<rl::GrpoConfig>(recipe.stages.at(stage));
}

}  // namespace

TEST_CASE("every shipped recipe loads, can be run, and is the same when read from its resolution") {
  CHECK(shipped_recipes().size() >= 9);
  const RecipeFolder folder;
  for (const std::string& name : shipped_recipes()) {
    CAPTURE(name);
    const Recipe recipe = load_recipe(name, user_inputs(name, folder));
    CHECK(recipe.config.name == name);
    CHECK(recipe.config.description != "");
    CHECK(recipe.hash.size() == 16);
    CHECK(describe_run(recipe, true).find("stage 1 of ") != std::string::npos);
    const Recipe again = resolve_recipe(*recipe.resolved, "again");
    CHECK(again.hash == recipe.hash);
    CHECK(*again.resolved == *recipe.resolved);
    // Through text, as it is stored with a run.
    CHECK(resolve_recipe(parse_json_text(json_text(*recipe.resolved), "text"), "text").hash ==
          recipe.hash);
  }
}

TEST_CASE("a model that is not there is named before anything is run, with what to do") {
  const Recipe recipe = load_recipe("smollm2-arithmetic", {"model.path=no-such-folder"});
  const auto refused = thrown_by([&] { describe_run(recipe, true); });
  CHECK(refused.code == ErrorCode::not_found);
  CHECK(refused.says("got nothing at no-such-folder, in smollm2-arithmetic /model/path"));
  CHECK(refused.says("--set model.path="));
}

TEST_CASE("a stage object patches the stages of the base by name and keeps the rest") {
  const RecipeFolder folder;
  folder.write("base.json", json_text(good_recipe()));
  folder.write("patch.json", R"({"base": "base.json", "name": "patched",
    // comments are allowed
    "stages": {"zero": {"max_steps": 9, "rewards": [{"kind": "random", "probability": 0.5}]}}})");
  const Recipe recipe = folder.load("patch.json");
  CHECK(recipe.config.name == "patched");
  REQUIRE(recipe.stages.size() == 3);
  CHECK(grpo(recipe).max_steps == 9);
  CHECK(grpo(recipe).policy == "base");
  REQUIRE(grpo(recipe).rewards.size() == 1);
  CHECK((*grpo(recipe).rewards[0])["kind"] == "random");
  CHECK(recipe.config.model.preset == "tiny-smoke");
}

TEST_CASE("a stage list replaces all stages of the base; null takes a key away") {
  const RecipeFolder folder;
  folder.write("base.json", json_text(recipe_with("/seed", 5)));
  folder.write("list.json", R"({"base": "base.json", "seed": null, "stages": [
    {"name": "only", "kind": "pretrain", "corpus": {"kind": "countdown-traces"}}]})");
  const Recipe recipe = folder.load("list.json");
  REQUIRE(recipe.stages.size() == 1);
  CHECK(stage_name(recipe.stages[0]) == "only");
  CHECK(stage_kind(recipe.stages[0]) == "pretrain");
  CHECK(recipe.config.seed == RecipeConfig{}.seed);
}

TEST_CASE("a base's claim and description do not pass to the recipe on top") {
  const RecipeFolder folder;
  auto base = good_recipe();
  base["claim"] = "it learns";
  base["description"] = "the base";
  folder.write("base.json", json_text(base));
  folder.write("top.json", R"({"base": "base.json"})");
  CHECK(folder.load("base.json").config.claim == "it learns");
  CHECK(folder.load("top.json").config.claim == "");
  CHECK(folder.load("top.json").config.description == "");
}

TEST_CASE("a base is looked for beside the file that names it, then among the shipped recipes") {
  const RecipeFolder folder;
  folder.write("below/bases/base.json", json_text(recipe_with("/seed", 11)));
  folder.write("below/middle.json", R"({"base": "bases/base.json", "name": "middle"})");
  folder.write("top.json", R"({"base": "below/middle.json", "name": "top"})");
  folder.write("shipped.json", R"({"base": "smoke", "name": "mine"})");
  CHECK(folder.load("top.json").config.seed == 11);
  CHECK(folder.load("top.json").config.name == "top");
  CHECK(folder.load("shipped.json").stages.size() == load_recipe("smoke", {}).stages.size());
}

TEST_CASE("a base that is missing, turns in a circle, or has no such stage is named") {
  const RecipeFolder folder;
  folder.write("lost.json", R"({"base": "nowhere.json"})");
  folder.write("one.json", R"({"base": "two.json"})");
  folder.write("two.json", R"({"base": "one.json"})");
  folder.write("number.json", R"({"base": 3})");
  folder.write("base.json", json_text(good_recipe()));
  folder.write("stage.json", R"({"base": "base.json", "stages": {"one": {"max_steps": 1}}})");
  const auto lost = folder.refused("lost.json");
  CHECK(lost.code == ErrorCode::not_found);
  CHECK(lost.says("nowhere.json"));
  CHECK(lost.says("tiny-zero"));
  const auto circle = folder.refused("one.json");
  CHECK(circle.code == ErrorCode::invalid_argument);
  CHECK(circle.says("a circle?"));
  CHECK(folder.refused("number.json").says("got 3"));
  const auto stage = folder.refused("stage.json");
  CHECK(stage.says("expected the name of a stage of the base, got \"one\""));
  CHECK(stage.says("stage.json"));
}

TEST_CASE("overrides change the recipe and its hash, and say what exists if they miss") {
  const RecipeFolder folder;
  folder.write("r.json", json_text(good_recipe()));
  const Recipe plain = folder.load("r.json");
  const Recipe changed =
      folder.load("r.json", {"stages.zero.learning_rate=3e-4", "seed=8", "stages.2.num_samples=2"});
  CHECK(grpo(changed).learning_rate == doctest::Approx(3e-4));
  CHECK(changed.config.seed == 8);
  CHECK(std::get<rl::EvalConfig>(changed.stages[2]).num_samples == 2);
  CHECK(changed.hash != plain.hash);
  CHECK(folder.load("r.json", {"seed=42"}).hash == plain.hash);
  CHECK(folder.refused("r.json", {"stages.one.beta=1"}).says("one of: base, zero, exam"));
  CHECK(folder.refused("r.json", {"stages.zero.max_step=1"}).says("max_steps"));
  CHECK(folder.refused("r.json", {"seed"}).says("a.b.c=value"));
}

TEST_CASE("settings of speed are not in the hash, all others are") {
  const std::string hash = resolve_recipe(good_recipe(), "r").hash;
  CHECK(resolve_recipe(recipe_with("/speed/rows_per_thread", 1), "r").hash == hash);
  for (const auto& [pointer, value] : std::vector<std::pair<std::string, json>>{
           {"/seed", 1}, {"/stages/0/max_steps", 6}, {"/stages/1/beta", 0.5}, {"/name", "b"}}) {
    CHECK_MESSAGE(resolve_recipe(recipe_with(pointer, value), "r").hash != hash, pointer);
  }
}

TEST_CASE("unknown keys are refused with the nearest name, and other programs' names are hinted") {
  const auto nearest = refused_document(recipe_with("/stages/1/num_generation", 4));
  CHECK(nearest.code == ErrorCode::invalid_argument);
  CHECK(nearest.says("num_generations"));
  CHECK(nearest.says("r.json /stages/1"));
  CHECK(refused_document(recipe_with("/sed", 4)).says("seed"));
  const std::vector<std::pair<std::string, std::string>> foreign = {
      {"clip_ratio_high", "epsilon_high"},
      {"kl_loss_coef", "beta"},
      {"max_response_length", "max_completion_length"},
      {"reward_funcs", "rewards"},
      {"group_size", "num_generations"}};
  for (const auto& [theirs, ours] : foreign) {
    CHECK_MESSAGE(refused_document(recipe_with("/stages/1/" + theirs, 4)).says(ours), theirs);
  }
  CHECK(refused_document(recipe_with("/stages/1/rollout", json{{"n", 8}})).says("num_generations"));
}

TEST_CASE("wrong types and values out of bounds are named with their place, all in one message") {
  auto document = good_recipe();
  document["seed"] = "seven";
  document["model"] = 3;
  document["stages"][0]["max_steps"] = 2.5;
  document["stages"][1]["num_generations"] = 0;
  document["stages"][1]["loss_type"] = "ppo";
  document["stages"][1]["temperature"] = std::nan("");
  document["stages"][2]["kind"] = "exam";
  const auto refused = refused_document(document);
  CHECK(refused.code == ErrorCode::invalid_argument);
  for (const char* part : {"/seed", "/model", "/stages/0/max_steps", "/stages/1/num_generations",
                           "at least 1", "/stages/1/loss_type", "dr_grpo", "/stages/1/temperature",
                           "/stages/2/kind", "pretrain, sft, grpo, sample, distill, eval"}) {
    CHECK_MESSAGE(refused.says(part), part);
  }
  CHECK(std::count(refused.text.begin(), refused.text.end(), '\n') == 6);
}

TEST_CASE("documents that are no recipe at all are refused") {
  for (const char* text :
       {"null", "3", "[]", "\"x\"", "{}", "{\"name\": \"x\"}", "{\"name\": \"x\", \"stages\": {}}",
        "{\"name\": \"x\", \"stages\": [3]}", "{\"name\": \"x\", \"stages\": [null]}",
        "{\"name\": \"x\", \"stages\": [[]]}"}) {
    CAPTURE(std::string(text));
    const RecipeFolder folder;
    folder.write("r.json", text);
    CHECK(folder.refused("r.json").code == ErrorCode::invalid_argument);
  }
}
