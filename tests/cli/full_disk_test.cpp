// A disk that is full while a run writes: one message, nothing lost, and the run goes on later.
#include <doctest/doctest.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/files.h"
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

nlohmann::json longer_recipe() {
  auto recipe = pretrain_recipe();
  recipe["stages"][0]["max_steps"] = 60;
  return recipe;
}

RunBytes undisturbed_bytes() {
  const TempFolder folder;
  const auto recipe = write_recipe(folder.path(), longer_recipe());
  const Outcome outcome = run_program(run_launch(recipe, folder.path() / "run"));
  REQUIRE_MESSAGE(outcome.status == 0, outcome.err);
  return run_bytes(folder.path() / "run");
}

std::vector<std::string> checkpoints(const fs::path& run) {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(run / "stages" / "base")) {
    const std::string name = entry.path().filename().string();
    if (name.starts_with("checkpoint-") && name.find(".tmp-") == std::string::npos) {
      names.push_back(name);
    }
  }
  std::sort(names.begin(), names.end());
  return names;
}

void check_failed(const Outcome& outcome, const std::string& reason) {
  CHECK_MESSAGE(outcome.signal == 0, "a signal must not end the program");
  CHECK_MESSAGE(outcome.status == 1, outcome.err);
  CHECK_MESSAGE(error_lines(outcome.err) == 1, outcome.err);
  CHECK_MESSAGE(holds(outcome.err, reason), outcome.err);
}

// A file system of a few megabytes that only a child process has mounted; it is reached through
// the child's root and gone with the child.
class SmallDisk {
 public:
  explicit SmallDisk(const char* size) {
    int ready[2];
    REQUIRE(::pipe(ready) == 0);
    keeper_ = ::fork();
    REQUIRE(keeper_ >= 0);
    if (keeper_ == 0) {
      const std::string options = std::string("size=") + size;
      const bool mounted =
          ::unshare(CLONE_NEWNS) == 0 &&
          ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 &&
          ::mount("none", folder_.path().c_str(), "tmpfs", 0, options.c_str()) == 0;
      const char answer = mounted ? 'y' : 'n';
      if (::write(ready[1], &answer, 1) != 1) ::_exit(1);
      while (true) ::pause();
    }
    char answer = 'n';
    mounted_ = ::read(ready[0], &answer, 1) == 1 && answer == 'y';
    ::close(ready[0]);
    ::close(ready[1]);
  }
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;
  ~SmallDisk() {
    ::kill(keeper_, SIGKILL);
    ::waitpid(keeper_, nullptr, 0);
  }

  bool mounted() const { return mounted_; }
  fs::path path() const {
    return fs::path("/proc") / std::to_string(keeper_) / "root" / folder_.path().relative_path();
  }

 private:
  TempFolder folder_;
  pid_t keeper_ = -1;
  bool mounted_ = false;
};

}  // namespace

TEST_SUITE("e2e") {
  TEST_CASE("a limit on file sizes met by a checkpoint ends the run with a message, not a signal") {
    const TempFolder folder;
    const auto recipe = write_recipe(folder.path(), longer_recipe());
    const auto run = folder.path() / "run";
    Process first(run_launch(recipe, run));
    REQUIRE(first.runs_until([&] { return fs::exists(run / "stages/base/checkpoint-000006"); }));
    first.send(SIGKILL);
    REQUIRE(first.wait().signal == SIGKILL);
    const auto newest = run / "stages" / "base" / checkpoints(run).back();
    const auto before = all_bytes(newest);

    Launch limited = run_launch(run);
    limited.max_file_bytes = 150000;  // weights fit, moments do not
    check_failed(run_program(limited), "File too large");
    CHECK(checkpoints(run).back() == newest.filename());
    CHECK(difference(before, all_bytes(newest)) == "");
    CHECK(holds(read_file(run / "status.json"), "\"state\": \"failed\""));

    const Outcome resumed = run_program(run_launch(run));
    CHECK_MESSAGE(resumed.status == 0, resumed.err);
    CHECK(difference(undisturbed_bytes(), run_bytes(run)) == "");
  }

  TEST_CASE("a disk that is full while a checkpoint is written costs nothing once there is room") {
    const SmallDisk disk("4m");
    if (!disk.mounted()) {
      MESSAGE("skipped: mounting a small file system is not permitted here");
      return;
    }
    const auto recipe = write_recipe(disk.path(), longer_recipe());
    const auto run = disk.path() / "run";
    const auto ballast = disk.path() / "ballast";
    const auto leave_free = [&](uint64_t bytes) {
      fs::remove(ballast);
      write_file_atomic(ballast, std::string(free_disk_bytes(disk.path()) - bytes, 'x'));
    };
    leave_free(1'000'000);  // two checkpoints, not three
    check_failed(run_program(run_launch(recipe, run)), "No space left on device");
    CHECK(checkpoints(run) == std::vector<std::string>{"checkpoint-000006", "checkpoint-000012"});

    leave_free(0);
    check_failed(run_program(run_launch(run)), "No space left on device");
    CHECK(checkpoints(run) == std::vector<std::string>{"checkpoint-000006", "checkpoint-000012"});

    fs::remove(ballast);
    const Outcome resumed = run_program(run_launch(run));
    CHECK_MESSAGE(resumed.status == 0, resumed.err);
    CHECK(difference(undisturbed_bytes(), run_bytes(run)) == "");
  }
}
