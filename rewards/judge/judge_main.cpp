#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <charconv>
#include <cstdlib>
#include <string>
#include <string_view>

#include "core/error.h"
#include "core/log.h"
#include "rewards/judge/request_kind.h"
#include "rewards/judge/server.h"
#include "rewards/judge/worker.h"

namespace reckon::rewards {

namespace {

int read_count(std::string_view text) {
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  check(error == std::errc() && end == text.data() + text.size() && value > 0,
        ErrorCode::invalid_argument, "expected a number above 0, got {}, in reckon-judge's options",
        text);
  return value;
}

JudgeOptions read_options(int argc, char** argv) {
  JudgeOptions options;
  options.program = "/proc/self/exe";
  for (int i = 1; i < argc; ++i) {
    const std::string_view name = argv[i];
    if (name == "--best-effort") {
      options.best_effort = true;
    } else if (name == "--workers" && i + 1 < argc) {
      options.workers = read_count(argv[++i]);
    } else if (name == "--sandboxes" && i + 1 < argc) {
      options.sandboxes = read_count(argv[++i]);
    } else {
      fail(
          ErrorCode::invalid_argument,
          "expected --workers N, --sandboxes N or --best-effort, got {}, in reckon-judge's options",
          name);
    }
  }
  return options;
}

int serve(const JudgeOptions& options, const JudgeParts& parts) {
  // A handler, for an ignored signal would stay ignored in the programs that are started.
  struct sigaction broken_pipe {};
  broken_pipe.sa_handler = [](int) {};
  ::sigaction(SIGPIPE, &broken_pipe, nullptr);
  // The trainer may hold descriptors without close-on-exec, such as a driver's.
  ::close_range(3, ~0U, 0);
  sandbox::UniqueFd client(::fcntl(0, F_DUPFD_CLOEXEC, 3));
  const int null = ::open("/dev/null", O_RDWR | O_CLOEXEC);
  ::dup2(null, 0);
  ::close(null);
  Server server(std::move(client), options, parts);
  if (!server.run()) std::_Exit(0);
  return 0;
}

}  // namespace

int judge_main(int argc, char** argv, const JudgeParts& parts) {
  try {
    if (argc == 2 && std::string_view(argv[1]) == "--worker") return worker_main(parts.kinds);
    return serve(read_options(argc, argv), parts);
  } catch (const Error& error) {
    log_warning("reckon-judge: {}", error.what());
    return 1;
  }
}

}  // namespace reckon::rewards
