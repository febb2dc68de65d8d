#pragma once

#include <condition_variable>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "core/error.h"
#include "rewards/judge/channel.h"
#include "rewards/judge/frames.h"
#include "rewards/judge/judge_client.h"
#include "sandbox/child_process.h"

namespace reckon::rewards {

/// The client's line to its judge. One thread of its own, started by the first request, starts the
/// judge, writes, reads and starts it again; the threads that ask only wait.
class JudgeClient::Connection {
 public:
  explicit Connection(const JudgeOptions& options);
  ~Connection();

  /// The answers to `bodies`, in their order. Thread-safe.
  std::vector<std::string> ask(std::vector<std::string> bodies);

 private:
  struct Batch;
  struct Waiting;

  void run();
  void serve();
  void start_judge();
  void end_judge();
  void write_new();
  bool read_answers();
  void take(const Frame& frame);
  void fail_all(const Error& error);
  void ask_again();
  void wake();

  const JudgeOptions options_;
  // Of the line's own thread.
  sandbox::ChildProcess process_;
  Channel channel_;
  FrameReader reader_;
  sandbox::UniqueFd wake_;  // an eventfd: there is something new
  std::mutex mutex_;        // guards what follows
  std::condition_variable answered_;
  std::map<uint64_t, Waiting> waiting_;  // by id
  std::vector<uint64_t> unsent_;
  uint64_t next_id_ = 1;
  bool ending_ = false;
  std::thread thread_;
};

}  // namespace reckon::rewards
