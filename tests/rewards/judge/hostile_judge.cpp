// reckon-judge with kinds that loop, abort, allocate and sleep, run by the real supervisor.
#include <unistd.h>

#include <array>
#include <atomic>
#include <cstdlib>
#include <cstring>
#include <nlohmann/json.hpp>
#include <thread>
#include <vector>

#include "core/error.h"
#include "rewards/judge/request_kind.h"

namespace {

using namespace reckon;
using namespace reckon::rewards;
using nlohmann::json;

Verdict verdict(Reason reason, std::string extracted) {
  Verdict result;
  result.reason = reason;
  result.score = score_of(reason);
  result.extracted = std::move(extracted);
  return result;
}

Verdict echo(const json& request) {
  const std::string text = request.value("text", "");
  return verdict(text == request.value("gold", "") ? Reason::equal_text : Reason::different, text);
}

Verdict loop(const json&) {
  std::atomic<int64_t> turns = 0;
  while (true) ++turns;
}

Verdict abort_now(const json&) { std::abort(); }

Verdict allocate(const json&) {
  std::vector<char*> blocks;
  while (true) {
    blocks.push_back(new char[size_t{16} << 20]);
    std::memset(blocks.back(), 1, size_t{16} << 20);
  }
}

/// Dies the first time it sees the file `once`, which it then removes.
Verdict die_once(const json& request) {
  if (::unlink(request.at("once").get<std::string>().c_str()) == 0) std::abort();
  return echo(request);
}

Verdict refuse(const json&) { fail(ErrorCode::invalid_argument, "expected better, got this"); }

/// The number of descriptors this worker has open.
Verdict descriptors(const json&) {
  std::string open;
  for (int fd = 0; fd < 1024; ++fd) {
    if (const int copy = ::dup(fd); copy >= 0) {
      ::close(copy);
      open += std::to_string(fd) + " ";
    }
  }
  return verdict(Reason::passed, open);
}

Verdict sleep_in_sandbox(sandbox::Sandbox&, const json& request) {
  std::this_thread::sleep_for(std::chrono::milliseconds(request.value("ms", 0)));
  return echo(request);
}

class NoBoxes : public sandbox::Sandbox {
 public:
  std::unique_ptr<sandbox::Box> open(const sandbox::BoxOptions&, std::string& why) override {
    why = "there are none";
    return nullptr;
  }
};

std::unique_ptr<sandbox::Sandbox> make_no_boxes(const sandbox::SandboxOptions& options) {
  check(options.require == sandbox::Require::best_effort, ErrorCode::unsupported,
        "expected bubblewrap, got none");
  return std::make_unique<NoBoxes>();
}

constexpr auto kKinds = std::to_array<RequestKind>({
    {"echo", echo, nullptr},
    {"test_loop", loop, nullptr},
    {"test_abort", abort_now, nullptr},
    {"test_allocate", allocate, nullptr},
    {"test_die_once", die_once, nullptr},
    {"test_refuse", refuse, nullptr},
    {"test_descriptors", descriptors, nullptr},
    {"test_sleep", nullptr, sleep_in_sandbox},
});

}  // namespace

int main(int argc, char** argv) { return judge_main(argc, argv, {kKinds, make_no_boxes}); }
