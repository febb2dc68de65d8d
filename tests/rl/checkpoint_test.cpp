#include "rl/checkpoint.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "core/error.h"
#include "core/files.h"
#include "core/json.h"
#include "tests/core/size_limit.h"
#include "tests/core/thrown_error.h"
#include "tests/rl/small_run.h"

using namespace reckon;
using namespace reckon::rl;
using nlohmann::json;

namespace {

// A stage folder with what a checkpoint is made of.
struct Stage {
  TempFolder folder;
  policy::Pretrained policy = small_policy();
  policy::Pretrained other = small_policy(8);
  Optimizer optimizer{trainable(*policy.model), OptimizerConfig{}};
  RunLog log{folder.path(), {}};
  StageCost cost;
  StageContext context{"only", 1,     7,   folder.path() / "stages" / "only", "aaaabbbbccccdddd", {},
                       {},     false, log, cost};

  void take_step() {
    at::Tensor(optimizer.flat_gradient()).fill_(1e-3);
    optimizer.step(1e-2);
  }
  void save(int64_t step, std::optional<int64_t> keep = {}, std::vector<json> rollout = {}) {
    save_checkpoint(context, step, {{"cursor", 10 * step}},
                    {*policy.model, *policy.tokenizer, optimizer, other.model.get(), rollout},
                    keep);
  }
  std::vector<std::string> names() const {
    std::vector<std::string> found;
    for (const auto& entry : std::filesystem::directory_iterator(context.folder)) {
      found.push_back(entry.path().filename().string());
    }
    std::sort(found.begin(), found.end());
    return found;
  }
  std::filesystem::path newest() const { return newest_checkpoint(context.folder)->folder; }
};

bool equal(const policy::Transformer& a, const policy::Transformer& b) {
  const auto left = a.parameters(), right = b.parameters();
  for (size_t i = 0; i < left.size(); ++i) {
    if (!at::equal(left[i], right[i])) return false;
  }
  return true;
}

// What loading the newest checkpoint of a stage throws.
tests::ThrownError load_error(const Stage& stage) {
  auto fresh = small_policy(9);
  Optimizer optimizer(trainable(*fresh.model), OptimizerConfig{});
  auto reference = small_policy(9);
  return tests::thrown_by(
      [&] { load_checkpoint(stage.newest(), *fresh.model, optimizer, reference.model.get()); });
}

}  // namespace

TEST_CASE("a checkpoint gives back weights, moments, reference, state and rollout") {
  Stage stage;
  stage.take_step();
  stage.log.metrics({{"stage", "only"}, {"step", 1}});
  stage.save(20, {}, {{{"first_step", 19}}, {{"problem", 3}}});
  auto fresh = small_policy(9), reference = small_policy(9);
  Optimizer optimizer(trainable(*fresh.model), OptimizerConfig{});
  const auto found = newest_checkpoint(stage.context.folder);
  REQUIRE(found);
  CHECK(found->step == 20);
  load_checkpoint(found->folder, *fresh.model, optimizer, reference.model.get());
  CHECK(equal(*fresh.model, *stage.policy.model));
  CHECK(equal(*reference.model, *stage.other.model));
  CHECK(optimizer.steps() == 1);
  // The moments are there: the next steps are the same.
  stage.take_step();
  at::Tensor(optimizer.flat_gradient()).fill_(1e-3);
  optimizer.step(1e-2);
  CHECK(equal(*fresh.model, *stage.policy.model));
  const json state = read_checkpoint_state(found->folder, stage.context.hash);
  CHECK(state.at("cursor") == 200);
  CHECK(state.at("step") == 20);
  CHECK(read_offsets(state.at("offsets"), "").metrics ==
        std::filesystem::file_size(stage.folder.path() / "metrics.jsonl"));
  CHECK(load_checkpoint_rollout(found->folder) ==
        std::vector<json>{{{"first_step", 19}}, {{"problem", 3}}});
  // What was loaded is what the next forward pass uses.
  const policy::PackedBatch batch{at::arange(5, at::kLong), {0, 5}};
  CHECK(at::equal(fresh.model->forward(batch), stage.policy.model->forward(batch)));
}

TEST_CASE("the newest checkpoint has the highest step, leftovers and strangers are ignored") {
  Stage stage;
  CHECK_FALSE(newest_checkpoint(stage.context.folder));
  for (const int64_t step : {5, 1'000'000, 40}) stage.save(step);
  for (const char* name : {"checkpoint-2000000.tmp-new", "checkpoint-", "checkpoint-x3",
                           "checkpoint-9999999x", "model", "old-checkpoint-9999999"}) {
    std::filesystem::create_directories(stage.context.folder / name);
  }
  CHECK(newest_checkpoint(stage.context.folder)->step == 1'000'000);
  // A leftover of a killed run does not hinder the next save of the same step.
  std::filesystem::create_directories(stage.context.folder / "checkpoint-2000000.tmp-new" / "a");
  stage.save(2'000'000);
  CHECK(newest_checkpoint(stage.context.folder)->step == 2'000'000);
  CHECK_FALSE(std::filesystem::exists(stage.newest() / "a"));
  CHECK(load_error(stage).text == "nothing thrown");
}

