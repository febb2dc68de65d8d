#include "rewards/judge/sandbox_pool.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <nlohmann/json.hpp>

#include "core/json.h"
#include "rewards/judge/answer_json.h"
#include "rewards/verdict_json.h"

namespace reckon::rewards {

struct SandboxPool::Job {
  uint64_t id = 0;
  const RequestKind* kind = nullptr;
  nlohmann::json request;
};

SandboxPool::SandboxPool(int sandboxes, bool best_effort, const JudgeParts& parts,
                         AnswerSink answer)
    : num_threads_(sandboxes),
      best_effort_(best_effort),
      parts_(parts),
      answer_(std::move(answer)),
      wake_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}

SandboxPool::~SandboxPool() {
  cancel();
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  changed_.notify_all();
  for (auto& thread : threads_) thread.join();
}

void SandboxPool::submit(uint64_t id, const RequestKind& kind, nlohmann::json request) {
  {
    const std::lock_guard lock(mutex_);
    waiting_.push_back({id, &kind, std::move(request)});
  }
  changed_.notify_one();
  if (threads_.size() < static_cast<size_t>(num_threads_)) {
    threads_.emplace_back([this] { work(); });
  }
}

void SandboxPool::prepare(PollSet& polls) {
  polls.watch(wake_.get(), POLLIN, [this] { hand_over(); });
}

bool SandboxPool::cancel() {
  const std::lock_guard lock(mutex_);
  waiting_.clear();
  return busy_ == 0;
}

void SandboxPool::work() {
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [this] { return ending_ || !waiting_.empty(); });
    if (ending_) return;
    const Job job = std::move(waiting_.front());
    waiting_.pop_front();
    ++busy_;
    lock.unlock();
    std::string body = run(job);
    lock.lock();
    --busy_;
    answers_.emplace_back(job.id, std::move(body));
    const uint64_t one = 1;
    [[maybe_unused]] const auto written = ::write(wake_.get(), &one, sizeof one);
  }
}

std::string SandboxPool::run(const Job& job) {
  try {
    return json_text(verdict_json(job.kind->in_sandbox(sandbox(), job.request)));
  } catch (const Error& error) {
    return json_text(error_json(error));
  } catch (const std::exception& error) {
    return json_text(error_json(Error(ErrorCode::invalid_argument, error.what())));
  }
}

sandbox::Sandbox& SandboxPool::sandbox() {
  std::call_once(made_, [this] {
    try {
      sandbox::SandboxOptions options;
      options.require = best_effort_ ? sandbox::Require::best_effort : sandbox::Require::strict;
      // A program may have several boxes open at once (calls, tests that are code and the program
      // under them, a checker): nobody may wait for a box that another waiting thread holds.
      constexpr int kBoxesOfOne = 4;
      options.slots = kBoxesOfOne * num_threads_;
      sandbox_ = parts_.make_sandbox(options);
    } catch (const Error& error) {
      failure_ = error;
    }
  });
  if (failure_) throw *failure_;
  return *sandbox_;
}

void SandboxPool::hand_over() {
  uint64_t count = 0;
  [[maybe_unused]] const auto read = ::read(wake_.get(), &count, sizeof count);
  std::vector<std::pair<uint64_t, std::string>> answers;
  {
    const std::lock_guard lock(mutex_);
    answers.swap(answers_);
  }
  for (const auto& [id, body] : answers) answer_(id, body);
}

}  // namespace reckon::rewards
