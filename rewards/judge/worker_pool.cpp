#include "rewards/judge/worker_pool.h"

#include <fcntl.h>
#include <time.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/error.h"
#include "core/json.h"
#include "rewards/verdict_json.h"

namespace reckon::rewards {

namespace {

constexpr double kMaxDepth = 16;
/// Requests that wait at a worker should take no longer than this together: another worker may
/// become free meanwhile.
constexpr double kQueueSeconds = 0.02;
/// The time of a request that is taken for granted after one ran late or killed its worker.
constexpr double kSlowSeconds = 0.1;
constexpr int kMaxFailedStarts = 5;
/// How often a worker that is late for want of a processor is looked at.
constexpr std::chrono::milliseconds kRecheck{20};

/// CPU time that process `pid` has used.
double cpu_seconds(pid_t pid) {
  clockid_t clock{};
  timespec time{};
  if (::clock_getcpuclockid(pid, &clock) != 0 || ::clock_gettime(clock, &time) != 0) return 0.0;
  return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

}  // namespace

WorkerPool::WorkerPool(WorkerPoolOptions options, AnswerSink answer)
    : options_(std::move(options)),
      answer_(std::move(answer)),
      null_(::open("/dev/null", O_RDWR | O_CLOEXEC)),
      workers_(static_cast<size_t>(options_.workers)) {}

void WorkerPool::submit(uint64_t id, std::string body) {
  waiting_.push_back({id, std::move(body), 0});
}

void WorkerPool::prepare(PollSet& polls) {
  for (auto& worker : workers_) {
    if (is_overdue(worker)) bury(worker, true);
  }
  distribute();
  for (auto& worker : workers_) {
    if (!worker.channel.is_open()) continue;
    if (!worker.channel.flush()) {
      bury(worker, false);
      polls.wake_at(Clock::now());
      continue;
    }
    const short events = worker.channel.has_pending() ? POLLIN | POLLOUT : POLLIN;
    polls.watch(worker.channel.fd(), events, [this, &worker] { receive(worker); });
    if (worker.under_way.empty()) continue;
    polls.wake_at(std::max(worker.since + options_.deadline, Clock::now() + kRecheck));
  }
}

void WorkerPool::start(Worker& worker) {
  auto [ours, theirs] = socket_pair();
  sandbox::ChildOptions child;
  child.argv = options_.command;
  child.input = child.output = theirs.get();
  child.error = null_.get();
  child.address_space_bytes = options_.address_space_bytes;
  worker.process = sandbox::ChildProcess(child);
  worker.channel = Channel(std::move(ours));
  worker.reader = FrameReader();
  worker.ready = false;
  worker.since = Clock::now();
}

void WorkerPool::distribute() {
  if (waiting_.empty() && alone_.empty()) return;
  for (auto& worker : workers_) {
    if (!worker.channel.is_open()) start(worker);
  }
  // Those that a worker died over get a worker of their own: everything drains until one is free.
  while (!alone_.empty()) {
    Worker* worker = least_busy();
    if (!worker || !worker->under_way.empty()) return;
    give(*worker, std::move(alone_.front()));
    alone_.pop_front();
  }
  const auto depth = static_cast<size_t>(std::clamp(kQueueSeconds / mean_seconds_, 1.0, kMaxDepth));
  while (!waiting_.empty()) {
    Worker* worker = least_busy();
    if (!worker || worker->under_way.size() >= depth) return;
    give(*worker, std::move(waiting_.front()));
    waiting_.pop_front();
  }
}

WorkerPool::Worker* WorkerPool::least_busy() {
  Worker* best = nullptr;
  for (auto& worker : workers_) {
    const bool closed = !worker.under_way.empty() && worker.under_way.front().deaths > 0;
    if (!worker.ready || closed) continue;
    if (!best || worker.under_way.size() < best->under_way.size()) best = &worker;
  }
  return best;
}

void WorkerPool::give(Worker& worker, Task task) {
  append_frame(worker.channel.pending(), task.id, task.body);
  worker.under_way.push_back(std::move(task));
  if (worker.under_way.size() == 1) begin_first(worker);
}

void WorkerPool::receive(Worker& worker) {
  std::string bytes;
  const bool open = worker.channel.receive(bytes);
  worker.reader.add(bytes);
  try {
    take_answers(worker);
  } catch (const Error&) {
    bury(worker, false);  // it wrote what is no frame
    return;
  }
  if (!open) bury(worker, false);
}

void WorkerPool::take_answers(Worker& worker) {
  while (const auto frame = worker.reader.next()) {
    if (frame->id == 0 && !worker.ready) {
      worker.ready = true;
      failed_starts_ = 0;
      continue;
    }
    check(!worker.under_way.empty() && frame->id == worker.under_way.front().id, ErrorCode::corrupt,
          "expected an answer to the request, got one to {}, from a worker", frame->id);
    answer_(frame->id, frame->body);
    worker.under_way.pop_front();
    const std::chrono::duration<double> took = Clock::now() - worker.since;
    mean_seconds_ += (took.count() - mean_seconds_) / 8;
    begin_first(worker);
  }
}

void WorkerPool::begin_first(Worker& worker) {
  worker.since = Clock::now();
  worker.cpu_since = cpu_seconds(worker.process.pid());
}

bool WorkerPool::is_overdue(const Worker& worker) const {
  if (worker.under_way.empty()) return false;
  const auto time = Clock::now() - worker.since;
  if (time < options_.deadline) return false;
  // A verdict must not depend on what else the machine does: a worker that hardly ran gets longer.
  const std::chrono::duration<double> used(cpu_seconds(worker.process.pid()) - worker.cpu_since);
  return used >= options_.deadline / 2 || time >= 3 * options_.deadline;
}

void WorkerPool::bury(Worker& worker, bool overdue) {
  worker.process.kill();
  worker.process.wait();
  worker.channel.close();
  if (!worker.ready) {
    ++failed_starts_;
    check(failed_starts_ < kMaxFailedStarts, ErrorCode::unsupported,
          "expected grading workers that start, got {} in a row that died at once", failed_starts_);
  }
  worker.ready = false;
  if (worker.under_way.empty()) return;
  mean_seconds_ = kSlowSeconds;
  // Step 1. The first is the one it worked on.
  Task first = std::move(worker.under_way.front());
  worker.under_way.pop_front();
  if (overdue) {
    answer_verdict(first, Reason::timeout);
  } else if (++first.deaths >= 2) {
    answer_verdict(first, Reason::worker_died);
  } else {
    alone_.push_back(std::move(first));
  }
  // Step 2. The others go back to where they came from, in their order.
  while (!worker.under_way.empty()) {
    waiting_.push_front(std::move(worker.under_way.back()));
    worker.under_way.pop_back();
  }
}

void WorkerPool::answer_verdict(const Task& task, Reason reason) {
  Verdict verdict;
  verdict.reason = reason;
  verdict.score = score_of(reason);
  answer_(task.id, json_text(verdict_json(verdict)));
}

}  // namespace reckon::rewards
