#include <malloc.h>
#include <sched.h>
#include <signal.h>
#include <unistd.h>

#include <cstdlib>
#include <new>

#include "cli/command.h"
#include "core/build_info.h"
#include "core/error.h"
#include "core/shutdown.h"

namespace reckon::cli {
namespace {

// Cores this process may use.
int available_cores() {
  cpu_set_t set;
  CPU_ZERO(&set);
  if (sched_getaffinity(0, sizeof set, &set) != 0) return 1;
  return std::max(1, CPU_COUNT(&set));
}

// --threads, else OMP_NUM_THREADS, else all cores.
int choose_threads(int asked) {
  if (asked > 0) return asked;
  if (const char* text = std::getenv("OMP_NUM_THREADS")) {
    const int threads = std::atoi(text);
    if (threads > 0) return threads;
  }
  return available_cores();
}

// Large tensors are made and dropped thousands of times: keep their memory instead of giving it
// back to the system and faulting it in again.
void keep_freed_memory() {
  mallopt(M_MMAP_THRESHOLD, 1 << 30);
  mallopt(M_TRIM_THRESHOLD, 2'000'000'000);
  mallopt(M_TOP_PAD, 64 << 20);
}

int exit_status(ErrorCode code) {
  return code == ErrorCode::io || code == ErrorCode::internal ? run_failed : wrong_request;
}

// Runs the action; whatever goes wrong becomes one message on standard error.
int guarded(const Action& action, const Environment& environment) {
  try {
    return action(environment);
  } catch (const Error& error) {
    fmt::print(stderr, "reckon: error: {}\n", error.what());
    return exit_status(error.code());
  } catch (const std::bad_alloc&) {
    fmt::print(
        stderr,
        "reckon: error: out of memory; try a smaller micro_batch_tokens, prompts_per_step or "
        "max_completion_length\n");
    return run_failed;
  } catch (const c10::Error& error) {
    const std::string text = error.what_without_backtrace();
    fmt::print(stderr, "reckon: error: {} (from LibTorch)\n", text.substr(0, text.find('\n')));
    return run_failed;
  } catch (const std::exception& error) {
    fmt::print(stderr, "reckon: error: {}\n", error.what());
    return run_failed;
  }
}

std::string joined(int argc, char** argv) {
  std::string text = "reckon";
  for (int i = 1; i < argc; ++i) text += std::string(" ") + argv[i];
  return text;
}

}  // namespace

void set_threads(int threads) { at::set_num_threads(threads); }

}  // namespace reckon::cli

int main(int argc, char** argv) {
  using namespace reckon;
  // Read by the OpenMP and MKL runtimes when they start: the number of threads must not float.
  setenv("OMP_DYNAMIC", "false", 1);
  setenv("MKL_DYNAMIC", "false", 1);
  cli::keep_freed_memory();
  // A limit on the size of files then ends a write with a reason, as a full disk does.
  signal(SIGXFSZ, SIG_IGN);

  CLI::App app{
      "reckon teaches language models to reason by reinforcement learning (GRPO).\n\n"
      "  reckon run tiny-zero      train the small recipe and write runs/tiny-zero/report.html\n"
      "  reckon recipes            list the recipes that come with the program\n"};
  app.set_version_flag("--version", fmt::format("reckon {} ({}, -march={}, {})", kVersion,
                                                kBuildType, kMarch, kCompiler));
  app.require_subcommand(1);
  app.fallthrough();
  int threads = 0;
  app.add_option("--threads", threads, "threads of computation; all cores if absent")
      ->check(CLI::Range(1, 1024));
  cli::Action action;
  cli::add_run(app, action);
  cli::add_eval(app, action);
  cli::add_generate(app, action);
  cli::add_convert(app, action);
  cli::add_grade(app, action);
  cli::add_logprobs(app, action);
  cli::add_report(app, action);
  cli::add_recipes(app, action);
  cli::add_tokenize(app, action);
  cli::add_sandbox(app, action);
  for (CLI::App* command : app.get_subcommands({})) {
    command->footer("Every command takes --threads N, threads of computation; all cores if absent");
  }
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? cli::done : cli::wrong_request;
  }
  cli::Environment environment{cli::choose_threads(threads), threads > 0,
                               isatty(STDERR_FILENO) == 1, cli::joined(argc, argv)};
  cli::set_threads(environment.threads);
  at::set_num_interop_threads(1);
  return cli::guarded(action, environment);
}
