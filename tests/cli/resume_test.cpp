// Runs that are killed and go on: whatever the moment, the files end with the same bytes.
#include <doctest/doctest.h>
#include <fmt/format.h>
#include <signal.h>

#include <random>
#include <set>
#include <thread>

#include "core/files.h"
#include "tests/cli/process.h"
#include "tests/cli/reference_run.h"
#include "tests/cli/small_recipe.h"

using namespace reckon;
using namespace reckon::tests;
namespace fs = std::filesystem;

namespace {

using Moment = std::function<bool()>;

// A run that is disturbed again and again.
class Victim {
 public:
  explicit Victim(uint64_t seed) : random_(seed) {}

  fs::path run() const { return folder_.path() / "run"; }
  fs::path stage(const char* name) const { return run() / "stages" / name; }
  int kills() const { return kills_; }

  /// Starts or goes on, and kills the program at the moment, or up to `most_delay` later. False if
  /// it ended before.
  bool kill_at(const Moment& moment, std::chrono::microseconds most_delay = {}) {
    Process process(launch());
    if (!process.runs_until(moment)) {
      CHECK(process.wait().status == 0);
      return false;
    }
    const auto most = static_cast<uint64_t>(most_delay.count());
    std::this_thread::sleep_for(std::chrono::microseconds(most == 0 ? 0 : random_() % most));
    process.send(SIGKILL);
    const bool killed = process.wait().signal == SIGKILL;
    kills_ += killed;
    return killed;
  }

  /// Goes on until the run is complete.
  Outcome finish() const { return run_program(launch()); }

  /// What a user would type: the folder's name, or the recipe where there is no run yet.
  Launch launch() const {
    if (fs::exists(run() / "recipe.json")) return run_launch(run());
    return run_launch(reference_run().recipe(), run());
  }

  double uniform() { return std::uniform_real_distribution<>(0.0, 1.0)(random_); }

 private:
  TempFolder folder_;
  std::mt19937_64 random_;
  int kills_ = 0;
};

void check_equals_reference(const Victim& victim) {
  const Outcome last = victim.finish();
  CHECK_MESSAGE(last.status == 0, last.err);
  CHECK(difference(reference_run().bytes(), run_bytes(victim.run())) == "");
}

// Folders that are not whole, as "STAGE/NAME": those under a temporary name, and any checkpoint
// without the file that is written last, whatever its name.
std::set<std::string> unfinished_folders(const fs::path& run) {
  std::set<std::string> names;
  std::error_code gone;
  for (const auto& stage : fs::directory_iterator(run / "stages", gone)) {
    for (const auto& entry : fs::directory_iterator(stage.path(), gone)) {
      const std::string name = entry.path().filename().string();
      if (name.find(".tmp-new") != std::string::npos ||
          (name.starts_with("checkpoint-") && !fs::exists(entry.path() / "state.json"))) {
        names.insert(stage.path().filename().string() + "/" + name);
      }
    }
  }
  return names;
}

bool leftovers(const fs::path& run) {
  for (const auto& entry : fs::recursive_directory_iterator(run)) {
    if (entry.path().filename().string().find(".tmp-") != std::string::npos) return true;
  }
  return false;
}

bool status_says(const fs::path& run, const std::string& text) {
  return fs::exists(run / "status.json") &&
         read_file(run / "status.json").find(text) != std::string::npos;
}

}  // namespace

