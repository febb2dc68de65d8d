#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <span>
#include <string_view>

#include "cli/grade.h"
#include "cli/program.h"

namespace reckon::cli {
namespace {

// Commands that need no model. Loading LibTorch takes half a second and 100 MB, so they run here,
// and all others in the program reckon-engine beside this one.
constexpr std::array<std::string_view, 5> kLightCommands{"grade", "report", "sandbox", "table",
                                                          "watch"};

bool is_light(int argc, char** argv) {
  const std::span<char*> words(argv, static_cast<size_t>(argc));
  if (argc < 2 || std::ranges::find(kLightCommands, words[1]) == kLightCommands.end()) return false;
  // Recipes are read by the code that trains them.
  return std::ranges::none_of(words, [](std::string_view word) {
    return word == "--recipe" || word.starts_with("--recipe=");
  });
}

// Threads of a parallel region that wait for one another sleep instead of spinning, unless the
// user says otherwise: where another program takes a core, the others would burn the time that it
// leaves (measured: 2.3 steps a second instead of 19). Read by OpenMP before `main`, so set here.
void let_threads_sleep() {
  if (std::getenv("GOMP_SPINCOUNT") == nullptr) ::setenv("OMP_WAIT_POLICY", "passive", 0);
}

// Replaces this process by the engine with the same arguments; returns only if that fails.
int become_engine(char** argv) {
  let_threads_sleep();
  std::error_code failure;
  const auto self = std::filesystem::read_symlink("/proc/self/exe", failure);
  const auto engine = self.parent_path() / "reckon-engine";
  if (!failure) ::execv(engine.c_str(), argv);
  fmt::print(stderr,
             "reckon: error: expected to start {}, got: {}; both programs belong together\n",
             engine.string(), failure ? failure.message() : std::strerror(errno));
  return run_failed;
}

}  // namespace
}  // namespace reckon::cli

int main(int argc, char** argv) {
  using namespace reckon;
  if (!cli::is_light(argc, argv)) return cli::become_engine(argv);
  cli::Program program;
  cli::add_grade(program.app(), program.action(), {});
  cli::add_report(program.app(), program.action());
  cli::add_sandbox(program.app(), program.action());
  cli::add_table(program.app(), program.action());
  cli::add_watch(program.app(), program.action());
  return program.run(argc, argv);
}