TEST_CASE("only the newest checkpoints are kept where a limit says so") {
  Stage stage;
  for (int64_t step = 1; step <= 4; ++step) stage.save(step, 2);
  CHECK(stage.names() == std::vector<std::string>{"checkpoint-000003", "checkpoint-000004"});
  for (int64_t step = 5; step <= 7; ++step) stage.save(step);
  CHECK(stage.names().size() == 5);
}

TEST_CASE("a checkpoint of the same step is replaced") {
  Stage stage;
  stage.save(3);
  const auto before = read_file(stage.newest() / "model.safetensors");
  stage.take_step();
  stage.save(3);
  CHECK(stage.names() == std::vector<std::string>{"checkpoint-000003"});
  CHECK(read_file(stage.newest() / "model.safetensors") != before);
}

TEST_CASE("a full disk leaves the older checkpoint and no half folder") {
  Stage stage;
  stage.save(1);
  const auto weights = std::filesystem::file_size(stage.newest() / "model.safetensors");
  const auto moments = std::filesystem::file_size(stage.newest() / "optimizer.safetensors");
  REQUIRE(moments > weights);
  // A rollout that is longer than the moments, so that the disk can also end there.
  std::vector<json> rollout(20, json{{"ids", std::vector<int>(moments / 20, 7)}});
  for (const uint64_t limit : {weights / 2, (weights + moments) / 2, moments + 1000}) {
    CAPTURE(limit);
    tests::ThrownError error;
    {
      const tests::SizeLimit full(limit);
      error = tests::thrown_by([&] { stage.save(2, 1, rollout); });
    }
    CHECK(error.code == ErrorCode::io);
    CHECK(error.says("stages/only"));
    CHECK(stage.names() == std::vector<std::string>{"checkpoint-000001"});
    CHECK(load_error(stage).text == "nothing thrown");
  }
  stage.save(2, 1, rollout);
  CHECK(stage.names() == std::vector<std::string>{"checkpoint-000002"});
}

TEST_CASE("a checkpoint of another recipe is refused with both hashes") {
  Stage stage;
  stage.save(1);
  const auto error =
      tests::thrown_by([&] { read_checkpoint_state(stage.newest(), "1111222233334444"); });
  CHECK(error.code == ErrorCode::invalid_argument);
  CHECK(error.says("1111222233334444"));
  CHECK(error.says("aaaabbbbccccdddd"));
  CHECK(read_checkpoint_state(stage.newest(), "").at("step") == 1);
}

TEST_CASE("a damaged checkpoint is an error that names the file") {
  Stage stage;
  stage.save(1);
  const auto read_state = [&] {
    return tests::thrown_by([&] { read_checkpoint_state(stage.newest(), ""); });
  };
  const auto state = stage.newest() / "state.json";
  for (const char* text : {"", "{\"step\": 1", "[]", "null", "{}", "{\"step\": \"1\", \"hash\": 3}",
                           "{\"step\": 1.5, \"hash\": \"a\"}"}) {
    CAPTURE(text);
    write_file_atomic(state, text);
    CHECK(read_state().code == ErrorCode::corrupt);
    CHECK(read_state().says("state.json"));
  }
  std::filesystem::remove(state);
  CHECK(read_state().code == ErrorCode::not_found);
  for (const char* name : {"model.safetensors", "optimizer.safetensors", "reference.safetensors"}) {
    CAPTURE(name);
    const auto path = stage.newest() / name;
    const std::string bytes = read_file(path);
    for (const size_t size : {size_t{0}, size_t{7}, size_t{100}, bytes.size() - 1}) {
      write_file_atomic(path, bytes.substr(0, size));
      const auto error = load_error(stage);
      CHECK(error.code == ErrorCode::corrupt);
      CHECK(error.says(name));
    }
    std::filesystem::remove(path);
    CHECK(load_error(stage).code == ErrorCode::not_found);
    write_file_atomic(path, bytes);
  }
  CHECK(load_error(stage).text == "nothing thrown");
}

TEST_CASE("members that are missing or of another type are an error that names the file") {
  const auto error = tests::thrown_by(
      [] { read_members("state.json", [] { json::object().at("cursor").get<int64_t>(); }); });
  CHECK(error.code == ErrorCode::corrupt);
  CHECK(error.says("cursor"));
  CHECK(error.says("state.json"));
}

TEST_CASE("the result of a stage is a folder that loads") {
  Stage stage;
  save_result(stage.context, *stage.policy.model, *stage.policy.tokenizer);
  save_result(stage.context, *stage.policy.model, *stage.policy.tokenizer);
  CHECK(stage.names() == std::vector<std::string>{"model"});
  const auto loaded = policy::load_pretrained(stage.context.folder / "model",
                                              at::TensorOptions().dtype(at::kFloat));
  CHECK(equal(*loaded.model, *stage.policy.model));
  CHECK(loaded.tokenizer->vocab_size() == stage.policy.tokenizer->vocab_size());
}
