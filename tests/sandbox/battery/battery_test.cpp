// Every attack of tests/sandbox/attacks is a test case of its own, once run by root and once by an
// ordinary user. reckon-attack-run does one attack and looks at the host afterwards.
#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <deque>
#include <fstream>
#include <future>
#include <map>
#include <semaphore>
#include <sstream>

#include "core/error.h"
#include "sandbox/sandbox.h"
#include "tests/sandbox/battery/attack.h"
#include "tests/sandbox/battery/command.h"
#include "tests/sandbox/battery/host_watch.h"

namespace reckon::tests {
namespace {

namespace fs = std::filesystem;

constexpr const char* kAttacks = "tests/sandbox/attacks";
// Attacks at once. Many only wait, so one more than there are cores of the smallest machine.
constexpr int kLanes = 3;
constexpr unsigned kFirstUser = 64000;

struct BatteryCase {
  fs::path file;
  bool ordinary_user = false;
  std::string title;
};

struct Report {
  int status = -1;
  std::string text;
};

// The programs under test in a folder that every user can reach.
class Programs {
 public:
  Programs() {
    std::string folder = (fs::temp_directory_path() / "reckon-programs-XXXXXX").string();
    check(::mkdtemp(folder.data()) != nullptr, ErrorCode::io, "expected a folder, got none");
    folder_ = folder;
    for (const fs::path file : {RECKON_COMMAND, RECKON_INIT, RECKON_ATTACK_RUN}) {
      fs::copy_file(file, folder_ / file.filename());
      ::chmod((folder_ / file.filename()).c_str(), 0755);
    }
    ::chmod(folder_.c_str(), 0755);
  }
  Programs(const Programs&) = delete;
  Programs& operator=(const Programs&) = delete;
  ~Programs() { fs::remove_all(folder_); }

  Report attack(const BatteryCase& battery_case, unsigned user) const {
    std::FILE* const out = std::tmpfile();
    sandbox::ChildOptions options;
    options.argv = {(folder_ / fs::path(RECKON_ATTACK_RUN).filename()).string(),
                    (folder_ / fs::path(RECKON_COMMAND).filename()).string(),
                    battery_case.file.string(), std::to_string(user)};
    options.keep_environment = true;
    options.output = ::fileno(out);
    Report report;
    report.status = sandbox::ChildProcess(options).wait();
    std::rewind(out);
    char bytes[4096];
    for (size_t got; (got = std::fread(bytes, 1, sizeof bytes, out)) > 0;) {
      report.text.append(bytes, got);
    }
    std::fclose(out);
    return report;
  }

 private:
  fs::path folder_;
};

// All cases, and those that already run: a few ahead of the one that is asked for.
class Battery {
 public:
  Battery() {
    for (const bool ordinary : {false, true}) {
      for (const auto& file : attack_files(kAttacks)) {
        const auto name = (file.parent_path().filename() / file.filename()).string();
        cases_.push_back({file, ordinary,
                          fmt::format("{} is contained, run by {}", name,
                                      ordinary ? "an ordinary user" : "root")});
      }
    }
  }
  const std::deque<BatteryCase>& cases() const { return cases_; }

  Report report(const std::string& title) {
    size_t at = 0;
    while (at < cases_.size() && cases_[at].title != title) ++at;
    if (!programs_) programs_.emplace();
    for (size_t i = at; i < std::min(at + kLanes, cases_.size()); ++i) start(i);
    return running_.at(at).get();
  }

 private:
  void start(size_t i) {
    const bool root = ::geteuid() == 0;
    if (running_.contains(i) || (!cases_[i].ordinary_user && !root)) return;
    // A user of its own per case, so that no two share the count of their processes.
    const unsigned user =
        cases_[i].ordinary_user && root ? kFirstUser + static_cast<unsigned>(i) : 0;
    running_[i] = std::async(std::launch::async, [this, i, user] {
      lanes_.acquire();
      const Report report = programs_->attack(cases_[i], user);
      lanes_.release();
      return report;
    });
  }

