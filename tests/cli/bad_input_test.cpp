// What users and strangers hand the program: it says what is wrong, once, and writes nothing.
#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "core/files.h"
#include "core/json.h"
#include "tests/byte_mutation.h"
#include "tests/cli/process.h"
#include "tests/cli/run_bytes.h"
#include "tests/cli/small_recipe.h"

using namespace reckon;
using namespace reckon::tests;
namespace fs = std::filesystem;

namespace {

bool holds(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

// One message on standard error, nothing on standard output, and the wanted status.
void check_refused(const Outcome& outcome, int status, const std::string& message) {
  CHECK(outcome.signal == 0);
  CHECK_MESSAGE(outcome.status == status, outcome.err);
  CHECK(outcome.out == "");
  CHECK_MESSAGE(error_lines(outcome.err) == 1, outcome.err);
  CHECK_MESSAGE(holds(outcome.err, message), outcome.err);
  for (const char* trace : {"frame #", "terminate called", "what():", "c10::"}) {
    CHECK_MESSAGE(!holds(outcome.err, trace), outcome.err);
  }
  CHECK(outcome.err.size() < 4000);
}

void check_recipe_refused(const std::string& text, const std::string& message) {
  CAPTURE(text.substr(0, 80));
  const TempFolder folder;
  write_file_atomic(folder.path() / "r.json", text);
  Launch launch;
  launch.arguments = {"run", "r.json"};
  launch.folder = folder.path();
  check_refused(run_program(launch), 2, message);
  CHECK_MESSAGE(all_bytes(folder.path()).size() == 1, "a refused recipe writes nothing");
}

std::string changed(const std::string& key, const nlohmann::json& value) {
  auto recipe = pretrain_recipe();
  recipe[nlohmann::json::json_pointer(key)] = value;
  return json_text(recipe);
}

// The same with a stage of each kind: 0 base, 1 zero, 2 more, 3 picked, 4 tuned, 5 pupil, 6 exam.
std::string changed_chain(const std::string& key, const nlohmann::json& value) {
  auto recipe = small_recipe();
  recipe[nlohmann::json::json_pointer(key)] = value;
  return json_text(recipe);
}

// The model of a short run, to be damaged.
class ModelFolder {
 public:
  ModelFolder() {
    const auto recipe = write_recipe(folder_.path(), pretrain_recipe());
    const Outcome outcome = run_program(run_launch(recipe, folder_.path() / "run"));
    REQUIRE_MESSAGE(outcome.status == 0, outcome.err);
  }

  fs::path path() const { return folder_.path() / "run" / "stages" / "base" / "model"; }
  std::string text(const char* file) const { return read_file(path() / file); }

  /// `reckon eval` of a copy in which one file has other bytes.
  Outcome eval_with(const char* file, const std::string& bytes) const {
    const TempFolder copy;
    fs::copy(path(), copy.path() / "m", fs::copy_options::recursive);
    write_file_atomic(copy.path() / "m" / file, bytes);
    return eval(copy.path() / "m");
  }

  static Outcome eval(const fs::path& model, const std::vector<std::string>& more = {}) {
    Launch launch;
    launch.arguments = {"eval", model.string(), "--prompts", "4", "--max-completion-length",
                        "8",    "--threads",    "2"};
    launch.arguments.insert(launch.arguments.end(), more.begin(), more.end());
    launch.time_limit = std::chrono::seconds(60);
    return run_program(launch);
  }

 private:
  TempFolder folder_;
};

}  // namespace

TEST_CASE("a broken recipe is one message with the place, status 2, and no file") {
  check_recipe_refused("{\"name\": \"x\",\n \"stages\": [}", "line 2");
  check_recipe_refused("", "r.json");
  check_recipe_refused("[1, 2]", "expected an object");
  check_recipe_refused(std::string(100, '\0') + "\xff\xfe\x80" + std::string(100, '\x07'),
                       "r.json");
  check_recipe_refused(std::string(100000, '['), "r.json");
  check_recipe_refused(changed("/stages/0/max_stepz", 3), "max_steps");
  check_recipe_refused(changed("/task/kind", "chess"), "countdown");
  check_recipe_refused(changed("/device", "cuda"), "use cpu");
  check_recipe_refused(changed("/model/preset", "huge"), "tiny-0.4m");
  check_recipe_refused(changed("/name", "../elsewhere"), "/name");
}

TEST_CASE("stages that do not fit together are one message, status 2, and nothing is computed") {
  check_recipe_refused(changed_chain("/stages/2/policy", "nobody"),
                       "expected an earlier stage or a model folder, got \"nobody\", in r.json "
                       "/stages/2/policy");
  check_recipe_refused(changed_chain("/stages/1/policy", "more"),
                       "expected an earlier stage, got \"more\", in r.json /stages/1/policy");
  check_recipe_refused(changed_chain("/stages/4/datasets/0/samples", "zero"),
                       "expected a sample stage, got the grpo stage \"zero\", in r.json "
                       "/stages/4/datasets/0/samples");
  check_recipe_refused(changed_chain("/stages/4/datasets/0", {{"path", "missing.jsonl"}}),
                       "missing.jsonl");
  check_recipe_refused(changed_chain("/stages/3/keep", {{{"reward", "language"}, {"min", 1}}}),
                       "expected the name of a reward of the stage (countdown, format), got "
                       "\"language\", in r.json /stages/3/keep/0/reward");
  auto recipe = small_recipe();
  recipe["stages"][1] = {{"name", "zero"},
                         {"kind", "pretrain"},
                         {"corpus", {{"kind", "instructed-traces"}}},
                         {"max_steps", 5}};
  recipe["stages"][2]["policy"] = "base";
  recipe["stages"][5]["teacher"] = "zero";
  check_recipe_refused(json_text(recipe), "expected a teacher with the student's tokenizer of ");
}

TEST_CASE("a recipe that is missing, a folder or a pipe is refused with the names there are") {
  const TempFolder folder;
  for (const std::string& name : {std::string("missing.json"), folder.path().string(),
                                  std::string("/dev/null"), std::string("")}) {
    CAPTURE(name);
    Launch launch;
    launch.arguments = {"run", name};
    launch.folder = folder.path();
    check_refused(run_program(launch), 2, "tiny-zero");
  }
  CHECK(all_bytes(folder.path()).empty());
}

TEST_CASE("an output folder that cannot be made ends with the system's reason") {
  const TempFolder folder;
  const auto recipe = write_recipe(folder.path(), pretrain_recipe());
  write_file_atomic(folder.path() / "file", "");
  const Outcome outcome = run_program(run_launch(recipe, folder.path() / "file" / "run"));
  CHECK(outcome.status == 1);
  CHECK(error_lines(outcome.err) == 1);
  CHECK(holds(outcome.err, "Not a directory"));
}

TEST_SUITE("e2e") {
  TEST_CASE("a damaged run folder is refused and left as it is") {
    const TempFolder folder;
    const auto recipe = write_recipe(folder.path(), pretrain_recipe());
    const auto run = folder.path() / "run";
    REQUIRE(run_program(run_launch(recipe, run)).status == 0);
    fs::remove(run / "stages/base/done.json");
    const std::string metrics = read_file(run / "metrics.jsonl");
    const std::string state = read_file(run / "stages/base/checkpoint-000020/state.json");
    const auto refuse = [&](const std::string& file, const std::string& bytes,
                            const char* message) {
      CAPTURE(file);
      const std::string before = read_file(run / file);
      write_file_atomic(run / file, bytes);
      const Outcome outcome = run_program(run_launch(run));
      CHECK_MESSAGE(outcome.status == 2, outcome.err);
      CHECK_MESSAGE(error_lines(outcome.err) == 1, outcome.err);
      CHECK_MESSAGE(holds(outcome.err, message), outcome.err);
      write_file_atomic(run / file, before);
    };
    refuse("recipe.json", "{}", "recipe.json");
    refuse("recipe.json", "{\"recipe\": 3, \"threads\": 2}", "recipe.json");
    refuse("metrics.jsonl", metrics.substr(0, 100), "metrics.jsonl");
    refuse("stages/base/checkpoint-000020/state.json", "{}", "state.json");
    refuse("stages/base/checkpoint-000020/state.json", state.substr(0, state.size() / 2),
           "state.json");
    refuse("stages/base/checkpoint-000020/optimizer.safetensors", "short", "optimizer.safetensors");
    const Outcome healed = run_program(run_launch(run));
    CHECK_MESSAGE(healed.status == 0, healed.err);
  }

  TEST_CASE("`eval` prints one JSON line for a good model and refuses bad options with status 2") {
    const ModelFolder model;
    const Outcome good = ModelFolder::eval(model.path());
    REQUIRE_MESSAGE(good.status == 0, good.err);
    const auto line = parse_json_text(good.out, "standard output");
    CHECK(line["num_prompts"] == 4);
    CHECK(line["prompts"].size() == 4);
    const std::vector<std::pair<std::string, std::string>> wrong = {
        {"--task", "chess"},     {"--task", "{\"kind\": 5}"}, {"--task", "{"},
        {"--task", ""},          {"--reward", "luck"},        {"--reward", "{\"kind\": []}"},
        {"--prompts", "1000000"}};
    for (const auto& [option, value] : wrong) {
      CAPTURE(option);
      CAPTURE(value);
      const Outcome outcome = ModelFolder::eval(model.path(), {option, value});
      CHECK_MESSAGE(outcome.status == 2, outcome.err);
      CHECK(outcome.out == "");
      CHECK(outcome.err != "");
    }
  }

  TEST_CASE("`eval` of a missing, damaged or hostile model folder is one message and status 2") {
    const ModelFolder model;
    const TempFolder empty;
    check_refused(ModelFolder::eval(empty.path() / "missing"), 2, "missing");
    check_refused(ModelFolder::eval(empty.path()), 2, "config.json");

    const std::string weights = model.text("model.safetensors");
    const char* const kWeights = "model.safetensors";
    for (const size_t size : {size_t{0}, size_t{7}, size_t{100}, weights.size() - 1}) {
      check_refused(model.eval_with(kWeights, weights.substr(0, size)), 2, kWeights);
    }
    check_refused(model.eval_with(kWeights, std::string(8, '\xff') + weights.substr(8)), 2,
                  kWeights);

    auto config = parse_json_text(model.text("config.json"), "config.json");
    const std::vector<std::pair<std::string, nlohmann::json>> hostile = {
        {"hidden_size", 64},
        {"hidden_size", 1e15},
        {"hidden_size", -32},
        {"num_hidden_layers", 3},
        {"num_hidden_layers", 1e9},
        {"num_attention_heads", 0},
        {"vocab_size", 4e18},
        {"head_dim", 15},
        {"architectures", {"MambaForCausalLM"}},
        {"rope_theta", "large"},
        {"intermediate_size", nullptr}};
    for (const auto& [key, value] : hostile) {
      CAPTURE(key);
      auto damaged = config;
      damaged[key] = value;
      check_refused(model.eval_with("config.json", json_text(damaged)), 2, "m/");
    }

    const std::string tokenizer = model.text("tokenizer.json");
    for (const std::string& junk : {std::string(), std::string("{}"), std::string("\x01\x02\xff"),
                                    std::string(50000, '['), tokenizer.substr(0, 1000)}) {
      check_refused(model.eval_with("tokenizer.json", junk), 2, "tokenizer.json");
    }
  }

  TEST_CASE("`eval` of randomly damaged models never crashes and never hangs") {
    const ModelFolder model;
    ByteMutation mutation(11);
    for (const char* file : {"config.json", "tokenizer.json", "model.safetensors"}) {
      for (int number = 0; number < 12; ++number) {
        CAPTURE(std::string(file));
        CAPTURE(number);
        std::string bytes = model.text(file);
        // Damage to weights alone is no damage that can be seen.
        const size_t head = std::min<size_t>(bytes.size(), 4000);
        bytes = mutation.damage(bytes.substr(0, head)) + bytes.substr(head);
        const Outcome outcome = model.eval_with(file, bytes);
        CHECK(outcome.signal == 0);
        CHECK_MESSAGE((outcome.status == 0 || outcome.status == 2), outcome.err);
        CHECK(error_lines(outcome.err) == (outcome.status == 0 ? 0 : 1));
      }
    }
  }
}
