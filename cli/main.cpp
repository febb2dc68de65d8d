#include <malloc.h>

#include <cstdlib>

#include "cli/grade_recipe.h"
#include "cli/program.h"
#include "core/error.h"

namespace reckon::cli {
namespace {

// Large tensors are made and dropped thousands of times: keep their memory instead of giving it
// back to the system and faulting it in again.
void keep_freed_memory() {
  mallopt(M_MMAP_THRESHOLD, 1 << 30);
  mallopt(M_TRIM_THRESHOLD, 2'000'000'000);
  mallopt(M_TOP_PAD, 64 << 20);
}

// The same action with LibTorch's errors told as ours.
Action translated(const Action& action) {
  return [action](const Environment& environment) {
    try {
      return action(environment);
    } catch (const c10::Error& error) {
      const std::string text = error.what_without_backtrace();
      fail(ErrorCode::internal, "{} (from LibTorch)", text.substr(0, text.find('\n')));
    }
  };
}

}  // namespace

void set_threads(int threads) { at::set_num_threads(threads); }

}  // namespace reckon::cli

// The program behind `reckon` for every command that needs LibTorch (see cli/front.cpp).
int main(int argc, char** argv) {
  using namespace reckon;
  // Read by the OpenMP and MKL runtimes when they start: the number of threads must not float.
  setenv("OMP_DYNAMIC", "false", 1);
  setenv("MKL_DYNAMIC", "false", 1);
  cli::keep_freed_memory();
  cli::Program program;
  cli::add_run(program.app(), program.action());
  cli::add_eval(program.app(), program.action());
  cli::add_generate(program.app(), program.action());
  cli::add_convert(program.app(), program.action());
  cli::add_grade(program.app(), program.action(), cli::recipe_rewards);
  cli::add_logprobs(program.app(), program.action());
  cli::add_report(program.app(), program.action());
  cli::add_recipes(program.app(), program.action());
  cli::add_sandbox(program.app(), program.action());
  cli::add_table(program.app(), program.action());
  cli::add_watch(program.app(), program.action());
  cli::add_tokenize(program.app(), program.action());
  return program.run(argc, argv, [&](const cli::Environment& environment) {
    cli::set_threads(environment.threads);
    at::set_num_interop_threads(1);
    program.action() = cli::translated(program.action());
  });
}
