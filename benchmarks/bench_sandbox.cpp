// What it costs to run a program in a box, beside bare bubblewrap, at several runs in parallel.
// Variants take turns; one JSON line per measurement.
//
//   bench_sandbox [ROUNDS] [PARALLEL...]      by default 40 rounds at 1, 2, 4 and 8
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <functional>
#include <nlohmann/json.hpp>
#include <thread>

#include "core/build_info.h"
#include "core/error.h"
#include "sandbox/child_process.h"
#include "sandbox/sandbox.h"

namespace {

using namespace reckon;
using Clock = std::chrono::steady_clock;

struct Variant {
  std::string name;
  std::function<void()> once;
  std::vector<double> ms;
  double seconds = 0.0;
};

void run_in_box(sandbox::Sandbox& sandbox, const sandbox::Prepared& program) {
  std::string why;
  const auto box = sandbox.open({program.files, sandbox::Limits()}, why);
  check(box != nullptr, ErrorCode::internal, "expected a box, got: {}", why);
  sandbox::Run run;
  run.argv = program.argv;
  const auto outcome = box->run(run);
  check(outcome.outcome == sandbox::OutcomeKind::ok, ErrorCode::internal, "expected ok, got {}: {}",
        sandbox::to_string(outcome.outcome), outcome.message);
}

// The same namespaces and mounts, nothing else: no init, no filter, no limits, no group.
void run_bare(const std::vector<std::string>& program) {
  sandbox::ChildOptions child;
  child.argv = {"bwrap",
                "--unshare-user",
                "--unshare-pid",
                "--unshare-net",
                "--unshare-ipc",
                "--unshare-uts",
                "--unshare-cgroup",
                "--die-with-parent",
                "--new-session",
                "--ro-bind",
                "/usr",
                "/usr",
                "--symlink",
                "usr/bin",
                "/bin",
                "--symlink",
                "usr/lib",
                "/lib",
                "--symlink",
                "usr/lib64",
                "/lib64",
                "--tmpfs",
                "/box",
                "--chdir",
                "/box"};
  child.argv.insert(child.argv.end(), program.begin(), program.end());
  sandbox::ChildProcess process(child);
  check(process.wait() == 0, ErrorCode::internal, "expected status 0 of bare bubblewrap");
}

double quantile(std::vector<double> values, double share) {
  std::sort(values.begin(), values.end());
  const auto at = static_cast<size_t>(share * static_cast<double>(values.size()));
  return values[std::min(at, values.size() - 1)];
}

// One turn of a variant: `parallel` threads, one run each.
void turn(Variant& variant, int parallel) {
  std::vector<double> ms(static_cast<size_t>(parallel));
  std::vector<std::thread> threads;
  const auto begin = Clock::now();
  for (double& one : ms) {
    threads.emplace_back([&one, &variant] {
      const auto from = Clock::now();
      variant.once();
      one = std::chrono::duration<double, std::milli>(Clock::now() - from).count();
    });
  }
  for (auto& thread : threads) thread.join();
  variant.seconds += std::chrono::duration<double>(Clock::now() - begin).count();
  variant.ms.insert(variant.ms.end(), ms.begin(), ms.end());
}

void measure(std::vector<Variant> variants, int rounds, int parallel) {
  constexpr int kWarmUp = 3;
  for (int round = -kWarmUp; round < rounds; ++round) {
    for (Variant& variant : variants) turn(variant, parallel);
    if (round >= 0) continue;
    for (Variant& variant : variants) {
      variant.ms.clear();
      variant.seconds = 0.0;
    }
  }
  for (const Variant& variant : variants) {
    nlohmann::ordered_json line;
    line["bench"] = "sandbox";
    line["variant"] = variant.name;
    line["parallel"] = parallel;
    line["runs"] = variant.ms.size();
    line["median_ms"] = quantile(variant.ms, 0.5);
    line["p99_ms"] = quantile(variant.ms, 0.99);
    line["per_second"] = static_cast<double>(variant.ms.size()) / variant.seconds;
    line["cores"] = std::thread::hardware_concurrency();
    line["build"] = kBuildType;
    fmt::print("{}\n", line.dump());
    std::fflush(stdout);
  }
}

}  // namespace

int main(int argc, char** argv) {
  const int rounds = argc > 1 ? std::max(1, std::atoi(argv[1])) : 40;
  std::vector<int> parallel = {1, 2, 4, 8};
  if (argc > 2) parallel.clear();
  for (int i = 2; i < argc; ++i) parallel.push_back(std::clamp(std::atoi(argv[i]), 1, 64));
  const auto sandbox = sandbox::make_sandbox();
  const auto python = sandbox::prepare(*sandbox, sandbox::Language::python, "print(1)\n");
  const sandbox::Prepared nothing{{}, {"/usr/bin/true"}, {}};
  const std::vector<std::string> bare = {"/usr/bin/python3", "-I", "-S", "-c", "print(1)"};
  for (const int count : parallel) {
    measure({{"python", [&] { run_in_box(*sandbox, python); }, {}},
             {"bare python -I -S", [&] { run_bare(bare); }, {}},
             {"true", [&] { run_in_box(*sandbox, nothing); }, {}},
             {"bare true", [] { run_bare({"/usr/bin/true"}); }, {}}},
            rounds, count);
  }
}
