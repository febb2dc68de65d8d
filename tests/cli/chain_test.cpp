// Which stages are done again when a recipe, its data or the user's wish changes, and that the
// others are not.
#include <doctest/doctest.h>
#include <signal.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

#include "core/files.h"
#include "core/json.h"
#include "core/jsonl.h"
#include "tests/cli/process.h"
#include "tests/cli/reference_run.h"
#include "tests/cli/small_recipe.h"

using namespace reckon;
using namespace reckon::tests;
using nlohmann::json;
namespace fs = std::filesystem;

namespace {

using Names = std::set<std::string>;

// A run folder whose stages are watched.
class Chain {
 public:
  /// Of `folder` a copy.
  explicit Chain(const fs::path& folder) {
    fs::copy(folder, run(), fs::copy_options::recursive);
    note();
  }
  /// None yet.
  Chain() = default;

  fs::path folder() const { return folder_.path(); }
  fs::path run() const { return folder_.path() / "run"; }

  /// Runs to the end and says which stages were done in that.
  Names go_on(const fs::path& recipe, const std::vector<std::string>& more = {}) {
    const Outcome outcome = run_program(launch(recipe, more));
    REQUIRE_MESSAGE(outcome.status == 0, outcome.err);
    said_ = outcome.err;
    return done_since_note();
  }

  Launch launch(const fs::path& recipe, const std::vector<std::string>& more) const {
    auto launch = run_launch(recipe, run());
    launch.arguments.insert(launch.arguments.end(), more.begin(), more.end());
    return launch;
  }

  bool said(const std::string& text) const { return said_.find(text) != std::string::npos; }

 private:
  void note() {
    times_.clear();
    for (const auto& stage : fs::directory_iterator(run() / "stages")) {
      times_[stage.path().filename().string()] = fs::last_write_time(stage.path() / "done.json");
    }
  }

  Names done_since_note() {
    const auto before = times_;
    note();
    Names names;
    for (const auto& [name, time] : times_) {
      const auto found = before.find(name);
      if (found == before.end() || found->second != time) names.insert(name);
    }
    return names;
  }

  TempFolder folder_;
  std::map<std::string, fs::file_time_type> times_;
  std::string said_;
};

// The same bytes with the lines of the logs in an order that does not depend on which stage was
// done when.
RunBytes in_order(RunBytes bytes) {
  for (const char* name : {"metrics.jsonl", "completions.jsonl", "evals.jsonl"}) {
    std::istringstream all(bytes[name]);
    std::vector<std::string> lines;
    for (std::string line; std::getline(all, line);) lines.push_back(line);
    std::ranges::sort(lines);
    bytes[name].clear();
    for (const auto& line : lines) bytes[name] += line + "\n";
  }
  return bytes;
}

const std::vector<std::string> kChange = {"--set", "stages.pupil.learning_rate=3e-4"};

// A run that was made with the change from its beginning.
const RunBytes& changed_bytes() {
  static const RunBytes kBytes = [] {
    Chain chain;
    const Outcome outcome = run_program(chain.launch(reference_run().recipe(), kChange));
    REQUIRE_MESSAGE(outcome.status == 0, outcome.err);
    return in_order(run_bytes(chain.run()));
  }();
  return kBytes;
}

// Prompts and completions that the model of `small_recipe` has words for.
std::vector<std::string> rows() {
  std::vector<std::string> rows;
  for_each_jsonl(
      reference_run().run() / "stages/picked/samples.jsonl", [&](const json& line, uint64_t) {
        rows.push_back(
            json_text({{"question", line.at("prompt")}, {"answer", line.at("completion")}}) + "\n");
      });
  return rows;
}

// Pretraining, finetuning on a file, an evaluation.
json recipe_on(const fs::path& data) {
  json recipe = small_recipe();
  json& all = recipe["stages"];
  json tuned = all[4], exam = all[6];
  tuned["datasets"] = {
      {{"path", data.string()}, {"prompt_column", "question"}, {"completion_column", "answer"}}};
  exam["policy"] = {"base", "tuned"};
  all = json::array({pretrain_recipe()["stages"][0], tuned, exam});
  return recipe;
}

}  // namespace

