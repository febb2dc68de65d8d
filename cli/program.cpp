#include "cli/program.h"

#include <fmt/format.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <new>

#include "core/build_info.h"
#include "core/error.h"

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

int exit_status(ErrorCode code) {
  return code == ErrorCode::io || code == ErrorCode::internal ? run_failed : wrong_request;
}

// A descriptor that the caller left closed would be given to the next file or socket, which other
// code then takes for standard input or output. Reading gives an end, writing an error.
void occupy_standard_descriptors() {
  for (int fd = 0; fd <= 2; ++fd) {
    if (::fcntl(fd, F_GETFD) < 0) [[maybe_unused]] const int taken = ::open("/dev/null", O_RDONLY);
  }
}

// Whether all that was printed has arrived.
bool output_is_written() {
  const bool streams = std::cout.flush().good();
  return std::fflush(stdout) == 0 && std::ferror(stdout) == 0 && streams;
}

int guarded(const Action& action, const Environment& environment) {
  try {
    const int status = action(environment);
    check(output_is_written(), ErrorCode::io,
          "expected to write to standard output, got an error: closed, or no space left");
    return status;
  } catch (const Error& error) {
    fmt::print(stderr, "reckon: error: {}\n", error.what());
    return exit_status(error.code());
  } catch (const std::bad_alloc&) {
    fmt::print(
        stderr,
        "reckon: error: out of memory; try a smaller micro_batch_tokens, prompts_per_step or "
        "max_completion_length\n");
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

Program::Program()
    : app_{"reckon teaches language models to reason by reinforcement learning (GRPO).\n\n"
           "  reckon run tiny-zero      train the small recipe and write "
           "runs/tiny-zero/report.html\n"
           "  reckon recipes            list the recipes that come with the program\n",
           "reckon"} {
  occupy_standard_descriptors();
  // A limit on the size of files then ends a write with a reason, as a full disk does.
  signal(SIGXFSZ, SIG_IGN);
  app_.set_version_flag("--version", fmt::format("reckon {} ({}, -march={}, {})", kVersion,
                                                 kBuildType, kMarch, kCompiler));
  app_.require_subcommand(1);
  app_.fallthrough();
  app_.add_option("--threads", threads_, "threads of computation; all cores if absent")
      ->check(CLI::Range(1, 1024));
}

int Program::run(int argc, char** argv, const std::function<void(const Environment&)>& prepare) {
  for (CLI::App* command : app_.get_subcommands({})) {
    command->footer("Every command takes --threads N, threads of computation; all cores if absent");
  }
  try {
    app_.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app_.exit(error) == 0 ? done : wrong_request;
  }
  const Environment environment{choose_threads(threads_), threads_ > 0,
                                isatty(STDERR_FILENO) == 1, joined(argc, argv)};
  if (prepare) prepare(environment);
  return guarded(action_, environment);
}

}  // namespace reckon::cli
