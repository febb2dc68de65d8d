#include "rl/run_log.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "core/files.h"
#include "core/json.h"
#include "tests/core/thrown_error.h"

using namespace reckon;
using namespace reckon::rl;
using nlohmann::json;

namespace {

json metrics_line(int64_t step) {
  return {{"stage", "zero"}, {"kind", "grpo"}, {"step", step}, {"loss", 0.25}, {"reward", json()}};
}

void write_steps(RunLog& log, int64_t first, int64_t last) {
  for (int64_t step = first; step <= last; ++step) {
    log.completion({{"step", step}, {"completion", "a"}});
    log.metrics(metrics_line(step));
    log.evaluation({{"stage", "zero"}, {"data", "held_out"}, {"step", step}, {"accuracy", 0.5}});
  }
}

uint64_t size_of(const TempFolder& folder, const std::string& name) {
  return std::filesystem::file_size(folder.path() / name);
}

}  // namespace

TEST_CASE("a log goes on at its offsets and what lay behind them is gone") {
  const TempFolder run, whole;
  LogOffsets offsets;
  {
    RunLog log(run.path(), {});
    write_steps(log, 1, 3);
    offsets = log.sync();
    write_steps(log, 4, 6);  // lost: the run is killed before its next checkpoint
  }
  {
    RunLog log(run.path(), read_offsets(write_offsets(offsets), "state.json"));
    write_steps(log, 4, 5);
  }
  {
    RunLog log(whole.path(), {});
    write_steps(log, 1, 5);
  }
  for (const char* name : {"metrics.jsonl", "completions.jsonl", "evals.jsonl"}) {
    CAPTURE(name);
    CHECK(read_file(run.path() / name) == read_file(whole.path() / name));
  }
  const std::string events = std::string("events/") + EventFileWriter::kFileName;
  CHECK(size_of(run, events) == size_of(whole, events));
}

TEST_CASE("the event file has all numbers of an evaluation, and of each policy apart") {
  const TempFolder run;
  const auto events = [&] { return read_file(run.path() / "events" / EventFileWriter::kFileName); };
  const auto has = [&](const std::string& text) {
    return events().find(text) != std::string::npos;
  };
  RunLog log(run.path(), {});
  log.evaluation({{"stage", "zero"},
                  {"policy", "zero"},
                  {"data", "held_out"},
                  {"step", 3},
                  {"sampling", {{"temperature", 1.0}}},
                  {"accuracy", 0.5},
                  {"accuracy_interval", {0.4, 0.6}},
                  {"pass_at_k", {{"8", 0.75}}},
                  {"by", {{"language", {{"ko", {{"accuracy", 0.25}}}}}}}});
  log.evaluation(
      {{"stage", "exam"}, {"policy", "r1"}, {"data", "held_out"}, {"step", 0}, {"accuracy", 0.5}});
  // A reader sees them at once.
  CHECK(has("zero/eval/held_out/accuracy"));
  CHECK(has("zero/eval/held_out/pass_at_k/8"));
  CHECK(has("zero/eval/held_out/by/language/ko/accuracy"));
  CHECK(has("exam/eval/held_out/r1/accuracy"));
  CHECK(!has("temperature"));
  CHECK(!has("interval"));
}

TEST_CASE("an example answer is shown as it is, not as Markdown") {
  const TempFolder run;
  RunLog log(run.path(), {});
  log.example("zero/completion", "<bos> 1 2", "<think> a\n# b </think>", 1);
  const std::string events = read_file(run.path() / "events" / EventFileWriter::kFileName);
  CHECK(events.find("Prompt\n\n    <bos> 1 2\n\nAnswer\n\n    <think> a\n    # b </think>") !=
        std::string::npos);
}

TEST_CASE("a torn last line behind the offsets does not matter") {
  const TempFolder run;
  LogOffsets offsets;
  {
    RunLog log(run.path(), {});
    write_steps(log, 1, 2);
    offsets = log.sync();
  }
  const auto file = run.path() / "metrics.jsonl";
  const std::string before = read_file(file);
  write_file_atomic(file, before + "{\"stage\": \"ze");
  RunLog log(run.path(), offsets);
  CHECK(read_file(file) == before);
}

TEST_CASE("offsets of zero begin a run anew") {
  const TempFolder run;
  {
    RunLog log(run.path(), {});
    write_steps(log, 1, 2);
    log.sync();
  }
  RunLog log(run.path(), {});
  CHECK(size_of(run, "metrics.jsonl") == 0);
  CHECK(size_of(run, "completions.jsonl") == 0);
}

TEST_CASE("a log that is shorter than its offset, or gone, is an error that names it") {
  const TempFolder run;
  LogOffsets offsets;
  {
    RunLog log(run.path(), {});
    write_steps(log, 1, 2);
    offsets = log.sync();
  }
  const auto file = run.path() / "completions.jsonl";
  const auto open = [&] { RunLog log(run.path(), offsets); };
  write_file_atomic(file, "{}\n");
  const auto shorter = tests::thrown_by(open);
  CHECK(shorter.code == ErrorCode::corrupt);
  CHECK(shorter.says("completions.jsonl"));
  std::filesystem::remove(file);
  const auto gone = tests::thrown_by(open);
  CHECK(gone.code == ErrorCode::corrupt);
  CHECK(gone.says("completions.jsonl"));
}

TEST_CASE("offsets that cannot be read are an error that names file and key") {
  const json good = write_offsets({1, 2, 3, 4});
  const auto read = [](const json& offsets) {
    return tests::thrown_by([&] { read_offsets(offsets, "state.json"); });
  };
  CHECK(read(good).text == "nothing thrown");
  json missing = good, wrong = good, negative = good;
  missing.erase("evals");
  wrong["metrics"] = "12";
  negative["events"] = -1;
  CHECK(read(missing).says("state.json/offsets/evals"));
  CHECK(read(wrong).says("state.json/offsets/metrics"));
  CHECK(read(negative).says("state.json/offsets/events"));
  for (const json& none : {json(), json(3), json::array({1, 2})}) {
    CHECK(read(none).code == ErrorCode::corrupt);
  }
}

TEST_CASE("numbers that are not finite stay readable lines") {
  const TempFolder run;
  RunLog log(run.path(), {});
  auto line = metrics_line(1);
  line["loss"] = std::numeric_limits<double>::quiet_NaN();
  log.metrics(line);
  log.sync();
  JsonlReader reader(run.path() / "metrics.jsonl");
  CHECK(reader.next()->at("loss").is_null());
}

TEST_CASE("the status is replaced whole and keeps its message") {
  const TempFolder run;
  RunLog log(run.path(), {});
  RunStatus status;
  status.stage = "zero";
  status.step = 4;
  status.phase = "rollout";
  log.status(status);
  status = log.last_status();
  CHECK(status.phase == "rollout");
  json read = read_json_file(run.path() / "status.json");
  CHECK(read.at("state") == "running");
  CHECK(read.at("step") == 4);
  CHECK(read.at("heartbeat").get<double>() > 1.7e9);
  CHECK_FALSE(read.contains("message"));
  status.state = "failed";
  status.message = "no space";
  log.status(status);
  read = read_json_file(run.path() / "status.json");
  CHECK(read.at("state") == "failed");
  CHECK(read.at("message") == "no space");
  CHECK(read.at("stage") == "zero");
}
