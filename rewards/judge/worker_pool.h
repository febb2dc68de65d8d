#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "rewards/judge/channel.h"
#include "rewards/judge/frames.h"
#include "rewards/verdict.h"
#include "sandbox/child_process.h"

namespace reckon::rewards {

/// Takes the answer to the request `id`: a JSON text.
using AnswerSink = std::function<void(uint64_t id, std::string_view body)>;

/// Settings of the grading workers.
struct WorkerPoolOptions {
  int workers = 2;
  std::vector<std::string> command;          ///< starts a worker
  std::chrono::milliseconds deadline{1000};  ///< of one request
  int64_t address_space_bytes = int64_t{512} << 20;
};

/// The grading workers of a judge. Several requests are under way at a worker, 16 if they are
/// short, and it answers them in order, so that neither side waits for the other; the first of them
/// is the one it works on. One that runs past the deadline is answered by `timeout`, and its worker
/// is killed and replaced. If a worker dies, the request it worked on is tried once more, alone; a
/// second death is `worker_died`. The other requests it held are asked again. Not thread-safe.
class WorkerPool {
 public:
  WorkerPool(WorkerPoolOptions options, AnswerSink answer);

  /// Asks for `body` to be graded; the answer comes during a later `PollSet::wait`.
  void submit(uint64_t id, std::string body);

  /// Hands out waiting requests, ends what is past its deadline, and lists what to wait for.
  /// Throws Error(unsupported) if workers cannot be started.
  void prepare(PollSet& polls);

 private:
  struct Task {
    uint64_t id = 0;
    std::string body;
    int deaths = 0;  ///< of workers that worked on it
  };
  struct Worker {
    sandbox::ChildProcess process;
    Channel channel;
    FrameReader reader;
    bool ready = false;          ///< it said so
    std::deque<Task> under_way;  ///< the first is worked on
    Clock::time_point since;     ///< when work on the first began
    double cpu_since = 0.0;      ///< CPU seconds of the worker at that time
  };

  void start(Worker& worker);
  void distribute();
  void give(Worker& worker, Task task);
  Worker* least_busy();
  void receive(Worker& worker);
  void take_answers(Worker& worker);
  void begin_first(Worker& worker);
  bool is_overdue(const Worker& worker) const;
  void bury(Worker& worker, bool overdue);
  void answer_verdict(const Task& task, Reason reason);

  WorkerPoolOptions options_;
  AnswerSink answer_;
  sandbox::UniqueFd null_;
  std::vector<Worker> workers_;
  std::deque<Task> waiting_;
  std::deque<Task> alone_;      // a worker died over these
  int failed_starts_ = 0;       // in a row
  double mean_seconds_ = 0.02;  // of a request, lately
};

}  // namespace reckon::rewards