TEST_SUITE("e2e") {
  TEST_CASE("runs killed at random moments all over their length end with the same bytes") {
    constexpr int kRuns = 4, kKillsPerRun = 6;
    int kills = 0;
    for (int number = 0; number < kRuns; ++number) {
      CAPTURE(number);
      Victim victim(100 + static_cast<uint64_t>(number));
      // One moment in each part of the run, at a random place in the part.
      for (int part = 0; part < kKillsPerRun; ++part) {
        const double share = (part + victim.uniform()) / kKillsPerRun;
        const auto bytes = static_cast<uint64_t>(share * 0.98 * reference_run().written());
        victim.kill_at([&] { return written_bytes(victim.run()) >= bytes; },
                       std::chrono::milliseconds(20));
      }
      check_equals_reference(victim);
      kills += victim.kills();
    }
    CHECK(kills >= 20);
  }

  TEST_CASE("a run killed while checkpoints and results are written ends with the same bytes") {
    Victim victim(1);
    std::set<std::string> met;
    int left_behind = 0;
    for (bool going = true; going && met.size() < 24;) {
      std::string now;
      going = victim.kill_at(
          [&] {
            for (const auto& name : unfinished_folders(victim.run())) {
              if (!met.contains(name)) now = name;
            }
            return !now.empty();
          },
          std::chrono::microseconds(met.size() % 2 == 0 ? 0 : 3000));
      if (!now.empty()) met.insert(now);
      left_behind += unfinished_folders(victim.run()).contains(now);
    }
    check_equals_reference(victim);
    CHECK(victim.kills() >= 12);
    CHECK_MESSAGE(left_behind >= 5, "kills must meet unfinished folders to mean anything");
    CHECK_FALSE(leftovers(victim.run()));
  }

  TEST_CASE("a run killed between stages ends with the same bytes") {
    Victim victim(2);
    for (const char* stage : {"base", "zero", "more"}) {
      victim.kill_at([&] { return fs::exists(victim.stage(stage) / "done.json"); },
                     std::chrono::milliseconds(10));
    }
    check_equals_reference(victim);
    CHECK(victim.kills() == 3);
  }

  TEST_CASE("a run killed during its evaluations ends with the same bytes") {
    Victim victim(3);
    for (const char* stage : {"zero", "more", "exam"}) {
      const std::string here = fmt::format("\"stage\": \"{}\"", stage);
      victim.kill_at(
          [&] {
            return status_says(victim.run(), "\"phase\": \"evaluation\"") &&
                   status_says(victim.run(), here);
          },
          std::chrono::milliseconds(20));
    }
    check_equals_reference(victim);
    CHECK(victim.kills() >= 2);
  }

  TEST_CASE("a run killed right after its start ends with the same bytes") {
    Victim victim(4);
    for (const char* file : {".lock", "recipe.json", "metrics.jsonl", "events", "status.json"}) {
      victim.kill_at([&] { return fs::exists(victim.run() / file); });
    }
    for (const int milliseconds : {0, 5, 50, 150}) {
      victim.kill_at([] { return true; }, std::chrono::milliseconds(milliseconds + 1));
    }
    check_equals_reference(victim);
    CHECK(victim.kills() == 9);
  }

  TEST_CASE("SIGTERM and SIGINT leave a stopped run that says how to go on") {
    for (const int signal : {SIGTERM, SIGINT}) {
      CAPTURE(signal);
      Victim victim(5);
      // In pretraining, inside a rollout, and in the stage with a reference model.
      for (const double share : {0.02, 0.3, 0.55}) {
        const auto bytes = static_cast<uint64_t>(share * reference_run().written());
        Process process(victim.launch());
        REQUIRE(process.runs_until([&] { return written_bytes(victim.run()) >= bytes; }));
        process.send(signal);
        const Outcome stopped = process.wait();
        CHECK_MESSAGE(stopped.status == 1, stopped.err);
        CHECK(stopped.err.find("`reckon run " + victim.run().string() + "`") != std::string::npos);
        CHECK(error_lines(stopped.err) == 0);
        CHECK(status_says(victim.run(), "\"state\": \"stopped\""));
      }
      check_equals_reference(victim);
      CHECK(status_says(victim.run(), "\"state\": \"finished\""));
    }
  }

  TEST_CASE("running a finished run again changes nothing") {
    const ReferenceRun& reference = reference_run();
    const auto before = all_bytes(reference.run());
    const Outcome again = run_program(run_launch(reference.run()));
    CHECK(again.status == 0);
    CHECK(again.err.find("this run is finished") != std::string::npos);
    CHECK(difference(before, all_bytes(reference.run())) == "");
  }
}