  std::deque<BatteryCase> cases_;  // doctest keeps pointers to the titles
  std::optional<Programs> programs_;
  std::counting_semaphore<kLanes> lanes_{kLanes};
  std::map<size_t, std::future<Report>> running_;
};

Battery& battery() {
  static Battery instance;  // needed before `main`, when doctest collects its cases
  return instance;
}

void run_case() {
  const std::string title = doctest::getContextOptions()->currentTest->m_name;
  if (::geteuid() != 0 && title.ends_with("by root")) {
    MESSAGE("skipped: the tests are not run by root");
    return;
  }
  const Report report = battery().report(title);
  INFO(report.text);
  CHECK(report.status == 0);
}

int register_cases() {
  const doctest::detail::TestSuite suite = doctest::detail::TestSuite() * "sandbox battery";
  unsigned line = 1000;  // doctest sorts by it
  for (const auto& battery_case : battery().cases()) {
    doctest::detail::regTest(doctest::detail::TestCase(run_case, __FILE__, line++, suite) *
                             battery_case.title.c_str());
  }
  return 0;
}
const int kRegistered = register_cases();

}  // namespace

TEST_SUITE("sandbox") {
  TEST_CASE("The battery holds at least 100 attacks, some of every class") {
    std::map<std::string, size_t> classes;
    for (const auto& file : attack_files(kAttacks)) {
      CHECK_FALSE(read_attack(file).what.empty());
      ++classes[file.parent_path().filename().string()];
    }
    const std::map<std::string, size_t> wanted = {
        {"time", 13},   {"memory", 10},    {"process", 9},    {"output", 7},  {"disk", 7},
        {"network", 5}, {"isolation", 13}, {"privilege", 13}, {"controls", 7}};
    size_t all = 0;
    for (const auto& [name, least] : wanted) {
      CAPTURE(name);
      CHECK(classes[name] >= least);
      all += classes[name];
    }
    CHECK(all >= 100);
    CHECK(kRegistered == 0);
  }

  TEST_CASE("A process that judges hostile programs keeps no descriptor, child or memory of them") {
    const auto sandbox = sandbox::make_sandbox();
    sandbox::Limits limits;
    limits.cpu_s = 0.5;
    limits.wall_s = 1.0;
    limits.memory_bytes = int64_t{64} << 20;
    limits.stdout_bytes = 1000;
    const std::vector<std::string> programs = {
        "import os\nos.fork()\nos.setsid()\nwhile True: pass",
        "print('x' * 100000)",
        "x = b'x' * (1 << 28)",
        "import os, time\nos.closerange(0, 9)\ntime.sleep(9)",
        "import os\nwhile True: os.fork()",
        "open('/box/f', 'wb').write(b'x' * (1 << 25))"};
    const auto run_all = [&] {
      for (const auto& program : programs) {
        const auto outcome =
            sandbox::run_program(*sandbox, sandbox::Language::python, program, "", limits);
        CHECK(outcome.outcome != sandbox::OutcomeKind::ok);
        CHECK(outcome.outcome != sandbox::OutcomeKind::not_started);
      }
    };
    run_all();
    const size_t descriptors = open_descriptors(), children = children_of(::getpid()).size();
    run_all();
    CHECK(open_descriptors() == descriptors);
    CHECK(children_of(::getpid()).size() == children);
    const auto after =
        sandbox::run_program(*sandbox, sandbox::Language::python, "print(6 * 7)", "", {});
    CHECK(after.outcome == sandbox::OutcomeKind::ok);
    CHECK(after.stdout_bytes == "42\n");
  }

  TEST_CASE("The next run in a box meets nothing that a hostile one left in it") {
    // The names of what it finds, if it finds any, and whether its own folder works.
    constexpr const char* kLook = R"(
import os
found = [name for name in os.listdir("/box")]
for pid in range(2, 3000):
    try:
        if pid != os.getpid():
            os.kill(pid, 0)
            found.append(pid)
    except OSError:
        pass
open("/box/mine", "wb").write(b"x" * (8 << 20))
print(found, os.path.getsize("/box/mine"))
)";
    const auto sandbox = sandbox::make_sandbox();
    for (const char* name :
         {"disk/locked_folders.py", "disk/deep_tree.c", "disk/hostile_names.py", "disk/fill.py",
          "disk/deleted_files.py", "disk/hard_links.py", "isolation/links_left.py",
          "isolation/fifos_left.sh", "isolation/poisons_modules.py", "isolation/swapped_folder.py",
          "isolation/shared_objects.c", "process/hydra.c", "process/stopped_leftovers.py",
          "process/sibling_lives_on.c", "process/takes_over_reaping.c", "time/leftover_burns.py"}) {
      CAPTURE(name);
      const Attack attack = read_attack(fs::path(kAttacks) / name);
      const auto language = sandbox::language_from(attack.suffix == ".py"   ? "python"
                                                   : attack.suffix == ".sh" ? "bash"
                                                                            : "c");
      const auto prepared = sandbox::prepare(*sandbox, *language, attack.source);
      sandbox::BoxOptions options;
      options.files = prepared.files;
      std::string why;
      const auto box = sandbox->open(options, why);
      REQUIRE(box);
      sandbox::Run hostile;
      hostile.argv = prepared.argv;
      sandbox::Run look;
      look.argv = {"/usr/bin/python3", "-P", "-s", "-S", "-B", "-c", kLook};
      for (int round = 0; round < 2; ++round) {
        CHECK(box->run(hostile).outcome != sandbox::OutcomeKind::not_started);
        const auto outcome = box->run(look);
        CHECK(outcome.outcome == sandbox::OutcomeKind::ok);
        CHECK(outcome.stdout_bytes == "[] 8388608\n");
      }
    }
  }
}

}  // namespace reckon::tests
