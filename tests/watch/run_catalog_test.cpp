#include "watch/run_catalog.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <nlohmann/json.hpp>

#include "tests/watch/run_files.h"

using namespace reckon;
using namespace reckon::watch;

namespace fs = std::filesystem;

namespace {

/// A folder of runs whose clock the test sets.
struct Watched {
  Watched() : catalog(files.path(), [this] { return now; }) {}

  void add_run(const std::string& name, const std::string& state = "running") const {
    fs::create_directories(files.path() / name);
    files.put(name + "/recipe.json", R"({"recipe":{"name":"r","stages":[]}})");
    put_status(name, state);
  }
  void put_status(const std::string& name, const std::string& state) const {
    files.put(name + "/status.json", nlohmann::json{{"state", state},
                                                    {"stage", "zero"},
                                                    {"phase", "rollout"},
                                                    {"heartbeat", 1000.0},
                                                    {"step", 10},
                                                    {"max_steps", 40}}
                                         .dump());
  }
  // Folders are searched in every fourth look.
  void look(int times = 4) {
    for (int i = 0; i < times; ++i) catalog.poll();
  }
  std::vector<LiveEvent> events() { return catalog.events().wait(position, 0.0); }

  RunFiles files;
  double now = 1000.0;
  RunCatalog catalog;
  uint64_t position = 0;
};

}  // namespace

TEST_CASE("Runs are found three levels down, not in runs and not behind links that lead out") {
  Watched watched;
  const RunFiles outside;
  watched.add_run("a");
  watched.add_run("b/c/d");
  watched.add_run("b/c/e/too-deep");
  watched.add_run("a/inside-a-run");
  watched.add_run(".hidden");
  outside.put_recipe();
  fs::create_directory_symlink(outside.path(), watched.files.path() / "link");
  watched.look();
  std::vector<std::string> labels;
  for (const auto& run : watched.catalog.list()) labels.push_back(run.about.label);
  std::sort(labels.begin(), labels.end());
  CHECK(labels == std::vector<std::string>{"a", "d"});
}

TEST_CASE("A run folder itself may be watched, and a folder that is not there yet") {
  const RunFiles run;
  run.put_recipe("tiny");
  RunCatalog catalog(run.path());
  catalog.poll();
  REQUIRE(catalog.list().size() == 1);
  CHECK(catalog.list()[0].about.name == "tiny");
  RunCatalog missing(run.path() / "nothing");
  missing.poll();
  CHECK(missing.list().empty());
}

TEST_CASE("Runs come and go, and readers are told") {
  Watched watched;
  watched.look(1);
  CHECK(watched.catalog.list().empty());
  watched.add_run("a");
  watched.look();
  REQUIRE(watched.catalog.list().size() == 1);
  const std::string id = watched.catalog.list()[0].id;
  CHECK(id.size() == 16);
  REQUIRE(watched.events().size() == 1);
  CHECK(watched.catalog.open(id) != nullptr);
  CHECK(watched.catalog.open("0123456789abcdef") == nullptr);

  watched.files.append("a/metrics.jsonl", "{\"stage\":\"zero\",\"step\":1,\"step_time\":2}\n");
  watched.look(1);
  auto events = watched.events();
  REQUIRE(events.size() == 1);
  CHECK(events[0].type == "run");
  CHECK(events[0].data == "{\"files\":[\"metrics\"],\"id\":\"" + id + "\"}");
  watched.look();
  CHECK(watched.events().empty());

  watched.put_status("a", "finished");
  watched.look(1);
  events = watched.events();
  REQUIRE(events.size() == 2);
  CHECK(events[1].type == "runs");

  fs::remove_all(watched.files.path() / "a");
  watched.look();
  CHECK(watched.catalog.list().empty());
  CHECK(watched.catalog.open(id) == nullptr);
}

TEST_CASE("A run that says nothing is stalled after a minute, or five slow steps") {
  Watched watched;
  watched.add_run("a");
  watched.look();
  watched.now = 1059.0;
  CHECK_FALSE(watched.catalog.list()[0].is_stalled(watched.now));
  watched.now = 1061.0;
  CHECK(watched.catalog.list()[0].is_stalled(watched.now));
  watched.events();
  watched.look(1);
  CHECK(watched.events().size() == 2);  // the list, and the status of this run
  for (int step = 1; step <= 3; ++step) {
    watched.files.append_line("a/metrics.jsonl", {{"step", step}, {"step_time", 20.0}});
  }
  watched.look(1);
  CHECK(watched.catalog.list()[0].step_time == 20.0);
  CHECK(*watched.catalog.list()[0].time_left() == 30 * 20.0);
  CHECK_FALSE(watched.catalog.list()[0].is_stalled(watched.now));
  watched.now = 1101.0;
  CHECK(watched.catalog.list()[0].is_stalled(watched.now));
  watched.put_status("a", "finished");
  watched.look(1);
  CHECK_FALSE(watched.catalog.list()[0].is_stalled(watched.now));
}

TEST_CASE("A running run whose lock nobody holds is dead") {
  Watched watched;
  watched.add_run("a");
  watched.files.put("a/.lock", "");
  const auto file = watched.files.path() / "a/.lock";
  int holder = ::open(file.c_str(), O_RDWR | O_CLOEXEC);
  REQUIRE(::flock(holder, LOCK_EX | LOCK_NB) == 0);
  watched.now = 1020.0;
  watched.look(1);
  CHECK(watched.catalog.list()[0].state() == "running");
  ::close(holder);
  watched.now = 1030.0;
  watched.look(1);
  CHECK(watched.catalog.list()[0].state() == "dead");
  CHECK_FALSE(watched.catalog.list()[0].time_left());
  // The look leaves the lock free for the run that goes on.
  holder = ::open(file.c_str(), O_RDWR | O_CLOEXEC);
  CHECK(::flock(holder, LOCK_EX | LOCK_NB) == 0);
  watched.now = 1040.0;
  watched.look(1);
  CHECK(watched.catalog.list()[0].state() == "running");
  ::close(holder);
}

TEST_CASE("A reader of events that fell far behind is told to read the list again") {
  EventLog log;
  uint64_t position = log.end();
  for (int i = 0; i < 1500; ++i) log.publish({"run", "{}"});
  const auto events = log.wait(position, 0.0);
  REQUIRE(events.size() == 1001);
  CHECK(events[0].type == "runs");
  CHECK(log.wait(position, 0.0).empty());
}