TEST_SUITE("e2e") {
  TEST_CASE("chain: a changed setting redoes its stage and what builds on it, as if from new") {
    Chain chain(reference_run().run());
    CHECK(chain.go_on(reference_run().recipe(), kChange) == Names{"pupil", "exam"});
    CHECK(chain.said("done again, because they or what they start from changed: pupil, exam"));
    CHECK(difference(changed_bytes(), in_order(run_bytes(chain.run()))) == "");
    // The folder has the recipe that it was changed to.
    CHECK(run_program(run_launch(chain.run())).err.find("this run is finished") !=
          std::string::npos);
    // And back again.
    CHECK(chain.go_on(reference_run().recipe()) == Names{"pupil", "exam"});
    CHECK(difference(in_order(reference_run().bytes()), in_order(run_bytes(chain.run()))) == "");
  }

  TEST_CASE("chain: --from does a stage and all after it again, to the same bytes") {
    Chain chain(reference_run().run());
    CHECK(chain.go_on(reference_run().recipe(), {"--from", "tuned"}) ==
          Names{"tuned", "pupil", "exam"});
    CHECK(difference(reference_run().bytes(), run_bytes(chain.run())) == "");
    CHECK(chain.go_on(reference_run().recipe()).empty());
    CHECK(chain.said("this run is finished"));
    const Outcome unknown =
        run_program(chain.launch(reference_run().recipe(), {"--from", "turned"}));
    CHECK(unknown.status == 2);
    CHECK(unknown.err.find("expected the name of a stage of ") != std::string::npos);
    CHECK(unknown.err.find("got \"turned\", in --from") != std::string::npos);
    CHECK(difference(reference_run().bytes(), run_bytes(chain.run())) == "");
  }

  TEST_CASE("chain: stages that another recipe appends are done alone") {
    Chain chain(reference_run().run());
    const json longer = {{"base", reference_run().recipe().string()},
                         {"more_stages",
                          {{{"name", "extra"},
                            {"kind", "sft"},
                            {"policy", "pupil"},
                            {"datasets", {{{"samples", "picked"}}}},
                            {"tokens_per_step", 256},
                            {"num_train_epochs", 1}},
                           {{"name", "again"},
                            {"kind", "eval"},
                            {"policy", {"pupil", "extra"}},
                            {"rewards", {{{"kind", "countdown"}}}},
                            {"eval_prompts", 8},
                            {"max_completion_length", 16}}}}};
    CHECK(chain.go_on(write_recipe(chain.folder(), longer)) == Names{"extra", "again"});
    const auto bytes = run_bytes(chain.run());
    for (const auto& [name, text] : reference_run().bytes()) {
      CAPTURE(name);
      REQUIRE(bytes.contains(name));
      // Logs only grew.
      const bool log = name.find('/') == std::string::npos;
      CHECK((log ? bytes.at(name).starts_with(text) : bytes.at(name) == text));
    }
    CHECK(bytes.at("evals.jsonl").find("\"stage\":\"again\"") != std::string::npos);
    CHECK(bytes.contains("stages/extra/model/model.safetensors"));
  }

  TEST_CASE("chain: a data file with other rows redoes its stage; the same rows do not") {
    Chain chain;
    const auto data = chain.folder() / "rows.jsonl";
    const auto write = [&](size_t count) {
      std::string text;
      for (const auto& row : rows()) text += count-- > 0 ? row : "";
      write_file_atomic(data, text);
    };
    REQUIRE(rows().size() > 4);
    write(rows().size());
    const auto recipe = write_recipe(chain.folder(), recipe_on(data));
    CHECK(chain.go_on(recipe) == Names{"base", "tuned", "exam"});
    write(rows().size());
    CHECK(chain.go_on(recipe).empty());
    write(4);
    CHECK(chain.go_on(recipe) == Names{"tuned", "exam"});
    Chain fresh;
    CHECK(fresh.go_on(recipe) == Names{"base", "tuned", "exam"});
    CHECK(difference(in_order(run_bytes(fresh.run())), in_order(run_bytes(chain.run()))) == "");
  }

  TEST_CASE("chain: a sample stage that keeps nothing fails with reasons; other rules go on") {
    json recipe = pretrain_recipe();
    json picked = small_recipe()["stages"][3];
    picked["policy"] = "base";
    picked["max_completion_length"] = 8;
    picked["min_length"] = 8;
    picked["ended"] = true;  // in fewer tokens than the least
    picked["keep"] = {{{"reward", "format"}, {"min", 2}}};
    recipe["stages"].push_back(picked);
    Chain chain;
    const auto file = write_recipe(chain.folder(), recipe);
    for (int time = 0; time < 2; ++time) {
      const Outcome outcome = run_program(chain.launch(file, {}));
      CHECK(outcome.status == 2);
      CHECK(error_lines(outcome.err) == 1);
      const auto says = [&](const std::string& text) {
        CHECK_MESSAGE(outcome.err.find(text) != std::string::npos, outcome.err);
      };
      says("expected at least one sample that passes all rules, got none of 48 (");
      says(" cut_off");
      says("), in stage picked: see ");
      says("dropped.jsonl, then loosen the rule that drops most");
      const json status = read_json_file(chain.run() / "status.json");
      CHECK(status.at("state") == "failed");
      CHECK(status.at("stage") == "picked");
      CHECK(status.at("message").get<std::string>().find("got none of 48") != std::string::npos);
      CHECK_FALSE(fs::exists(chain.run() / "stages/picked/samples.jsonl"));
    }
    const auto base = fs::last_write_time(chain.run() / "stages/base/done.json");
    CHECK(chain.go_on(file, {"--set", "stages.picked.ended=false", "--set",
                             "stages.picked.keep=[]"}) == Names{"base", "picked"});
    CHECK(fs::last_write_time(chain.run() / "stages/base/done.json") == base);
    CHECK(fs::file_size(chain.run() / "stages/picked/samples.jsonl") > 0);
  }

  TEST_CASE("chain: killed while stages are being forgotten, it goes on to the same bytes") {
    Chain chain(reference_run().run());
    // So many files that their removal is met.
    const auto many = chain.run() / "stages/pupil/many";
    fs::create_directories(many);
    for (int i = 0; i < 5000; ++i) write_file_atomic(many / std::to_string(i), "");
    const auto forgetting = chain.run() / "forgetting.json";
    {
      Process process(chain.launch(reference_run().recipe(), kChange));
      REQUIRE(process.runs_until([&] { return fs::exists(forgetting); }));
      process.send(SIGKILL);
      CHECK(process.wait().signal == SIGKILL);
    }
    REQUIRE_MESSAGE(fs::exists(forgetting), "the kill must meet the removal to mean anything");
    CHECK(chain.go_on(reference_run().recipe(), kChange) == Names{"pupil", "exam"});
    CHECK_FALSE(fs::exists(forgetting));
    CHECK(difference(changed_bytes(), in_order(run_bytes(chain.run()))) == "");
  }
}
