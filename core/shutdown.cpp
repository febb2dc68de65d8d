#include "core/shutdown.h"

#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstring>

#include "core/error.h"

namespace reckon {
namespace {

// A signal handler can reach nothing but a global.
std::atomic<bool> requested{false};
std::atomic<bool> interrupted{false};
static_assert(std::atomic<bool>::is_always_lock_free);

void handle_signal(int signal) {
  if (signal == SIGINT && interrupted.exchange(true)) _exit(128 + SIGINT);
  requested.store(true);
}

}  // namespace

void install_shutdown_handlers() {
  struct sigaction action = {};
  action.sa_handler = handle_signal;
  action.sa_flags = SA_RESTART;
  sigemptyset(&action.sa_mask);
  for (const int signal : {SIGINT, SIGTERM}) {
    check(sigaction(signal, &action, nullptr) == 0, ErrorCode::internal,
          "expected to install a handler for signal {}, got '{}'", signal, std::strerror(errno));
  }
}

bool shutdown_requested() { return requested.load(std::memory_order_relaxed); }

void request_shutdown() { requested.store(true); }

void clear_shutdown_request() {
  requested.store(false);
  interrupted.store(false);
}

}  // namespace reckon
