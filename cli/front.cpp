#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <filesystem>
#include <string_view>

#include "cli/program.h"

namespace reckon::cli {
namespace {

// Commands that need no model. Loading LibTorch takes half a second and 100 MB, so they run here,
// and all others in the program reckon-engine beside this one.
constexpr std::array<std::string_view, 2> kLightCommands{"report", "sandbox"};

bool is_light(int argc, char** argv) {
  return argc > 1 &&
         std::find(kLightCommands.begin(), kLightCommands.end(), argv[1]) != kLightCommands.end();
}

// Replaces this process by the engine with the same arguments; returns only if that fails.
int become_engine(char** argv) {
  std::error_code failure;
  const auto self = std::filesystem::read_symlink("/proc/self/exe", failure);
  const auto engine = self.parent_path() / "reckon-engine";
  if (!failure) ::execv(engine.c_str(), argv);
  fmt::print(stderr, "reckon: error: expected to start {}, got: {}; both programs belong together\n",
             engine.string(), failure ? failure.message() : std::strerror(errno));
  return run_failed;
}

}  // namespace
}  // namespace reckon::cli

int main(int argc, char** argv) {
  using namespace reckon;
  if (!cli::is_light(argc, argv)) return cli::become_engine(argv);
  cli::Program program;
  cli::add_report(program.app(), program.action());
  cli::add_sandbox(program.app(), program.action());
  return program.run(argc, argv);
}
