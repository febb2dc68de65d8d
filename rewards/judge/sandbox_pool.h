#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "core/error.h"
#include "rewards/judge/channel.h"
#include "rewards/judge/request_kind.h"
#include "rewards/judge/worker_pool.h"

namespace reckon::rewards {

/// The threads of a judge that run programs in sandboxes. The sandbox is made by the first request;
/// if it cannot be made, every request is answered by that error. The destructor waits for what is
/// under way. One thread calls it.
class SandboxPool {
 public:
  /// `sandboxes` threads, started when they are needed.
  SandboxPool(int sandboxes, bool best_effort, const JudgeParts& parts, AnswerSink answer);
  ~SandboxPool();

  /// Asks `kind` for a verdict on `request`.
  void submit(uint64_t id, const RequestKind& kind, nlohmann::json request);

  /// Lists what to wait for.
  void prepare(PollSet& polls);

  /// Drops what was not begun. True if nothing is under way.
  bool cancel();

 private:
  struct Job;
  void work();
  std::string run(const Job& job);
  sandbox::Sandbox& sandbox();
  void hand_over();

  const int num_threads_;
  const bool best_effort_;
  const JudgeParts parts_;
  const AnswerSink answer_;
  sandbox::UniqueFd wake_;  // an eventfd, readable when there are answers
  std::once_flag made_;
  std::unique_ptr<sandbox::Sandbox> sandbox_;
  std::optional<Error> failure_;  // why there is no sandbox
  std::mutex mutex_;              // guards what follows
  std::condition_variable changed_;
  std::deque<Job> waiting_;
  std::vector<std::pair<uint64_t, std::string>> answers_;
  int busy_ = 0;
  bool ending_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace reckon::rewards
